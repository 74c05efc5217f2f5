-- Orders summed per hour, day, week and month of the service's wall clock, by gateway, number, source and state.
--
-- As with calls, each rollup is a table and, apart from it, the view that fills it: facts -> hour -> day -> week and
-- month; measures are sums of `measure * sign`, so that corrections subtract.

CREATE TABLE IF NOT EXISTS orders_hourly_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    time DateTime('UTC') COMMENT 'Start of the hour, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server of the calls that brought them; empty where none is known',
    gateway LowCardinality(String) COMMENT 'Account through which those calls came; empty where none is known',
    number LowCardinality(String) COMMENT 'Advertised number that was called; empty where none is known',
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
ORDER BY (organisation, service, time, server, gateway, number, source, state, utc_offset_min)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Orders per hour';

CREATE TABLE IF NOT EXISTS orders_daily_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    time Date COMMENT 'Day, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server of the calls that brought them; empty where none is known',
    gateway LowCardinality(String) COMMENT 'Account through which those calls came; empty where none is known',
    number LowCardinality(String) COMMENT 'Advertised number that was called; empty where none is known',
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
ORDER BY (organisation, service, time, server, gateway, number, source, state)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Orders per day';

CREATE TABLE IF NOT EXISTS orders_weekly_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    time Date COMMENT 'Monday of the week, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server of the calls that brought them; empty where none is known',
    gateway LowCardinality(String) COMMENT 'Account through which those calls came; empty where none is known',
    number LowCardinality(String) COMMENT 'Advertised number that was called; empty where none is known',
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
ORDER BY (organisation, service, time, server, gateway, number, source, state)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Orders per week';

CREATE TABLE IF NOT EXISTS orders_monthly_g$generation $on_cluster (
    organisation LowCardinality(String) COMMENT 'Organisation; empty where the directory does not know it',
    service LowCardinality(String) COMMENT 'Taxi service; empty where the directory does not know it',
    time Date COMMENT 'First day of the month, wall clock of the service' CODEC(Delta, ZSTD(1)),
    server LowCardinality(String) COMMENT 'Telephony server of the calls that brought them; empty where none is known',
    gateway LowCardinality(String) COMMENT 'Account through which those calls came; empty where none is known',
    number LowCardinality(String) COMMENT 'Advertised number that was called; empty where none is known',
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
ORDER BY (organisation, service, time, server, gateway, number, source, state)
SETTINGS non_replicated_deduplication_window = 100000,
    replicated_deduplication_window = 100000,
    replicated_deduplication_window_seconds = 604800
COMMENT 'Orders per month';

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

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_orders_daily_g$generation $on_cluster TO orders_daily_g$generation AS
SELECT
    h.organisation AS organisation,
    h.service AS service,
    toDate(h.time) AS time,
    h.server AS server,
    h.gateway AS gateway,
    h.number AS number,
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
FROM orders_hourly_g$generation AS h
GROUP BY organisation, service, time, server, gateway, number, source, state;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_orders_weekly_g$generation $on_cluster TO orders_weekly_g$generation AS
SELECT
    d.organisation AS organisation,
    d.service AS service,
    toMonday(d.time) AS time,
    d.server AS server,
    d.gateway AS gateway,
    d.number AS number,
    d.source AS source,
    d.state AS state,
    sum(d.orders) AS orders,
    sum(d.orders_completed) AS orders_completed,
    sum(d.orders_cancelled) AS orders_cancelled,
    sum(d.orders_no_car) AS orders_no_car,
    sum(d.orders_no_show) AS orders_no_show,
    sum(d.orders_open) AS orders_open,
    sum(d.new_clients_service) AS new_clients_service,
    sum(d.new_clients_organisation) AS new_clients_organisation,
    sum(d.unknown_clients_service) AS unknown_clients_service,
    sum(d.unknown_clients_organisation) AS unknown_clients_organisation,
    sum(d.new_ordering_clients_service) AS new_ordering_clients_service,
    sum(d.new_ordering_clients_organisation) AS new_ordering_clients_organisation,
    sum(d.unknown_ordering_clients_service) AS unknown_ordering_clients_service,
    sum(d.unknown_ordering_clients_organisation) AS unknown_ordering_clients_organisation,
    sum(d.reactivated_clients) AS reactivated_clients,
    sum(d.revenue) AS revenue,
    sum(d.attributed_a) AS attributed_a,
    sum(d.attributed_b) AS attributed_b,
    sum(d.attributed_c) AS attributed_c,
    sum(d.attributed_d) AS attributed_d
FROM orders_daily_g$generation AS d
GROUP BY organisation, service, time, server, gateway, number, source, state;

CREATE MATERIALIZED VIEW IF NOT EXISTS feed_orders_monthly_g$generation $on_cluster TO orders_monthly_g$generation AS
SELECT
    d.organisation AS organisation,
    d.service AS service,
    toStartOfMonth(d.time) AS time,
    d.server AS server,
    d.gateway AS gateway,
    d.number AS number,
    d.source AS source,
    d.state AS state,
    sum(d.orders) AS orders,
    sum(d.orders_completed) AS orders_completed,
    sum(d.orders_cancelled) AS orders_cancelled,
    sum(d.orders_no_car) AS orders_no_car,
    sum(d.orders_no_show) AS orders_no_show,
    sum(d.orders_open) AS orders_open,
    sum(d.new_clients_service) AS new_clients_service,
    sum(d.new_clients_organisation) AS new_clients_organisation,
    sum(d.unknown_clients_service) AS unknown_clients_service,
    sum(d.unknown_clients_organisation) AS unknown_clients_organisation,
    sum(d.new_ordering_clients_service) AS new_ordering_clients_service,
    sum(d.new_ordering_clients_organisation) AS new_ordering_clients_organisation,
    sum(d.unknown_ordering_clients_service) AS unknown_ordering_clients_service,
    sum(d.unknown_ordering_clients_organisation) AS unknown_ordering_clients_organisation,
    sum(d.reactivated_clients) AS reactivated_clients,
    sum(d.revenue) AS revenue,
    sum(d.attributed_a) AS attributed_a,
    sum(d.attributed_b) AS attributed_b,
    sum(d.attributed_c) AS attributed_c,
    sum(d.attributed_d) AS attributed_d
FROM orders_daily_g$generation AS d
GROUP BY organisation, service, time, server, gateway, number, source, state;
