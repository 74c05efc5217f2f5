"""A topic of one partition that is read by each process for itself: the directory, the generations, the dead letters.

Comes in: a broker's address, perhaps an offset. Goes out: every message from there up to the end that the topic has at
the moment, committed ones only; asked again, what came since. It waits in bounded time for each.
"""

import time
from collections.abc import Iterator
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from streams.contracts.topics import INNER_MESSAGE_BYTES, Topic


class TopicError(RuntimeError):
    """The topic cannot be read; the message says why and what to do."""


class SettledTopic:
    """For one thread at a time. After an error ask again: what was not given out yet still comes."""

    def __init__(self, bootstrap: str, topic: Topic, within_s: float, first: int = 0) -> None:
        self._bootstrap = bootstrap
        self._topic = topic
        self._within_s = within_s
        self._first = first
        self._partition = TopicPartition(topic.name, 0)
        self._consumer: Any = None

    def read_on(self) -> Iterator[Any]:
        """Raises `TopicError`."""
        try:
            yield from self._to_the_end()
        except (KafkaError, OSError) as error:
            raise TopicError(f"{self._topic.name} at {self._bootstrap}: {error!r}; is the broker up?") from error

    def close(self) -> None:
        if self._consumer is not None:
            self._consumer.close(autocommit=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _to_the_end(self) -> Iterator[Any]:
        consumer, partition = self._opened(), self._partition
        end = consumer.end_offsets([partition])[partition]
        patient_until = time.monotonic() + self._within_s
        while consumer.position(partition) < end:
            messages = consumer.poll(timeout_ms=200).get(partition, ())
            yield from messages
            if messages:
                patient_until = time.monotonic() + self._within_s
            elif time.monotonic() > patient_until:
                raise TopicError(f"{partition.topic} could not be read to its end in time; is the broker busy?")

    def _opened(self) -> Any:
        if self._consumer is None:
            self._consumer = self._open()
        if not self._consumer.assignment():
            if not self._consumer.partitions_for_topic(self._topic.name):
                raise TopicError(f"there is no topic {self._topic.name}: run `pulse topics apply`")
            self._consumer.assign([self._partition])
            self._consumer.seek(self._partition, self._begin())
        return self._consumer

    def _begin(self) -> int:
        """An offset beyond the end is nothing to wait for."""
        begin: int = self._consumer.beginning_offsets([self._partition])[self._partition]
        end: int = self._consumer.end_offsets([self._partition])[self._partition]
        return min(max(begin, self._first), end)

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
