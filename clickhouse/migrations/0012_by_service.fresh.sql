-- The rollups by service as tables: a tenant with hundreds of gateways has hundreds of rows for an hour, here one for each
-- of its services. Hours are fed by the rollup of hours, days by these hours.
--
-- Only for generations that hold nothing yet: filled later, a table would not know the tokens of what it was filled with,
-- and would take a batch twice that is repeated after a crash. An older generation keeps the views; the next
-- rebuild begins a new one. Cut off, it begins anew.

DROP TABLE IF EXISTS feed_calls_hourly_by_service_g$generation $on_cluster SYNC;
DROP TABLE IF EXISTS feed_calls_daily_by_service_g$generation $on_cluster SYNC;
DROP TABLE IF EXISTS feed_orders_hourly_by_service_g$generation $on_cluster SYNC;
DROP TABLE IF EXISTS feed_orders_daily_by_service_g$generation $on_cluster SYNC;

DROP TABLE IF EXISTS calls_hourly_by_service_g$generation $on_cluster SYNC;

CREATE TABLE IF NOT EXISTS calls_hourly_by_service_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    time DateTime('UTC') COMMENT 'Start of the hour, wall clock of the service' CODEC(Delta, ZSTD(1)),
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
ORDER BY (organisation, service, time, utc_offset_min)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Calls per hour by service, whatever the gateway';

DROP TABLE IF EXISTS calls_daily_by_service_g$generation $on_cluster SYNC;

CREATE TABLE IF NOT EXISTS calls_daily_by_service_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where no line is known',
    service LowCardinality(String) COMMENT 'Taxi service; empty where no line is known',
    time Date COMMENT 'Day, wall clock of the service' CODEC(Delta, ZSTD(1)),
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
ORDER BY (organisation, service, time)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Calls per day by service, whatever the gateway';

DROP TABLE IF EXISTS orders_hourly_by_service_g$generation $on_cluster SYNC;

CREATE TABLE IF NOT EXISTS orders_hourly_by_service_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    time DateTime('UTC') COMMENT 'Start of the hour, wall clock of the service' CODEC(Delta, ZSTD(1)),
    source LowCardinality(String) COMMENT 'Where they were made',
    state LowCardinality(String) COMMENT 'Their latest state',
    utc_offset_min Int16 COMMENT 'How far that wall clock was ahead of UTC, in minutes' CODEC(ZSTD(1)),
    orders SimpleAggregateFunction(sum, Int64) COMMENT 'Orders' CODEC(T64, ZSTD(1)),
    orders_completed SimpleAggregateFunction(sum, Int64) COMMENT 'Orders that were completed' CODEC(T64, ZSTD(1)),
    orders_cancelled SimpleAggregateFunction(sum, Int64) COMMENT 'Orders that were cancelled' CODEC(T64, ZSTD(1)),
    orders_no_car SimpleAggregateFunction(sum, Int64) COMMENT 'Orders for which there was no car' CODEC(T64, ZSTD(1)),
    orders_no_show SimpleAggregateFunction(sum, Int64) COMMENT 'Orders whose client did not come' CODEC(T64, ZSTD(1)),
    orders_open SimpleAggregateFunction(sum, Int64) COMMENT 'Orders in any other state' CODEC(T64, ZSTD(1)),
    new_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first completed order in the service' CODEC(T64, ZSTD(1)),
    new_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first completed order in the organisation' CODEC(T64, ZSTD(1)),
    unknown_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'First completed orders in the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First completed orders in the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    new_ordering_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first order in the service' CODEC(T64, ZSTD(1)),
    new_ordering_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first order in the organisation' CODEC(T64, ZSTD(1)),
    unknown_ordering_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'First orders in the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_ordering_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First orders in the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    reactivated_clients SimpleAggregateFunction(sum, Int64) COMMENT 'Clients that came back after a long silence' CODEC(T64, ZSTD(1)),
    revenue SimpleAggregateFunction(sum, Int64) COMMENT 'Prices of completed orders in the currency of the organisation, minor units' CODEC(T64, ZSTD(1)),
    attributed_a SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders made from the card of a call' CODEC(T64, ZSTD(1)),
    attributed_b SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders with a call of the phone to the service about that time' CODEC(T64, ZSTD(1)),
    attributed_c SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders with a call of the phone to another service about that time' CODEC(T64, ZSTD(1)),
    attributed_d SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders without a call' CODEC(T64, ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYear(time)
