-- call_facts: append-only statements about calls. A row with sign 1 states, the same row with sign -1 takes back.
--
-- Sum `measure * sign`; the calls that hold are those with sum(sign) = 1 per key. Merging drops pairs that cancel each
-- other, which changes no sum and no list. Every row of one call comes from one partition of the topic, so the pairs
-- always meet in the order in which they were said.
--
-- The index finds one call by its id, which only stands at the end of the key.
--
-- _insert_by bounds how late an insert may arrive: one that was held back longer than its token is remembered is
-- refused. The deduplication window counts table partitions of blocks: clickhouse/loader/windows.py says how many.
CREATE TABLE IF NOT EXISTS call_facts_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    server LowCardinality(String) COMMENT 'Telephony server',
    gateway LowCardinality(String) COMMENT 'Account through which the call came or went; empty for internal calls',
    number LowCardinality(String) COMMENT 'Advertised number of the line; empty where no line is known',
    id String COMMENT 'Id of the call, unique on its server' CODEC(ZSTD(1)),
    phone String COMMENT 'Phone in E.164; empty where there is no valid one' CODEC(ZSTD(1)),
    direction LowCardinality(String) COMMENT 'inbound, outbound or internal',
    counted UInt8 COMMENT '1 if the call counts in calls',
    reason LowCardinality(String) COMMENT 'Why it does not count; empty where it does',
    started_at DateTime64(3, 'UTC') COMMENT 'Earliest start of its legs' CODEC(Delta, ZSTD(1)),
    ended_at DateTime64(3, 'UTC') COMMENT 'End of the call' CODEC(Delta, ZSTD(1)),
    answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First answer; NULL if there was none' CODEC(Delta, ZSTD(1)),
    local_time DateTime('UTC') COMMENT 'Wall clock of the service at the start, written as if it were UTC' CODEC(Delta, ZSTD(1)),
    utc_offset_min Int16 COMMENT 'How far that wall clock was ahead of UTC, in minutes' CODEC(ZSTD(1)),
    legs String COMMENT 'Its first 200 legs, JSON: [[record_id, direction, gateway, caller, callee, started, answered, ended (ms after started_at), answered_by, agent], ...]' CODEC(ZSTD(3)),
    bridged LowCardinality(String) COMMENT 'JSON list of the organisations that its gateways lead to, where these are several; else empty',
    calls Int8 COMMENT 'Counted inbound call' CODEC(ZSTD(1)),
    calls_answered Int8 COMMENT 'Answered by a person' CODEC(ZSTD(1)),
    calls_missed Int8 COMMENT 'Not answered, and not short' CODEC(ZSTD(1)),
    calls_short Int8 COMMENT 'Not answered, and given up at once' CODEC(ZSTD(1)),
    calls_no_number Int8 COMMENT 'Counted, without a valid phone' CODEC(ZSTD(1)),
    calls_outbound Int8 COMMENT 'Outbound, not to another own server' CODEC(ZSTD(1)),
    calls_staff Int8 COMMENT 'Inbound, from a staff number' CODEC(ZSTD(1)),
    wait_answered_ms Int64 COMMENT 'Start to first answer, of answered calls, ms' CODEC(T64, ZSTD(1)),
    wait_missed_ms Int64 COMMENT 'Start to end, of missed calls, ms' CODEC(T64, ZSTD(1)),
    talk_ms Int64 COMMENT 'Time connected to a person, of answered calls, ms' CODEC(T64, ZSTD(1)),
    new_callers_service Int8 COMMENT 'First counted call of the phone in the service' CODEC(ZSTD(1)),
    new_callers_organisation Int8 COMMENT 'First counted call of the phone in the organisation' CODEC(ZSTD(1)),
    unknown_callers_service Int8 COMMENT 'First in the service, of a phone that may be older than the records' CODEC(ZSTD(1)),
    unknown_callers_organisation Int8 COMMENT 'First in the organisation, of a phone that may be older than the records' CODEC(ZSTD(1)),
    contacts Int8 COMMENT 'First call of a contact' CODEC(ZSTD(1)),
    contacts_missed Int8 COMMENT 'First call of a contact with a missed call and none answered' CODEC(ZSTD(1)),
    contacts_recovered Int8 COMMENT 'The same, reached, answered or with an order soon after' CODEC(ZSTD(1)),
    contacts_lost Int8 COMMENT 'The same, and not recovered' CODEC(ZSTD(1)),
    contacts_demand Int8 COMMENT 'First call of a contact of a phone without an open order' CODEC(ZSTD(1)),
    contacts_converted Int8 COMMENT 'The same, with an order that one of its calls brought' CODEC(ZSTD(1)),
    sign Int8 COMMENT '1 states the row, -1 takes it back' CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') COMMENT 'When the raw record behind it was seen' CODEC(Delta, ZSTD(1)),
    _partition UInt16 COMMENT 'Partition of the facts topic' CODEC(ZSTD(1)),
    _offset UInt64 COMMENT 'Offset in that partition' CODEC(Delta, ZSTD(1)),
    _insert_by DateTime64(3, 'UTC') COMMENT 'Refused if it arrives later' CODEC(Delta, ZSTD(1)),
    INDEX ids id TYPE bloom_filter(0.01) GRANULARITY 4,
    CONSTRAINT insert_in_time CHECK now64(3) < _insert_by
)
ENGINE = ${replicated}CollapsingMergeTree(sign)
PARTITION BY toYYYYMM(local_time)
PRIMARY KEY (organisation, service, local_time)
ORDER BY (organisation, service, local_time, server, id)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Signed facts about calls';
