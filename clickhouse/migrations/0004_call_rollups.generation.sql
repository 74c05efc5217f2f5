-- Calls summed per hour, day, week and month of the service's wall clock, by gateway and number.
--
-- Each rollup is a table and, apart from it, the view that fills it: facts -> hour -> day -> week and month. Measures are
-- sums of `measure * sign`, so corrections subtract. The histograms count calls per bucket; a bucket's key is its lower
-- edge in milliseconds, and its width is 1/16 of the power of two below it (clickhouse/histogram.py).

CREATE TABLE IF NOT EXISTS calls_hourly_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    time DateTime('UTC') COMMENT 'Start of the hour, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server',
    gateway LowCardinality(String) COMMENT 'Account on the server; empty for internal calls',
    number LowCardinality(String) COMMENT 'Advertised number of the line; empty where no line is known',
    utc_offset_min Int16 COMMENT 'How far that wall clock was ahead of UTC, in minutes' CODEC(ZSTD(1)),
    calls SimpleAggregateFunction(sum, Int64) COMMENT 'Counted inbound calls' CODEC(T64, ZSTD(1)),
    calls_answered SimpleAggregateFunction(sum, Int64) COMMENT 'Calls answered by a person' CODEC(T64, ZSTD(1)),
    calls_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered, short ones aside' CODEC(T64, ZSTD(1)),
    calls_short SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered and given up at once' CODEC(T64, ZSTD(1)),
    calls_no_number SimpleAggregateFunction(sum, Int64) COMMENT 'Calls without a valid phone' CODEC(T64, ZSTD(1)),
    calls_outbound SimpleAggregateFunction(sum, Int64) COMMENT 'Outbound calls, those to own servers aside' CODEC(T64, ZSTD(1)),
    calls_staff SimpleAggregateFunction(sum, Int64) COMMENT 'Calls from staff numbers; not part of calls' CODEC(T64, ZSTD(1)),
    wait_answered_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of answered calls, ms' CODEC(T64, ZSTD(1)),
    wait_missed_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of missed calls, ms' CODEC(T64, ZSTD(1)),
    talk_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Talking, ms' CODEC(T64, ZSTD(1)),
    new_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the service for the first time' CODEC(T64, ZSTD(1)),
    new_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the organisation for the first time' CODEC(T64, ZSTD(1)),
    unknown_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    contacts SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts, by their first call' CODEC(T64, ZSTD(1)),
    contacts_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts with a missed call and none answered' CODEC(T64, ZSTD(1)),
    contacts_recovered SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were reached, answered or ordered soon after' CODEC(T64, ZSTD(1)),
    contacts_lost SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were not recovered' CODEC(T64, ZSTD(1)),
    contacts_demand SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts of phones without an open order' CODEC(T64, ZSTD(1)),
    contacts_converted SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts without an open order that brought one' CODEC(T64, ZSTD(1)),
    wait_answered_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    wait_missed_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Missed calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    talk_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by talking time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYear(time)
ORDER BY (organisation, service, time, server, gateway, number, utc_offset_min)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Calls per hour';

CREATE TABLE IF NOT EXISTS calls_daily_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    time Date COMMENT 'Day, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server',
    gateway LowCardinality(String) COMMENT 'Account on the server; empty for internal calls',
    number LowCardinality(String) COMMENT 'Advertised number of the line; empty where no line is known',
    calls SimpleAggregateFunction(sum, Int64) COMMENT 'Counted inbound calls' CODEC(T64, ZSTD(1)),
    calls_answered SimpleAggregateFunction(sum, Int64) COMMENT 'Calls answered by a person' CODEC(T64, ZSTD(1)),
    calls_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered, short ones aside' CODEC(T64, ZSTD(1)),
    calls_short SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered and given up at once' CODEC(T64, ZSTD(1)),
    calls_no_number SimpleAggregateFunction(sum, Int64) COMMENT 'Calls without a valid phone' CODEC(T64, ZSTD(1)),
    calls_outbound SimpleAggregateFunction(sum, Int64) COMMENT 'Outbound calls, those to own servers aside' CODEC(T64, ZSTD(1)),
    calls_staff SimpleAggregateFunction(sum, Int64) COMMENT 'Calls from staff numbers; not part of calls' CODEC(T64, ZSTD(1)),
    wait_answered_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of answered calls, ms' CODEC(T64, ZSTD(1)),
    wait_missed_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of missed calls, ms' CODEC(T64, ZSTD(1)),
    talk_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Talking, ms' CODEC(T64, ZSTD(1)),
    new_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the service for the first time' CODEC(T64, ZSTD(1)),
    new_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the organisation for the first time' CODEC(T64, ZSTD(1)),
    unknown_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    contacts SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts, by their first call' CODEC(T64, ZSTD(1)),
    contacts_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts with a missed call and none answered' CODEC(T64, ZSTD(1)),
    contacts_recovered SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were reached, answered or ordered soon after' CODEC(T64, ZSTD(1)),
    contacts_lost SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were not recovered' CODEC(T64, ZSTD(1)),
    contacts_demand SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts of phones without an open order' CODEC(T64, ZSTD(1)),
    contacts_converted SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts without an open order that brought one' CODEC(T64, ZSTD(1)),
    wait_answered_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    wait_missed_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Missed calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    talk_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by talking time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYear(time)
