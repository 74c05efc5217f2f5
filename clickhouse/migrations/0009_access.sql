-- Who may sign in. Written by the dashboard only, through clickhouse/kept.py: an entry is added again with a greater version
-- when it changes, and once more with `deleted` when it is taken away; FINAL shows what holds.
CREATE TABLE IF NOT EXISTS users $on_cluster (
    name String COMMENT 'Name to sign in with, lower case',
    password String COMMENT 'Argon2 hash of the password',
    role LowCardinality(String) COMMENT 'provider, admin (of an organisation) or viewer',
    organisation String COMMENT 'Organisation whose numbers are seen; empty for a provider, who sees all',
    services Array(String) COMMENT 'The only services that a viewer sees; none named: all of the organisation',
    phones Bool COMMENT 'Whether clients'' phones are shown in full',
    version UInt64 COMMENT 'Of the entry; the greatest holds',
    deleted UInt8 COMMENT '1 where the entry was taken away'
)
ENGINE = ${replicated}ReplacingMergeTree(version, deleted)
ORDER BY name
COMMENT 'Who may sign in, and what each may see';

-- user_tokens: for programs. The token itself is shown once and stored nowhere.
CREATE TABLE IF NOT EXISTS user_tokens $on_cluster (
    id String COMMENT 'Short name of the token, to revoke it by',
    digest String COMMENT 'SHA-256 of the token',
    user String COMMENT 'Whose it is: it may see what the user may see',
    label String COMMENT 'What it is for, in the words of who made it',
    made_at Int64 COMMENT 'When it was made, epoch ms',
    version UInt64 COMMENT 'Of the entry; the greatest holds',
    deleted UInt8 COMMENT '1 where the entry was taken away'
)
ENGINE = ${replicated}ReplacingMergeTree(version, deleted)
ORDER BY id
COMMENT 'Bearer tokens of programs';

-- user_sessions: the page's, so that a restart signs nobody out. The cookie itself is stored nowhere.
CREATE TABLE IF NOT EXISTS user_sessions $on_cluster (
    digest String COMMENT 'SHA-256 of the cookie',
    user String COMMENT 'Who signed in',
    began_at Int64 COMMENT 'When, epoch ms',
    seen_at Int64 COMMENT 'When it was used last, epoch ms, not oftener than every few minutes',
    version UInt64 COMMENT 'Of the entry; the greatest holds',
    deleted UInt8 COMMENT '1 where the entry was taken away'
)
ENGINE = ${replicated}ReplacingMergeTree(version, deleted)
ORDER BY digest
COMMENT 'Sessions of the page';
