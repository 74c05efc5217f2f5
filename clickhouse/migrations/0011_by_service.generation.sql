-- The rollups of hours and days once more without gateways and numbers: what a question that names none of them reads.
--
-- Here as views, which are right for whatever a generation holds already; one that is still empty gets tables instead
-- (the next file). Weeks and months of a service are few days, so they have none of their own.

CREATE VIEW IF NOT EXISTS calls_hourly_by_service_g$generation $on_cluster AS
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
GROUP BY organisation, service, time, utc_offset_min
COMMENT 'Calls per hour by service, whatever the gateway';

CREATE VIEW IF NOT EXISTS calls_daily_by_service_g$generation $on_cluster AS
SELECT
    l.organisation AS organisation,
    l.service AS service,
    l.time AS time,
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
FROM calls_daily_g$generation AS l
GROUP BY organisation, service, time
COMMENT 'Calls per day by service, whatever the gateway';

CREATE VIEW IF NOT EXISTS orders_hourly_by_service_g$generation $on_cluster AS
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
GROUP BY organisation, service, time, source, state, utc_offset_min
COMMENT 'Orders per hour by service, source and state, whatever the gateway';

CREATE VIEW IF NOT EXISTS orders_daily_by_service_g$generation $on_cluster AS
SELECT
    l.organisation AS organisation,
    l.service AS service,
    l.time AS time,
    l.source AS source,
    l.state AS state,
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
FROM orders_daily_g$generation AS l
GROUP BY organisation, service, time, source, state
COMMENT 'Orders per day by service, source and state, whatever the gateway';