ORDER BY (organisation, service, time, server, gateway, number)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Calls per day';

CREATE TABLE IF NOT EXISTS calls_weekly_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    time Date COMMENT 'Monday of the week, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server',
    gateway LowCardinality(String) COMMENT 'Account on the server; empty for internal calls',
    number LowCardinality(String) COMMENT 'Advertised number of the line; empty where no line is known',
    calls SimpleAggregateFunction(sum, Int64) COMMENT 'Counted inbound calls' CODEC(T64, ZSTD(1)),
    calls_answered SimpleAggregateFunction(sum, Int64) COMMENT 'Calls answered by a person' CODEC(T64, ZSTD(1)),
    calls_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered, short ones aside' CODEC(T64, ZSTD(1)),
    calls_short SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered and given up at once' CODEC(T64, ZSTD(1)),
    calls_no_number SimpleAggregateFunction(sum, Int64) COMMENT 'Calls without a valid phone' CODEC(T64, ZSTD(1)),
    calls_outbound SimpleAggregateFunction(sum, Int64) COMMENT 'Outbound calls, those to own servers aside' CODEC(T64, ZSTD(1)),
    calls_staff SimpleAggregateFunction(sum, Int64) COMMENT 'Calls from staff numbers; not part of calls' CODEC(T64, ZSTD(1)),
    wait_answered_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of answered calls, ms' CODEC(T64, ZSTD(1)),
    wait_missed_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of missed calls, ms' CODEC(T64, ZSTD(1)),
    talk_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Talking, ms' CODEC(T64, ZSTD(1)),
    new_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the service for the first time' CODEC(T64, ZSTD(1)),
    new_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the organisation for the first time' CODEC(T64, ZSTD(1)),
    unknown_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    contacts SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts, by their first call' CODEC(T64, ZSTD(1)),
    contacts_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts with a missed call and none answered' CODEC(T64, ZSTD(1)),
    contacts_recovered SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were reached, answered or ordered soon after' CODEC(T64, ZSTD(1)),
    contacts_lost SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were not recovered' CODEC(T64, ZSTD(1)),
    contacts_demand SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts of phones without an open order' CODEC(T64, ZSTD(1)),
    contacts_converted SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts without an open order that brought one' CODEC(T64, ZSTD(1)),
    wait_answered_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    wait_missed_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Missed calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    talk_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by talking time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYear(time)
ORDER BY (organisation, service, time, server, gateway, number)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Calls per week';

