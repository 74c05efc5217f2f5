-- Orders of two organisations that the directory does not know may have one id and one second: only the word by which
-- each was called tells them apart, and it stands in `unmapped`. Under one key a merge would make one fact of the two.
--
-- Only for generations that hold nothing yet, because the order of a table cannot be changed; the next rebuild begins
-- one. Cut off, it begins anew.

DROP TABLE IF EXISTS feed_orders_hourly_g$generation $on_cluster SYNC;
DROP TABLE IF EXISTS order_facts_g$generation $on_cluster SYNC;

CREATE TABLE IF NOT EXISTS order_facts_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    server LowCardinality(String) COMMENT 'Telephony server of the call that brought it; empty where none is known',
    gateway LowCardinality(String) COMMENT 'Account through which that call came; empty where none is known',
    number LowCardinality(String) COMMENT 'Advertised number that was called; empty where none is known',
    id String COMMENT 'Id of the order, unique in its organisation' CODEC(ZSTD(1)),
    phone String COMMENT 'Phone in E.164; empty where there is no valid one' CODEC(ZSTD(1)),
    source LowCardinality(String) COMMENT 'Where it was made: operator, handheld, website, app, partner, ...',
    state LowCardinality(String) COMMENT 'Its latest state',
    created_at DateTime64(3, 'UTC') COMMENT 'When it was made' CODEC(Delta, ZSTD(1)),
    closed_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it came to an end; NULL while it is open' CODEC(Delta, ZSTD(1)),
    pickup_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the client wants the car; NULL for at once' CODEC(Delta, ZSTD(1)),
    local_time DateTime('UTC') COMMENT 'Wall clock of the service at the creation, written as if it were UTC' CODEC(Delta, ZSTD(1)),
    utc_offset_min Int16 COMMENT 'How far that wall clock was ahead of UTC, in minutes' CODEC(ZSTD(1)),
    price Nullable(Int64) COMMENT 'Price in minor units; NULL where none is given' CODEC(ZSTD(1)),
    currency LowCardinality(String) COMMENT 'Currency of the price; empty where none is given',
    attribution LowCardinality(String) COMMENT 'How sure the call is: A, B, C, D (none found); empty for sources other than operator',
    call String COMMENT 'Server/id of the call it is attributed to; empty where there is none' CODEC(ZSTD(1)),
    unmapped String COMMENT 'JSON object of its words that the directory does not know; empty where it knows all' CODEC(ZSTD(1)),
    orders Int8 COMMENT 'An order: always 1' CODEC(ZSTD(1)),
    orders_completed Int8 COMMENT 'Its latest state is completed' CODEC(ZSTD(1)),
    orders_cancelled Int8 COMMENT 'Its latest state is cancelled' CODEC(ZSTD(1)),
    orders_no_car Int8 COMMENT 'Its latest state is no_car' CODEC(ZSTD(1)),
    orders_no_show Int8 COMMENT 'Its latest state is no_show' CODEC(ZSTD(1)),
    orders_open Int8 COMMENT 'Its latest state is any other' CODEC(ZSTD(1)),
    new_clients_service Int8 COMMENT 'First completed order of the phone in the service' CODEC(ZSTD(1)),
    new_clients_organisation Int8 COMMENT 'First completed order of the phone in the organisation' CODEC(ZSTD(1)),
    unknown_clients_service Int8 COMMENT 'First completed in the service, of a phone that may be older than the records' CODEC(ZSTD(1)),
    unknown_clients_organisation Int8 COMMENT 'First completed in the organisation, of a phone that may be older than the records' CODEC(ZSTD(1)),
    new_ordering_clients_service Int8 COMMENT 'First order of the phone in the service' CODEC(ZSTD(1)),
    new_ordering_clients_organisation Int8 COMMENT 'First order of the phone in the organisation' CODEC(ZSTD(1)),
    unknown_ordering_clients_service Int8 COMMENT 'First in the service, of a phone that may be older than the records' CODEC(ZSTD(1)),
    unknown_ordering_clients_organisation Int8 COMMENT 'First in the organisation, of a phone that may be older than the records' CODEC(ZSTD(1)),
    reactivated_clients Int8 COMMENT 'Completed after a long silence of a phone that had completed one before' CODEC(ZSTD(1)),
    revenue Int64 COMMENT 'Price, if completed and in the currency of the organisation, minor units' CODEC(T64, ZSTD(1)),
    attributed_a Int8 COMMENT 'Level A: made from the card of a counted call' CODEC(ZSTD(1)),
    attributed_b Int8 COMMENT 'Level B: a call of the phone to the service about that time' CODEC(ZSTD(1)),
    attributed_c Int8 COMMENT 'Level C: a call of the phone to another service about that time' CODEC(ZSTD(1)),
    attributed_d Int8 COMMENT 'Level D: no call found' CODEC(ZSTD(1)),
    sign Int8 COMMENT '1 states the row, -1 takes it back' CODEC(ZSTD(1)),
    observed_at DateTime64(3, 'UTC') COMMENT 'When the raw record behind it was seen' CODEC(Delta, ZSTD(1)),
    _partition UInt16 COMMENT 'Partition of the facts topic' CODEC(ZSTD(1)),
    _offset UInt64 COMMENT 'Offset in that partition' CODEC(Delta, ZSTD(1)),
    _insert_by DateTime64(3, 'UTC') COMMENT 'Refused if it arrives later' CODEC(Delta, ZSTD(1)),
    CONSTRAINT insert_in_time CHECK now64(3) < _insert_by
)
ENGINE = ${replicated}CollapsingMergeTree(sign)
PARTITION BY toYYYYMM(local_time)
PRIMARY KEY (organisation, service, local_time)
ORDER BY (organisation, service, local_time, id, unmapped)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Signed facts about orders';

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_orders_hourly_g$generation $on_cluster TO orders_hourly_g$generation AS
SELECT
    f.organisation AS organisation,
    f.service AS service,
    toStartOfHour(f.local_time) AS time,
    f.server AS server,
    f.gateway AS gateway,
    f.number AS number,
    f.source AS source,
    f.state AS state,
    f.utc_offset_min AS utc_offset_min,
    sum(f.orders * f.sign) AS orders,
    sum(f.orders_completed * f.sign) AS orders_completed,
    sum(f.orders_cancelled * f.sign) AS orders_cancelled,
    sum(f.orders_no_car * f.sign) AS orders_no_car,
    sum(f.orders_no_show * f.sign) AS orders_no_show,
    sum(f.orders_open * f.sign) AS orders_open,
    sum(f.new_clients_service * f.sign) AS new_clients_service,
    sum(f.new_clients_organisation * f.sign) AS new_clients_organisation,
    sum(f.unknown_clients_service * f.sign) AS unknown_clients_service,
    sum(f.unknown_clients_organisation * f.sign) AS unknown_clients_organisation,
    sum(f.new_ordering_clients_service * f.sign) AS new_ordering_clients_service,
    sum(f.new_ordering_clients_organisation * f.sign) AS new_ordering_clients_organisation,
    sum(f.unknown_ordering_clients_service * f.sign) AS unknown_ordering_clients_service,
    sum(f.unknown_ordering_clients_organisation * f.sign) AS unknown_ordering_clients_organisation,
    sum(f.reactivated_clients * f.sign) AS reactivated_clients,
    sum(f.revenue * f.sign) AS revenue,
    sum(f.attributed_a * f.sign) AS attributed_a,
    sum(f.attributed_b * f.sign) AS attributed_b,
    sum(f.attributed_c * f.sign) AS attributed_c,
    sum(f.attributed_d * f.sign) AS attributed_d
FROM order_facts_g$generation AS f
GROUP BY organisation, service, time, server, gateway, number, source, state, utc_offset_min;
