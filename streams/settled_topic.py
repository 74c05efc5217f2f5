"""A topic of one partition that is read whole, by each process for itself: the directory, the generations.

Comes in: a broker's address. Goes out: key and value of every message up to the end that the topic has at the moment,
committed ones only; asked again, what came since. Every answer is in bounded time.
"""

import time
from collections.abc import Iterator
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.contracts.topics import INNER_MESSAGE_BYTES, Topic

Pair = tuple[bytes | None, bytes | None]


class TopicError(RuntimeError):
    """The topic cannot be read; the message says why and what to do."""


class SettledTopic:
    """For one thread at a time. After an error ask again: what was not given out yet still comes."""

    def __init__(self, bootstrap: str, topic: Topic, within_s: float) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._within_s = within_s
        self._partition = TopicPartition(topic.name, 0)
        self._consumer: Any = None

    def read_on(self) -> Iterator[Pair]:
        """Raises `TopicError`."""
        try:
            yield from self._to_the_end(time.monotonic() + self._within_s)
        except (KafkaError, OSError) as error:
            raise TopicError(f"{self._topic.name} at {self._bootstrap}: {error!r}; is the broker up?") from error

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _to_the_end(self, deadline: float) -> Iterator[Pair]:
        consumer, partition = self._opened(), self._partition
        end = consumer.end_offsets([partition])[partition]
        while consumer.position(partition) < end:
            if time.monotonic() > deadline:
                raise TopicError(f"{partition.topic} could not be read to its end in time; is the broker busy?")
            for message in consumer.poll(timeout_ms=200).get(partition, ()):
                yield message.key, message.value

    def _opened(self) -> Any:
        if self._consumer is None:
            self._consumer = self._open()
        if not self._consumer.assignment():
            if not self._consumer.partitions_for_topic(self._topic.name):
                raise TopicError(f"there is no topic {self._topic.name}: run `pulse topics apply`")
            self._consumer.assign([self._partition])
            self._consumer.seek_to_beginning(self._partition)
        return self._consumer

    def _open(self) -> Any:
        return KafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            bootstrap_timeout_ms=int(self._within_s * 1_000),
            max_partition_fetch_bytes=2 * INNER_MESSAGE_BYTES,
            allow_auto_create_topics=False,
        )