ORDER BY (organisation, service, time, source, state, utc_offset_min)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Orders per hour by service, source and state, whatever the gateway';

DROP TABLE IF EXISTS orders_daily_by_service_g$generation $on_cluster SYNC;

CREATE TABLE IF NOT EXISTS orders_daily_by_service_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    time Date COMMENT 'Day, wall clock of the service' CODEC(Delta, ZSTD(1)),
    source LowCardinality(String) COMMENT 'Where they were made',
    state LowCardinality(String) COMMENT 'Their latest state',
    orders SimpleAggregateFunction(sum, Int64) COMMENT 'Orders' CODEC(T64, ZSTD(1)),
    orders_completed SimpleAggregateFunction(sum, Int64) COMMENT 'Orders that were completed' CODEC(T64, ZSTD(1)),
    orders_cancelled SimpleAggregateFunction(sum, Int64) COMMENT 'Orders that were cancelled' CODEC(T64, ZSTD(1)),
    orders_no_car SimpleAggregateFunction(sum, Int64) COMMENT 'Orders for which there was no car' CODEC(T64, ZSTD(1)),
    orders_no_show SimpleAggregateFunction(sum, Int64) COMMENT 'Orders whose client did not come' CODEC(T64, ZSTD(1)),
    orders_open SimpleAggregateFunction(sum, Int64) COMMENT 'Orders in any other state' CODEC(T64, ZSTD(1)),
    new_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first completed order in the service' CODEC(T64, ZSTD(1)),
    new_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first completed order in the organisation' CODEC(T64, ZSTD(1)),
    unknown_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'First completed orders in the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First completed orders in the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    new_ordering_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first order in the service' CODEC(T64, ZSTD(1)),
    new_ordering_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'Phones with their first order in the organisation' CODEC(T64, ZSTD(1)),
    unknown_ordering_clients_service SimpleAggregateFunction(sum, Int64) COMMENT 'First orders in the service of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    unknown_ordering_clients_organisation SimpleAggregateFunction(sum, Int64) COMMENT 'First orders in the organisation of phones that may be older than the records' CODEC(T64, ZSTD(1)),
    reactivated_clients SimpleAggregateFunction(sum, Int64) COMMENT 'Clients that came back after a long silence' CODEC(T64, ZSTD(1)),
    revenue SimpleAggregateFunction(sum, Int64) COMMENT 'Prices of completed orders in the currency of the organisation, minor units' CODEC(T64, ZSTD(1)),
    attributed_a SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders made from the card of a call' CODEC(T64, ZSTD(1)),
    attributed_b SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders with a call of the phone to the service about that time' CODEC(T64, ZSTD(1)),
    attributed_c SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders with a call of the phone to another service about that time' CODEC(T64, ZSTD(1)),
    attributed_d SimpleAggregateFunction(sum, Int64) COMMENT 'Operators'' orders without a call' CODEC(T64, ZSTD(1))
)
ENGINE = ${replicated}AggregatingMergeTree
PARTITION BY toYear(time)
ORDER BY (organisation, service, time, source, state)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Orders per day by service, source and state, whatever the gateway';

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_calls_hourly_by_service_g$generation $on_cluster TO calls_hourly_by_service_g$generation AS
SELECT
    l.organisation AS organisation,
    l.service AS service,
    l.time AS time,
    l.utc_offset_min AS utc_offset_min,
    sum(l.calls) AS calls,
    sum(l.calls_answered) AS calls_answered,
    sum(l.calls_missed) AS calls_missed,
    sum(l.calls_short) AS calls_short,
    sum(l.calls_no_number) AS calls_no_number,
    sum(l.calls_outbound) AS calls_outbound,
    sum(l.calls_staff) AS calls_staff,
    sum(l.wait_answered_ms) AS wait_answered_ms,
    sum(l.wait_missed_ms) AS wait_missed_ms,
    sum(l.talk_ms) AS talk_ms,
    sum(l.new_callers_service) AS new_callers_service,
    sum(l.new_callers_organisation) AS new_callers_organisation,
    sum(l.unknown_callers_service) AS unknown_callers_service,
    sum(l.unknown_callers_organisation) AS unknown_callers_organisation,
    sum(l.contacts) AS contacts,
    sum(l.contacts_missed) AS contacts_missed,
    sum(l.contacts_recovered) AS contacts_recovered,
    sum(l.contacts_lost) AS contacts_lost,
    sum(l.contacts_demand) AS contacts_demand,
    sum(l.contacts_converted) AS contacts_converted,
    sumMap(l.wait_answered_histogram) AS wait_answered_histogram,
    sumMap(l.wait_missed_histogram) AS wait_missed_histogram,
    sumMap(l.talk_histogram) AS talk_histogram
