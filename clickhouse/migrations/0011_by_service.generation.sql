-- The rollups of hours and days by service: what most questions ask for, without gateway and number, so that they read
-- hundreds of rows where the tables hold hundreds of thousands.
--
-- A projection is part of each block of its table: it lands with it, is dropped with it where a batch is repeated, and is
-- made anew when blocks merge. The store takes it by itself for a plain GROUP BY of what it holds. Blocks from before it
-- are given theirs in the background, and are read as they were until then. Without the histograms: their states are so
-- large that merging many small tenants would want more memory than there is.

ALTER TABLE calls_hourly_g$generation $on_cluster MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE calls_hourly_g$generation $on_cluster ADD PROJECTION IF NOT EXISTS by_service (
    SELECT organisation, service, time, utc_offset_min,
        sum(calls), sum(calls_answered), sum(calls_missed), sum(calls_short), sum(calls_no_number),
        sum(calls_outbound), sum(calls_staff), sum(wait_answered_ms), sum(wait_missed_ms), sum(talk_ms),
        sum(new_callers_service), sum(new_callers_organisation), sum(unknown_callers_service),
        sum(unknown_callers_organisation), sum(contacts), sum(contacts_missed), sum(contacts_recovered),
        sum(contacts_lost), sum(contacts_demand), sum(contacts_converted)
    GROUP BY organisation, service, time, utc_offset_min
);

ALTER TABLE calls_hourly_g$generation $on_cluster MATERIALIZE PROJECTION by_service;

ALTER TABLE calls_daily_g$generation $on_cluster MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE calls_daily_g$generation $on_cluster ADD PROJECTION IF NOT EXISTS by_service (
    SELECT organisation, service, time,
        sum(calls), sum(calls_answered), sum(calls_missed), sum(calls_short), sum(calls_no_number),
        sum(calls_outbound), sum(calls_staff), sum(wait_answered_ms), sum(wait_missed_ms), sum(talk_ms),
        sum(new_callers_service), sum(new_callers_organisation), sum(unknown_callers_service),
        sum(unknown_callers_organisation), sum(contacts), sum(contacts_missed), sum(contacts_recovered),
        sum(contacts_lost), sum(contacts_demand), sum(contacts_converted)
    GROUP BY organisation, service, time
);

ALTER TABLE calls_daily_g$generation $on_cluster MATERIALIZE PROJECTION by_service;

ALTER TABLE orders_hourly_g$generation $on_cluster MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE orders_hourly_g$generation $on_cluster ADD PROJECTION IF NOT EXISTS by_service (
    SELECT organisation, service, time, source, state, utc_offset_min,
        sum(orders), sum(orders_completed), sum(orders_cancelled), sum(orders_no_car), sum(orders_no_show),
        sum(orders_open), sum(new_clients_service), sum(new_clients_organisation), sum(unknown_clients_service),
        sum(unknown_clients_organisation), sum(new_ordering_clients_service), sum(new_ordering_clients_organisation),
        sum(unknown_ordering_clients_service), sum(unknown_ordering_clients_organisation), sum(reactivated_clients),
        sum(revenue), sum(attributed_a), sum(attributed_b), sum(attributed_c), sum(attributed_d)
    GROUP BY organisation, service, time, source, state, utc_offset_min
);

ALTER TABLE orders_hourly_g$generation $on_cluster MATERIALIZE PROJECTION by_service;

ALTER TABLE orders_daily_g$generation $on_cluster MODIFY SETTING deduplicate_merge_projection_mode = 'rebuild';

ALTER TABLE orders_daily_g$generation $on_cluster ADD PROJECTION IF NOT EXISTS by_service (
    SELECT organisation, service, time, source, state,
        sum(orders), sum(orders_completed), sum(orders_cancelled), sum(orders_no_car), sum(orders_no_show),
        sum(orders_open), sum(new_clients_service), sum(new_clients_organisation), sum(unknown_clients_service),
        sum(unknown_clients_organisation), sum(new_ordering_clients_service), sum(new_ordering_clients_organisation),
        sum(unknown_ordering_clients_service), sum(unknown_ordering_clients_organisation), sum(reactivated_clients),
        sum(revenue), sum(attributed_a), sum(attributed_b), sum(attributed_c), sum(attributed_d)
    GROUP BY organisation, service, time, source, state
);

ALTER TABLE orders_daily_g$generation $on_cluster MATERIALIZE PROJECTION by_service;
