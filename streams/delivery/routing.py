"""Which partition a message goes to: murmur2 of its key, as Java, kafka-python and aiokafka all do.

Comes in: what a rule emitted and refused, and the partition counts of the topics. Goes out: messages by partition.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from aiokafka import TopicPartition
from aiokafka.partitioner import murmur2

from streams.chunks import Message, Outputs
from streams.contracts.records import Reason
from streams.contracts.stages import Stage
from streams.delivery.transaction import Header, Outgoing

REMEMBERED_KEYS = 1 << 16
Route = Callable[[str, bytes], TopicPartition]
Routed = dict[TopicPartition, list[Outgoing]]
NO_HEADERS: list[Header] = []


def router(partitions: Mapping[str, int]) -> Route:
    """Keys repeat a lot (servers, organisations) and the hash is slow in Python."""

    @lru_cache(maxsize=REMEMBERED_KEYS)
    def route(topic: str, key: bytes) -> TopicPartition:
        return TopicPartition(topic, partition_of(key, partitions[topic]))

    return route


def partition_of(key: bytes, partitions: int) -> int:
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


def routed(outputs: Outputs, stage: Stage, source: TopicPartition, route: Route, now: datetime) -> Routed:
    messages: Routed = defaultdict(list)
    names = {topic.name: topic.named(stage.generation) for topic in stage.outputs}
    for topic, key, value in outputs.emitted:
        messages[route(names[topic.name], key)].append((key, value, NO_HEADERS))
    dead_letters = stage.dead_letters.named(stage.generation)
    for letter in _dead_letters(outputs.refused, source, now, stage.generation):
        messages[route(dead_letters, letter[0] or b"")].append(letter)
    return messages


def _dead_letters(
    refused: Iterable[tuple[Message, Reason, str]], source: TopicPartition, now: datetime, generation: int
) -> Iterable[Outgoing]:
    """The original bytes under the original key; everything else about it in the headers. A rebuild refuses the same
    record once more: the generation tells its letters apart."""
    at = now.isoformat(timespec="milliseconds").encode()
    for message, reason, error in refused:
        headers = [
            ("source_topic", source.topic.encode()),
            ("source_partition", b"%d" % source.partition),
            ("source_offset", b"%d" % message.offset),
            ("reason", reason.encode()),
            ("error", error.encode()),
            ("at", at),
            ("generation", b"%d" % generation),
        ]
        yield message.key, message.value, headers