FROM calls_hourly_g$generation AS l
GROUP BY organisation, service, time, utc_offset_min;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_calls_daily_by_service_g$generation $on_cluster TO calls_daily_by_service_g$generation AS
SELECT
    h.organisation AS organisation,
    h.service AS service,
    toDate(h.time) AS time,
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
FROM calls_hourly_by_service_g$generation AS h
GROUP BY organisation, service, time;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_orders_hourly_by_service_g$generation $on_cluster TO orders_hourly_by_service_g$generation AS
SELECT
    l.organisation AS organisation,
    l.service AS service,
    l.time AS time,
    l.source AS source,
    l.state AS state,
    l.utc_offset_min AS utc_offset_min,
    sum(l.orders) AS orders,
    sum(l.orders_completed) AS orders_completed,
    sum(l.orders_cancelled) AS orders_cancelled,
    sum(l.orders_no_car) AS orders_no_car,
    sum(l.orders_no_show) AS orders_no_show,
    sum(l.orders_open) AS orders_open,
    sum(l.new_clients_service) AS new_clients_service,
    sum(l.new_clients_organisation) AS new_clients_organisation,
    sum(l.unknown_clients_service) AS unknown_clients_service,
    sum(l.unknown_clients_organisation) AS unknown_clients_organisation,
    sum(l.new_ordering_clients_service) AS new_ordering_clients_service,
    sum(l.new_ordering_clients_organisation) AS new_ordering_clients_organisation,
    sum(l.unknown_ordering_clients_service) AS unknown_ordering_clients_service,
    sum(l.unknown_ordering_clients_organisation) AS unknown_ordering_clients_organisation,
    sum(l.reactivated_clients) AS reactivated_clients,
    sum(l.revenue) AS revenue,
    sum(l.attributed_a) AS attributed_a,
    sum(l.attributed_b) AS attributed_b,
    sum(l.attributed_c) AS attributed_c,
    sum(l.attributed_d) AS attributed_d
FROM orders_hourly_g$generation AS l
GROUP BY organisation, service, time, source, state, utc_offset_min;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_orders_daily_by_service_g$generation $on_cluster TO orders_daily_by_service_g$generation AS
SELECT
    h.organisation AS organisation,
    h.service AS service,
    toDate(h.time) AS time,
    h.source AS source,
    h.state AS state,
    sum(h.orders) AS orders,
    sum(h.orders_completed) AS orders_completed,
    sum(h.orders_cancelled) AS orders_cancelled,
    sum(h.orders_no_car) AS orders_no_car,
    sum(h.orders_no_show) AS orders_no_show,
    sum(h.orders_open) AS orders_open,
    sum(h.new_clients_service) AS new_clients_service,
    sum(h.new_clients_organisation) AS new_clients_organisation,
    sum(h.unknown_clients_service) AS unknown_clients_service,
    sum(h.unknown_clients_organisation) AS unknown_clients_organisation,
    sum(h.new_ordering_clients_service) AS new_ordering_clients_service,
    sum(h.new_ordering_clients_organisation) AS new_ordering_clients_organisation,
    sum(h.unknown_ordering_clients_service) AS unknown_ordering_clients_service,
    sum(h.unknown_ordering_clients_organisation) AS unknown_ordering_clients_organisation,
    sum(h.reactivated_clients) AS reactivated_clients,
    sum(h.revenue) AS revenue,
    sum(h.attributed_a) AS attributed_a,
    sum(h.attributed_b) AS attributed_b,
    sum(h.attributed_c) AS attributed_c,
    sum(h.attributed_d) AS attributed_d
FROM orders_hourly_by_service_g$generation AS h
GROUP BY organisation, service, time, source, state;
