"""Raw topics and dead letters read whole, from outside: no group, nothing moved.

Comes in: the broker's address. Goes out: every committed message up to an end that is taken when the reading starts,
and where that was, so that reading can go on from there.
"""

from collections.abc import Iterator, Mapping
from time import monotonic
from typing import Any, Self

from kafka import KafkaConsumer, TopicPartition

from streams.progress import MOST_POLLED

STILL_S = 60.0
FETCH_BYTES = 4 << 20


class RawError(RuntimeError):
    """A topic cannot be read to its end; the message says where it stands."""


class TopicReader:
    """One topic, every partition, from its beginning. `position`: partition -> the offset up to which it was read."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self.topic = topic
        self._consumer = KafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            max_poll_records=MOST_POLLED,
            allow_auto_create_topics=False,
        )
        known = self._consumer.partitions_for_topic(topic)
        if not known:
            raise RawError(f"there is no topic {topic}: run `pulse topics apply`")
        self._partitions = [TopicPartition(topic, number) for number in sorted(known)]
        self._consumer.assign(self._partitions)
        for tp, beginning in self._consumer.beginning_offsets(self._partitions).items():
            self._consumer.seek(tp, beginning)

    @property
    def position(self) -> dict[int, int]:
        return {tp.partition: self._consumer.position(tp) for tp in self._partitions}

    def at_end(self) -> bool:
        return not self._behind(self._ends())

    def read_on(self) -> Iterator[Any]:
        """What is committed from the position on, at least up to the end of this moment."""
        ends = self._ends()
        moved_at = monotonic()
        while behind := self._behind(ends):
            self._consumer.pause(*(set(self._partitions) - behind))
            self._consumer.resume(*behind)
            found = self._consumer.poll(timeout_ms=500)
            for messages in found.values():
                yield from messages
            moved_at = monotonic() if found else moved_at
            if monotonic() - moved_at > STILL_S:
                raise RawError(f"{self.topic} stands still at {self.position}, it should be read up to {ends}")

    def close(self) -> None:
        self._consumer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _ends(self) -> Mapping[TopicPartition, int]:
        ends: Mapping[TopicPartition, int] = self._consumer.end_offsets(self._partitions)
        return ends

    def _behind(self, ends: Mapping[TopicPartition, int]) -> set[TopicPartition]:
        return {tp for tp, end in ends.items() if self._consumer.position(tp) < end}
