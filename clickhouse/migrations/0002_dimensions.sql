-- The directory as BI tools join it: replaced as a whole whenever a new version is published.
CREATE TABLE IF NOT EXISTS dim_organisations $on_cluster (
    organisation String COMMENT 'Id of the organisation',
    name String COMMENT 'Name to show',
    time_zone String COMMENT 'Its wall clock, unless a service has its own',
    region String COMMENT 'Country in which its phones are read, like RU',
    area_code String COMMENT 'Put before local numbers; empty if there is none',
    currency String COMMENT 'Currency of its revenue',
    history_from Nullable(Date) COMMENT 'First day of its records',
    recovery_ms UInt64 COMMENT 'How long after its end a missed contact can still be recovered, ms',
    directory_version UInt64 COMMENT 'Version of the directory this row came with'
)
ENGINE = ${replicated}MergeTree
ORDER BY organisation
COMMENT 'Organisations (tenants) of the newest directory';

CREATE TABLE IF NOT EXISTS dim_services $on_cluster (
    service String COMMENT 'Id of the taxi service',
    organisation String COMMENT 'Organisation it belongs to',
    name String COMMENT 'Name to show',
    aliases Array(String) COMMENT 'Other words for it in the source systems',
    time_zone String COMMENT 'Its wall clock',
    region String COMMENT 'Country in which its phones are read',
    area_code String COMMENT 'Put before local numbers; empty if there is none',
    directory_version UInt64 COMMENT 'Version of the directory this row came with'
)
ENGINE = ${replicated}MergeTree
ORDER BY service
COMMENT 'Taxi services (brands, campaigns) of the newest directory';

CREATE TABLE IF NOT EXISTS dim_servers $on_cluster (
    server String COMMENT 'Id of the telephony server',
    time_zone String COMMENT 'Zone whose days its lines follow',
    internal_peers Array(String) COMMENT 'Accounts that lead to another own server, not to a customer',
    directory_version UInt64 COMMENT 'Version of the directory this row came with'
)
ENGINE = ${replicated}MergeTree
ORDER BY server
COMMENT 'Telephony servers of the newest directory';

CREATE TABLE IF NOT EXISTS dim_gateways $on_cluster (
    server String COMMENT 'Server of the gateway',
    gateway String COMMENT 'Account; unique within its server only',
    organisation String COMMENT 'Organisation of its latest line; empty if it has none',
    service String COMMENT 'Service of its latest line; empty if it has none',
    number String COMMENT 'Number shown for its latest line; empty if it has none',
    directory_version UInt64 COMMENT 'Version of the directory this row came with'
)
ENGINE = ${replicated}MergeTree
ORDER BY (server, gateway)
COMMENT 'Gateways of the newest directory, with their latest line';

CREATE TABLE IF NOT EXISTS dim_lines $on_cluster (
    server String COMMENT 'Server of the gateway',
    gateway String COMMENT 'Account; unique within its server only',
    line_from Nullable(Date) COMMENT 'First day of the line, in the server''s zone; NULL is open',
    line_until Nullable(Date) COMMENT 'Day after the last day of the line; NULL is open',
    organisation String COMMENT 'Organisation of the service',
    service String COMMENT 'Service the line leads to',
    number String COMMENT 'Number shown for the line: the first of numbers',
    numbers Array(String) COMMENT 'All advertised numbers that are forwarded to the line',
    directory_version UInt64 COMMENT 'Version of the directory this row came with'
)
ENGINE = ${replicated}MergeTree
ORDER BY (server, gateway)
COMMENT 'What each gateway was for, and when';
