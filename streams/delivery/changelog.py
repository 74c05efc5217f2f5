"""The changelog of a lease: its state as messages of a compacted topic, written in the transaction of each chunk.

Comes in: a chunk's changes. Goes out: messages; after a move or a crash, the local state brought up to the log's end.
Deleted keys are marked, not tombstoned: a tombstone may be compacted away before an old copy of the state has read it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.contracts.topics import INNER_MESSAGE_BYTES
from streams.delivery.state import Mark, Store
from streams.failpoints import hit

MARK_KEY = b""
"""No state key is empty, so this one is the lease's own."""
PRESENT, DELETED = b"\x01", b"\x00"
RESTORE_RECORDS = 10_000
Pair = tuple[bytes, bytes]


def messages(changes: Mapping[bytes, bytes | None], mark: Mark) -> Iterator[Pair]:
    for key, value in changes.items():
        yield key, DELETED if value is None else PRESENT + value
    yield MARK_KEY, mark.encoded()


def changes(pairs: Iterable[Pair]) -> tuple[dict[bytes, bytes | None], Mark | None]:
    """The way back; of several messages of one key the last."""
    latest = dict(pairs)
    mark = latest.pop(MARK_KEY, None)
    values = {key: None if value[:1] == DELETED else value[1:] for key, value in latest.items()}
    return values, None if mark is None else Mark.decoded(mark)


class Restoring:
    """Brings one store up to its changelog's end. `restored` grows while it runs: the watchdog looks at it."""

    def __init__(self, bootstrap: str, partition: TopicPartition, store: Store) -> None:
        self._bootstrap = bootstrap
        self._partition = partition
        self._store = store
        self.restored = 0

    async def run(self) -> None:
        """Only after the former owner was fenced: from then on the log ends where it ends."""
        reader = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="none",
            max_partition_fetch_bytes=2 * INNER_MESSAGE_BYTES,
        )
        try:
            await reader.start()
            await self._read(reader)
        finally:
            await reader.stop()

    async def _read(self, reader: Any) -> None:
        reader.assign([self._partition])
        end = (await reader.end_offsets([self._partition]))[self._partition]
        if self._store.position is not None and self._store.position > end:
            self._store.clear()  # ahead of the log: from a changelog that is gone
        if is_up_to_date(self._store.position, end):
            return
        start = (await reader.beginning_offsets([self._partition]))[self._partition]
        reader.seek(self._partition, max(start, self._store.position or 0))
        while await reader.position(self._partition) < end:
            await hit("restore.reading")
            self._apply(await reader.getmany(timeout_ms=200, max_records=RESTORE_RECORDS))

    def _apply(self, fetched: dict[TopicPartition, list[Any]]) -> None:
        for records in fetched.values():
            values, mark = changes((record.key, record.value) for record in records)
            self._store.apply(values, records[-1].offset + 1, mark)
            self.restored += len(records)


def is_up_to_date(position: int | None, end: int) -> bool:
    """One offset between the two is the marker of the last transaction itself: another would take two at least."""
    return end == 0 if position is None else end - position <= 1
