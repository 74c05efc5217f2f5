"""Shortens the inner topics: deletes what has been worked through, some time after.

Comes in: a broker's address, a generation, the time. Goes out: logs that begin later. Kafka's own retention goes by age
alone: where all was off for longer it would take what nobody has worked through yet, and where a log is quiet for
longer the markers of transactions behind its last record, which looks the same.
"""

from collections.abc import Iterable
from contextlib import closing
from typing import Any

from kafka import TopicPartition
from kafka.admin import KafkaAdminClient

from streams.contracts.topics import KEEP_FOR_EVER, TOPICS
from streams.progress import Stage, stages

WITHIN_MS = 10_000


def trim(kafka: str, generation: int, now_ms: int) -> None:
    """Raises KafkaError: whoever was to be asked is away, and is asked the next time."""
    kept_ms = {topic.named(generation): topic.kept_ms for topic in TOPICS if topic.kept_ms != KEEP_FOR_EVER}
    with closing(KafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=WITHIN_MS)) as admin:
        for stage in stages(generation):
            if stage.topic in kept_ms:
                _trim(admin, stage, now_ms - kept_ms[stage.topic])


def _trim(admin: Any, stage: Stage, before_ms: int) -> None:
    through = _through(admin, stage)
    young = admin.list_partition_offsets(dict.fromkeys(through, before_ms)) if through else {}
    begins = {at: min(offset, young[at].offset) if young[at].offset >= 0 else offset for at, offset in through.items()}
    if begins:
        admin.delete_records(begins)


def _through(admin: Any, stage: Stage) -> dict[TopicPartition, int]:
    """The offset below which everything has been worked through, of each partition where something has."""
    committed = admin.list_group_offsets({stage.group: list(_partitions(admin, stage.topic))})[stage.group]
    return {at: found.offset for at, found in committed.items() if found.offset >= 0}


def _partitions(admin: Any, topic: str) -> Iterable[TopicPartition]:
    described = admin.describe_topics([topic])
    return (TopicPartition(topic, each["partition_index"]) for found in described for each in found["partitions"])
