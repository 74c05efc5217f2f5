"""Which Kafka this is: the ids of its cluster and of topics. They change when its data are wiped, or a topic made anew.

Comes in: a broker's address and names of topics. Goes out: their ids, None where there is no such topic. What is
concluded from a change is its asker's.
"""

from collections.abc import Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass

from kafka.admin import KafkaAdminClient

WITHIN_MS = 10_000


@dataclass(frozen=True)
class KafkaIdentity:
    cluster: str
    topics: Mapping[str, str | None]


def read_kafka_identity(bootstrap: str, topics: Iterable[str]) -> KafkaIdentity:
    """Blocks. Raises KafkaError or OSError where no broker answers in time."""
    with closing(
        KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=WITHIN_MS, bootstrap_timeout_ms=WITHIN_MS)
    ) as admin:
        wanted = sorted(set(topics))
        there = sorted(set(wanted) & set(admin.list_topics()))
        found = {topic["name"]: str(topic["topic_id"]) for topic in admin.describe_topics(there)} if there else {}
        return KafkaIdentity(str(admin.describe_cluster()["cluster_id"]), {name: found.get(name) for name in wanted})
