"""Whose records are in the store: offsets and tokens mean something within one topic of one Kafka cluster only.

Comes in: what Kafka says of itself, what the store remembers. Goes out: the topic's identity, or a message why loading
would lose or double rows: broker data wiped, topic made anew, store wiped.
"""

from dataclasses import dataclass

from clickhouse_connect.driver.client import Client
from kafka.errors import KafkaError

from clickhouse.loader.errors import LoaderError
from streams.kafka_identity import read_kafka_identity


@dataclass(frozen=True)
class TopicIdentity:
    topic: str
    topic_id: str
    cluster_id: str


def read_identity(kafka: str, topic: str) -> TopicIdentity:
    """Raises LoaderError, also where Kafka does not answer: nothing is begun yet, so whoever started us says again."""
    try:
        found = read_kafka_identity(kafka, [topic])
    except (KafkaError, OSError) as error:
        raise LoaderError(f"Kafka at {kafka} does not answer ({error!r}): is the broker up?") from error
    topic_id = found.topics[topic]
    if topic_id is None:
        raise LoaderError(f"there is no topic {topic} at {kafka}: run `pulse topics apply`")
    return TopicIdentity(topic, topic_id, found.cluster)


def is_known(client: Client, found: TopicIdentity) -> bool:
    """Whether the store has read this very topic before; raises if it has read another one of that name."""
    rows = client.query(
        "SELECT DISTINCT topic_id, cluster_id FROM stored_topics WHERE topic = {topic:String}",
        parameters={"topic": found.topic},
    ).result_rows
    others = [row for row in rows if row != (found.topic_id, found.cluster_id)]
    if others:
        raise LoaderError(
            f"the store was filled from another {found.topic} (topic {others[0][0]} of cluster {others[0][1]}; now "
            f"topic {found.topic_id} of cluster {found.cluster_id}): the broker's data was replaced, and loading on "
            "would lose or double rows. Use the broker it was filled from, or an empty store"
        )
    return bool(rows)


def remember(client: Client, found: TopicIdentity) -> None:
    client.insert(
        "stored_topics",
        [[found.topic, found.topic_id, found.cluster_id]],
        column_names=["topic", "topic_id", "cluster_id"],
    )