CREATE TABLE IF NOT EXISTS calls_monthly_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    time Date COMMENT 'First day of the month, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server',
    gateway LowCardinality(String) COMMENT 'Account on the server; empty for internal calls',
    number LowCardinality(String) COMMENT 'Advertised number of the line; empty where no line is known',
    calls SimpleAggregateFunction(sum, Int64) COMMENT 'Counted inbound calls' CODEC(T64, ZSTD(1)),
    calls_answered SimpleAggregateFunction(sum, Int64) COMMENT 'Calls answered by a person' CODEC(T64, ZSTD(1)),
    calls_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered, short ones aside' CODEC(T64, ZSTD(1)),
    calls_short SimpleAggregateFunction(sum, Int64) COMMENT 'Calls not answered and given up at once' CODEC(T64, ZSTD(1)),
    calls_no_number SimpleAggregateFunction(sum, Int64) COMMENT 'Calls without a valid phone' CODEC(T64, ZSTD(1)),
    calls_outbound SimpleAggregateFunction(sum, Int64) COMMENT 'Outbound calls, those to own servers aside' CODEC(T64, ZSTD(1)),
    calls_staff SimpleAggregateFunction(sum, Int64) COMMENT 'Calls from staff numbers; not part of calls' CODEC(T64, ZSTD(1)),
    wait_answered_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of answered calls, ms' CODEC(T64, ZSTD(1)),
    wait_missed_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Waiting of missed calls, ms' CODEC(T64, ZSTD(1)),
    talk_ms SimpleAggregateFunction(sum, Int64) COMMENT 'Talking, ms' CODEC(T64, ZSTD(1)),
    new_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the service for the first time' CODEC(T64, ZSTD(1)),
    new_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones that called the organisation for the first time' CODEC(T64, ZSTD(1)),
    unknown_callers_service SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_callers_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First calls to the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    contacts SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts, by their first call' CODEC(T64, ZSTD(1)),
    contacts_missed SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts with a missed call and none answered' CODEC(T64, ZSTD(1)),
    contacts_recovered SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were reached, answered or ordered soon after' CODEC(T64, ZSTD(1)),
    contacts_lost SimpleAggregateFunction(sum, Int64) COMMENT 'Missed contacts that were not recovered' CODEC(T64, ZSTD(1)),
    contacts_demand SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts of phones without an open order' CODEC(T64, ZSTD(1)),
    contacts_converted SimpleAggregateFunction(sum, Int64) COMMENT 'Contacts without an open order that brought one' CODEC(T64, ZSTD(1)),
    wait_answered_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    wait_missed_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Missed calls by waiting time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1)),
    talk_histogram SimpleAggregateFunction(sumMap, Map(UInt64, Int64)) COMMENT 'Answered calls by talking time: lower edge of the bucket in ms, calls' CODEC(ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYear(time)
ORDER BY (organisation, service, time, server, gateway, number)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Calls per month';

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_calls_hourly_g$generation $on_cluster TO calls_hourly_g$generation AS
SELECT
    f.organisation AS organisation,
    f.service AS service,
    toStartOfHour(f.local_time) AS time,
    f.server AS server,
    f.gateway AS gateway,
    f.number AS number,
    f.utc_offset_min AS utc_offset_min,
    sum(f.calls * f.sign) AS calls,
    sum(f.calls_answered * f.sign) AS calls_answered,
    sum(f.calls_missed * f.sign) AS calls_missed,
    sum(f.calls_short * f.sign) AS calls_short,
    sum(f.calls_no_number * f.sign) AS calls_no_number,
    sum(f.calls_outbound * f.sign) AS calls_outbound,
    sum(f.calls_staff * f.sign) AS calls_staff,
    sum(f.wait_answered_ms * f.sign) AS wait_answered_ms,
    sum(f.wait_missed_ms * f.sign) AS wait_missed_ms,
    sum(f.talk_ms * f.sign) AS talk_ms,
    sum(f.new_callers_service * f.sign) AS new_callers_service,
    sum(f.new_callers_organisation * f.sign) AS new_callers_organisation,
    sum(f.unknown_callers_service * f.sign) AS unknown_callers_service,
    sum(f.unknown_callers_organisation * f.sign) AS unknown_callers_organisation,
    sum(f.contacts * f.sign) AS contacts,
    sum(f.contacts_missed * f.sign) AS contacts_missed,
    sum(f.contacts_recovered * f.sign) AS contacts_recovered,
    sum(f.contacts_lost * f.sign) AS contacts_lost,
    sum(f.contacts_demand * f.sign) AS contacts_demand,
    sum(f.contacts_converted * f.sign) AS contacts_converted,
    sumMapIf(map(intDiv(f.wait_answered_ms, greatest(intDiv(roundToExp2(f.wait_answered_ms), 16), 1)) * greatest(intDiv(roundToExp2(f.wait_answered_ms), 16), 1), toInt64(f.sign)), f.calls_answered = 1) AS wait_answered_histogram,
    sumMapIf(map(intDiv(f.wait_missed_ms, greatest(intDiv(roundToExp2(f.wait_missed_ms), 16), 1)) * greatest(intDiv(roundToExp2(f.wait_missed_ms), 16), 1), toInt64(f.sign)), f.calls_missed = 1) AS wait_missed_histogram,
    sumMapIf(map(intDiv(f.talk_ms, greatest(intDiv(roundToExp2(f.talk_ms), 16), 1)) * greatest(intDiv(roundToExp2(f.talk_ms), 16), 1), toInt64(f.sign)), f.calls_answered = 1) AS talk_histogram
FROM call_facts_g$generation AS f
GROUP BY organisation, service, time, server, gateway, number, utc_offset_min;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_calls_daily_g$generation $on_cluster TO calls_daily_g$generation AS
SELECT
    h.organisation AS organisation,
    h.service AS service,
    toDate(h.time) AS time,
    h.server AS server,
    h.gateway AS gateway,
    h.number AS number,
    sum(h.calls) AS calls,
    sum(h.calls_answered) AS calls_answered,
    sum(h.calls_missed) AS calls_missed,
    sum(h.calls_short) AS calls_short,
    sum(h.calls_no_number) AS calls_no_number,
    sum(h.calls_outbound) AS calls_outbound,
    sum(h.calls_staff) AS calls_staff,
    sum(h.wait_answered_ms) AS wait_answered_ms,
    sum(h.wait_missed_ms) AS wait_missed_ms,
    sum(h.talk_ms) AS talk_ms,
    sum(h.new_callers_service) AS new_callers_service,
    sum(h.new_callers_organisation) AS new_callers_organisation,
    sum(h.unknown_callers_service) AS unknown_callers_service,
    sum(h.unknown_callers_organisation) AS unknown_callers_organisation,
    sum(h.contacts) AS contacts,
    sum(h.contacts_missed) AS contacts_missed,
    sum(h.contacts_recovered) AS contacts_recovered,
    sum(h.contacts_lost) AS contacts_lost,
    sum(h.contacts_demand) AS contacts_demand,
    sum(h.contacts_converted) AS contacts_converted,
    sumMap(h.wait_answered_histogram) AS wait_answered_histogram,
    sumMap(h.wait_missed_histogram) AS wait_missed_histogram,
    sumMap(h.talk_histogram) AS talk_histogram
FROM calls_hourly_g$generation AS h
GROUP BY organisation, service, time, server, gateway, number;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_calls_weekly_g$generation $on_cluster TO calls_weekly_g$generation AS
SELECT
    d.organisation AS organisation,
    d.service AS service,
    toMonday(d.time) AS time,
    d.server AS server,
    d.gateway AS gateway,
    d.number AS number,
    sum(d.calls) AS calls,
    sum(d.calls_answered) AS calls_answered,
    sum(d.calls_missed) AS calls_missed,
    sum(d.calls_short) AS calls_short,
    sum(d.calls_no_number) AS calls_no_number,
    sum(d.calls_outbound) AS calls_outbound,
    sum(d.calls_staff) AS calls_staff,
    sum(d.wait_answered_ms) AS wait_answered_ms,
    sum(d.wait_missed_ms) AS wait_missed_ms,
    sum(d.talk_ms) AS talk_ms,
    sum(d.new_callers_service) AS new_callers_service,
    sum(d.new_callers_organisation) AS new_callers_organisation,
    sum(d.unknown_callers_service) AS unknown_callers_service,
    sum(d.unknown_callers_organisation) AS unknown_callers_organisation,
    sum(d.contacts) AS contacts,
    sum(d.contacts_missed) AS contacts_missed,
    sum(d.contacts_recovered) AS contacts_recovered,
    sum(d.contacts_lost) AS contacts_lost,
    sum(d.contacts_demand) AS contacts_demand,
    sum(d.contacts_converted) AS contacts_converted,
    sumMap(d.wait_answered_histogram) AS wait_answered_histogram,
    sumMap(d.wait_missed_histogram) AS wait_missed_histogram,
    sumMap(d.talk_histogram) AS talk_histogram
FROM calls_daily_g$generation AS d
GROUP BY organisation, service, time, server, gateway, number;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_calls_monthly_g$generation $on_cluster TO calls_monthly_g$generation AS
SELECT
    d.organisation AS organisation,
    d.service AS service,
    toStartOfMonth(d.time) AS time,
    d.server AS server,
    d.gateway AS gateway,
    d.number AS number,
    sum(d.calls) AS calls,
    sum(d.calls_answered) AS calls_answered,
    sum(d.calls_missed) AS calls_missed,
    sum(d.calls_short) AS calls_short,
    sum(d.calls_no_number) AS calls_no_number,
    sum(d.calls_outbound) AS calls_outbound,
    sum(d.calls_staff) AS calls_staff,
    sum(d.wait_answered_ms) AS wait_answered_ms,
    sum(d.wait_missed_ms) AS wait_missed_ms,
    sum(d.talk_ms) AS talk_ms,
    sum(d.new_callers_service) AS new_callers_service,
    sum(d.new_callers_organisation) AS new_callers_organisation,
    sum(d.unknown_callers_service) AS unknown_callers_service,
    sum(d.unknown_callers_organisation) AS unknown_callers_organisation,
    sum(d.contacts) AS contacts,
    sum(d.contacts_missed) AS contacts_missed,
    sum(d.contacts_recovered) AS contacts_recovered,
    sum(d.contacts_lost) AS contacts_lost,
    sum(d.contacts_demand) AS contacts_demand,
    sum(d.contacts_converted) AS contacts_converted,
    sumMap(d.wait_answered_histogram) AS wait_answered_histogram,
    sumMap(d.wait_missed_histogram) AS wait_missed_histogram,
    sumMap(d.talk_histogram) AS talk_histogram
FROM calls_daily_g$generation AS d
GROUP BY organisation, service, time, server, gateway, number;
