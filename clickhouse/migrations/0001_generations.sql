-- Which generation of the derived tables is read, and which Kafka they were filled from.
--
-- generations: every switch of the current generation; the latest one holds. `pulse rebuild` fills the next generation
-- beside the current one and then adds a row here.
CREATE TABLE IF NOT EXISTS generations $on_cluster (
    generation UInt32 COMMENT 'Number in the names of its tables, topics and groups',
    current_since DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When it became the one that is read'
)
ENGINE = ${replicated}MergeTree
ORDER BY current_since
COMMENT 'Switches of the current generation; the latest holds';

-- stored_topics: where the rows came from. Offsets and insert tokens mean something only within one topic of one
-- cluster; a loader that meets another one stops.
CREATE TABLE IF NOT EXISTS stored_topics $on_cluster (
    topic String COMMENT 'Name of the topic',
    topic_id String COMMENT 'Kafka''s identity of the topic; a topic made anew has another',
    cluster_id String COMMENT 'Kafka''s identity of the cluster',
    first_seen DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When a loader first read it'
)
ENGINE = ${replicated}MergeTree
ORDER BY topic
COMMENT 'The topics whose records are stored here';
