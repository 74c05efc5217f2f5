"""Where each stage of the flow stands, asked from outside: no group is joined, nothing is moved.

Comes in: the broker's address and a generation. Goes out, per stage and partition: what is committed, where the log
ends, and the first record that is not through yet with the moment it was observed. Every answer is in bounded time,
or it is an error: what could not be read in that time is never taken for nothing.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any, Self

import orjson
from kafka import KafkaAdminClient, KafkaConsumer, OffsetSpec, TopicPartition
from kafka.errors import KafkaTimeoutError, RetriableError
from pydantic_core import PydanticCustomError

from streams.contracts import groups
from streams.contracts.stages import worker_stages
from streams.contracts.times import parse_time
from streams.contracts.topics import CALL_FACTS, ORDER_FACTS

WITHIN_S = 10.0
RETRY_S = 0.2
FETCH_BYTES = 64 * 1024
MOST_POLLED = 1_000_000_000
"""All that a fetch brought, which its bytes bound: kafka-python never goes on with a partition that is paused while a
part of its records is still to be returned."""


class ProgressError(RuntimeError):
    """The flow cannot be asked; the message says what is missing."""


@dataclass(frozen=True)
class Stage:
    """A step of the flow: a topic, and the group whose committed offsets say how far it has been worked through."""

    name: str
    topic: str
    group: str


def stages(generation: int) -> tuple[Stage, ...]:
    """In the order of the flow."""
    workers = (Stage(each.name, each.source_topic, each.group) for each in worker_stages(generation))
    return (
        *workers,
        Stage("loader", CALL_FACTS.named(generation), groups.of_loader("calls", generation)),
        Stage("loader of orders", ORDER_FACTS.named(generation), groups.of_loader("orders", generation)),
    )


@dataclass(frozen=True)
class Waiting:
    """The first record that is not through: its offset, and `observed_at` of the first readable one from it on."""

    offset: int
    observed_at: int | None


@dataclass(frozen=True)
class StagePosition:
    """One partition of one stage. Everything below `done` is through; `end` is the log's end, transactions included.

    Committed offsets never reach the end of a log that transactions write to, because their markers fill it; `done`
    passes over markers and aborted records. It stays below `end` while a transaction is open.
    """

    stage: str
    topic: str
    partition: int
    committed: int | None
    done: int
    end: int
    first: Waiting | None

    @property
    def through(self) -> bool:
        return self.done >= self.end


def complete_until(positions: Iterable[StagePosition], now_ms: int) -> int:
    """`observed_at` of the first record not yet through, of all partitions the earliest, else now; `now_ms` is the
    clock *before* the positions.

    Where a partition was not written in the order of `observed_at` (a file of an older year sent after a newer one), an
    older record may wait behind the first: to know, all that waits would have to be read.
    """
    waiting = [p.first.observed_at for p in positions if p.first is not None and p.first.observed_at is not None]
    return min([*waiting, now_ms])


@dataclass(frozen=True)
class _Scan:
    """What reading a partition from `start` to `read` has shown."""

    start: int
    read: int
    first: Waiting | None

    @property
    def done(self) -> int:
        """There is no record from `start` to here."""
        return self.read if self.first is None else self.first.offset


class Progress:
    """Asks a broker where the flow stands, over connections that stay open. For one thread at a time.

    A call that fails (`KafkaError`) leaves it usable: ask again.
    """

    def __init__(self, bootstrap: str, generation: int, within_s: float = WITHIN_S) -> None:
        bound_ms = int(within_s * 1_000)
        common = {"bootstrap_servers": bootstrap, "request_timeout_ms": bound_ms, "bootstrap_timeout_ms": bound_ms}
        self.generation = generation
        self.stages = stages(generation)
        self._within_s = within_s
        self._scans: dict[TopicPartition, _Scan] = {}
        self._admin = KafkaAdminClient(**common)
        self._consumer = KafkaConsumer(
            **common,
            group_id=None,
            enable_auto_commit=False,
            isolation_level="read_committed",
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_wait_ms=100,
            max_poll_records=MOST_POLLED,
        )

    def positions(self) -> list[StagePosition]:
        """Every stage in the order of the flow: what leaves a stage meanwhile is seen at the next, never missed."""
        return [position for stage in self.stages for position in self.of(stage)]

    def of(self, stage: Stage) -> list[StagePosition]:
        """Raises `KafkaTimeoutError` where a partition could not be read in time up to a record, or to its end."""
        positions, unread = self._asked(stage)
        if unread:
            where = ", ".join(f"{tp.topic}[{tp.partition}]" for tp in unread)
            raise KafkaTimeoutError(f"{where} could not be read within {self._within_s:g} s; ask again, it is read on")
        return positions

    def so_far(self, stage: Stage) -> list[StagePosition]:
        """The same, as far as could be read in time: `done` is true, and may be too low; no `first` says nothing."""
        return self._asked(stage)[0]

    def _asked(self, stage: Stage) -> tuple[list[StagePosition], list[TopicPartition]]:
        """The positions, and the partitions that were not read far enough for their `first`."""
        partitions = self._partitions(stage.topic)
        committed = self._committed(stage.group, partitions)  # before the ends: what is seen as waiting was produced
        ends = self._ends(partitions)
        begins = self._consumer.beginning_offsets(partitions)
        scans, unread = self._scan({tp: max(committed[tp] or 0, begins[tp]) for tp in partitions})
        positions = [
            StagePosition(stage.name, tp.topic, tp.partition, committed[tp], scans[tp].done, ends[tp], scans[tp].first)
            for tp in partitions
        ]
        return positions, unread

    def ends(self, stage: Stage) -> dict[int, int]:
        """The end of each partition of the stage's topic now, open transactions included."""
        return {tp.partition: end for tp, end in self._ends(self._partitions(stage.topic)).items()}

    def close(self) -> None:
        self._consumer.close()
        self._admin.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _partitions(self, topic: str) -> list[TopicPartition]:
        known: set[int] | None = self._consumer.partitions_for_topic(topic)
        if not known:
            raise ProgressError(f"there is no topic {topic}: run `pulse topics apply`")
        return [TopicPartition(topic, partition) for partition in sorted(known)]

    def _committed(self, group: str, partitions: Sequence[TopicPartition]) -> dict[TopicPartition, int | None]:
        found = self._patiently(lambda: self._admin.list_group_offsets({group: list(partitions)}))[group]
        return {tp: found[tp].offset if tp in found and found[tp].offset >= 0 else None for tp in partitions}

    def _ends(self, partitions: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        found = self._patiently(
            lambda: self._admin.list_partition_offsets(dict.fromkeys(partitions, OffsetSpec.LATEST))
        )
        return {tp: at.offset for tp, at in found.items()}

    def _patiently(self, ask: Callable[[], Any]) -> Any:
        """A broker that has just started knows no coordinators or leaders for a moment."""
        deadline = monotonic() + self._within_s
        while True:
            try:
                return ask()
            except RetriableError:
                if monotonic() > deadline:
                    raise
                sleep(RETRY_S)

    def _scan(self, starts: Mapping[TopicPartition, int]) -> tuple[dict[TopicPartition, _Scan], list[TopicPartition]]:
        """From each start on: the first record there is, or how far there is none; and where time ran out before that.
        What was read of those is kept, so that the next question reads on, however far it is."""
        known = {tp: _known(self._scans.get(tp), start) for tp, start in starts.items()}
        stable = self._consumer.end_offsets(list(starts))
        open_ = {tp: scan for tp, scan in known.items() if not _answered(scan, stable[tp])}
        self._scans.update(known | self._read(open_, stable))
        scans = {tp: self._scans[tp] for tp in starts}
        return scans, [tp for tp, scan in scans.items() if not _answered(scan, stable[tp])]

    def _read(
        self, scans: dict[TopicPartition, _Scan], stable: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, _Scan]:
        self._seek(scans)
        deadline = monotonic() + self._within_s
        while not all(_answered(scans[tp], stable[tp]) for tp in scans) and monotonic() < deadline:
            batch = self._consumer.poll(timeout_ms=200)
            for tp, scan in scans.items():
                if not _answered(scan, stable[tp]):
                    scans[tp] = _further(scan, batch.get(tp, ()), self._consumer.position(tp))
            self._consumer.pause(*[tp for tp in scans if _answered(scans[tp], stable[tp])])
        return scans

    def _seek(self, scans: Mapping[TopicPartition, _Scan]) -> None:
        self._consumer.assign(list(scans))
        self._consumer.resume(*scans)
        for tp, scan in scans.items():
            self._consumer.seek(tp, scan.read)


def _known(scan: _Scan | None, start: int) -> _Scan:
    """What is known from `start` on. A log never gains a record in a part that was read, so an old scan still holds."""
    if scan is None or not scan.start <= start <= scan.done:
        return _Scan(start, start, None)
    return _Scan(start, scan.read, scan.first)


def _answered(scan: _Scan, stable: int) -> bool:
    return scan.read >= stable or (scan.first is not None and scan.first.observed_at is not None)


def _further(scan: _Scan, records: Sequence[Any], position: int) -> _Scan:
    """The scan after reading on: the first record found stands; an unreadable one takes the next one's moment."""
    first = scan.first
    for record in records:
        first = Waiting(first.offset if first else record.offset, observed_at(record.value))
        if first.observed_at is not None:
            break
    return _Scan(scan.start, position, first)


def observed_at(value: bytes | None) -> int | None:
    """Of a raw record (RFC 3339) or an inner message (epoch milliseconds); None where it cannot be read."""
    try:
        found = orjson.loads(value or b"")["observed_at"]
        return found if isinstance(found, int) else parse_time(found)
    except (ValueError, TypeError, KeyError, PydanticCustomError):
        return None
