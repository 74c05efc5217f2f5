-- What people note on the page, and what checks leave for it. Written by the dashboard only, through clickhouse/kept.py, as
-- those who may sign in are.
CREATE TABLE IF NOT EXISTS incidents $on_cluster (
    id String COMMENT 'Made when it is noted',
    title String COMMENT 'What happened, in the words of who noted it',
    began String COMMENT 'Wall clock of its beginning, like 2026-03-01T08:00',
    until String COMMENT 'Wall clock of its end, itself outside; empty for a moment',
    service String COMMENT 'Taxi service; empty: all of the organisation',
    organisation String COMMENT 'Whose it is; empty: the provider''s, of all organisations',
    author String COMMENT 'Who noted it',
    updated_at Int64 COMMENT 'When it was changed last, epoch ms',
    version UInt64 COMMENT 'Of the entry; the greatest holds',
    deleted UInt8 COMMENT '1 where the entry was taken away'
)
ENGINE = ${replicated}ReplacingMergeTree(version, deleted)
ORDER BY id
COMMENT 'What happened and may explain a number';

CREATE TABLE IF NOT EXISTS saved_views $on_cluster (
    id String COMMENT 'Made when it is saved',
    name String COMMENT 'In the words of who saved it',
    state String COMMENT 'Query string of the page',
    shared Bool COMMENT 'Whether others of the organisation see it',
    owner String COMMENT 'Who saved it',
    organisation String COMMENT 'Whose it is; empty: the provider''s',
    updated_at Int64 COMMENT 'When it was changed last, epoch ms',
    version UInt64 COMMENT 'Of the entry; the greatest holds',
    deleted UInt8 COMMENT '1 where the entry was taken away'
)
ENGINE = ${replicated}ReplacingMergeTree(version, deleted)
ORDER BY id
COMMENT 'Named views of the page';

CREATE TABLE IF NOT EXISTS verifications $on_cluster (
    kind LowCardinality(String) COMMENT 'full: from the raw records; quick: rollups against facts',
    finished_at Int64 COMMENT 'When, epoch ms',
    generation UInt32 COMMENT 'Of the tables that were compared; 0 where whichever was read',
    records UInt64 COMMENT 'Raw records read',
    rows UInt64 COMMENT 'Rows compared',
    differences UInt64 COMMENT 'Rows that differ',
    undecided UInt64 COMMENT 'Rows that later records changed in every round',
    version UInt64 COMMENT 'Of the entry; the greatest holds',
    deleted UInt8 COMMENT '1 where the entry was taken away'
)
ENGINE = ${replicated}ReplacingMergeTree(version, deleted)
ORDER BY kind
COMMENT 'The last verification of each kind';
