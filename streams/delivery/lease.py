"""The right to work on one partition: its producer, its state, its next offset, and the task that does the work.

Comes in: a partition taken over, later its chunks. Goes out: committed chunks. A lease ends once, by `give_up`; from
then on nothing of it runs any more, and nothing of it is open.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

from aiokafka import AIOKafkaConsumer, TopicPartition

from streams.chunks import Message, Outputs, Rule
from streams.contracts.stages import Stage
from streams.delivery import changelog
from streams.delivery.limits import Limits
from streams.delivery.refusals import Tally, tally
from streams.delivery.routing import NO_HEADERS, routed, router
from streams.delivery.state import Mark, Store
from streams.delivery.takeover import Taken, check_not_overtaken, first_offset
from streams.delivery.transaction import commit
from streams.directory import Directory
from streams.failpoints import hit, hit_sync

log = logging.getLogger(__name__)


class WorkWentOnError(RuntimeError):
    """A cancelled chunk did not end: the producer it holds cannot be taken from it."""


class DirectoryChangedError(RuntimeError):
    """The state was derived with another directory; the message says what to do."""

    def __init__(self, message: str, derived_with: str) -> None:
        super().__init__(message)
        self.derived_with = derived_with


class Lease:
    def __init__(self, stage: Stage, taken: Taken, folder: Path, bootstrap: str, limits: Limits) -> None:
        self.partition: TopicPartition = taken.partition
        self.closing = asyncio.Event()
        self.next_offset: int | None = None
        """None until the state is there."""
        self.in_hand = False
        """Whether a chunk is under way, begun by an agent or not: until it is through, what it holds is waiting."""
        self.feed: asyncio.Task[None] | None = None
        self._stage = stage
        self._taken = taken
        self._folder = folder / stage.state_folder(taken.partition.partition)
        self._limits = limits
        self._bootstrap = bootstrap
        self._changelog = TopicPartition(stage.changelog_topic, taken.partition.partition)
        self._route = router(taken.partitions)
        self._store: Store | None = None
        self._opening: asyncio.Future[Store] | None = None
        self._restoring: changelog.Restoring | None = None
        self._work: asyncio.Task[None] | None = None

    # -- beginning

    async def restore(self, directory: Directory, consumer: AIOKafkaConsumer) -> int:
        """Brings the state up to its changelog's end; returns where to go on."""
        began = monotonic()
        await hit("restore.before")
        self._store = await self._opened()
        self._restoring = changelog.Restoring(self._bootstrap, self._changelog, self._store)
        await self._restoring.run()
        known = self._store.mark.next_offset if self._store.mark else None
        await check_not_overtaken(self._taken, known, consumer)
        self.check_directory(directory)
        self.next_offset = first_offset(self._taken, known)
        await hit("restore.after")
        log.info(
            "taken over: %s partition %d from offset %d, %d keys restored, %.0f ms",
            *(self.partition.topic, self.partition.partition, self.next_offset),
            *(self._restoring.restored, (monotonic() - began) * 1_000),
        )
        return self.next_offset

    async def _opened(self) -> Store:
        """In a thread: what a disk is asked for meanwhile may take longer than heartbeats can wait. Shielded, so that
        whoever gives the lease up meanwhile finds what has been opened.
        """
        self._opening = asyncio.create_task(asyncio.to_thread(Store, self._folder))
        return await asyncio.shield(self._opening)

    def check_directory(self, directory: Directory) -> None:
        """State derived with one directory must not go on with one that gives other numbers; an empty one neither: that
        an entry of the client base is nobody's is a number as well. What was refused has been derived with none."""
        store = self._store
        if store is None or store.mark is None or store.mark.directory in {"", directory.digest}:
            return
        raise DirectoryChangedError(
            f"the directory has changed in a way that changes numbers: the state of {self._stage.name}, partition "
            f"{self.partition.partition}, was derived with {store.mark.directory}, now published is {directory.digest} "
            f"(version {directory.version}). Derive everything anew (pulse rebuild), or apply the former directory",
            store.mark.directory,
        )

    # -- working

    def begin(self, messages: Sequence[Message], directory: Directory, rule: Rule) -> asyncio.Task[None] | None:
        """The lease owns the task: whoever asked for it may go away. None where the lease is being given up."""
        if self.closing.is_set():
            return None
        self._work = asyncio.create_task(self._process(messages, directory, rule), name=f"chunk of {self.partition}")
        return self._work

    @property
    def place(self) -> str:
        """For the watchdog."""
        if self.next_offset is None:
            return f"restoring its state, {self._restoring.restored if self._restoring else 0} messages so far"
        return f"offset {self.next_offset}" + (", with a chunk in hand" if self.in_hand else "")

    async def _process(self, messages: Sequence[Message], directory: Directory, rule: Rule) -> None:
        store = self._store
        if store is None:
            raise RuntimeError(f"{self._taken.name}: a chunk before the state")
        self.check_directory(directory)
        await hit("chunk.before")
        hit_sync("chunk.blocking")
        with store.view() as state:
            outputs = rule(messages, state)
        before = store.mark.refused if store.mark else Tally()
        refused = tally(self.partition, before, messages, outputs, self._limits.tolerance)
        mark = Mark(messages[-1].offset + 1, self._derived_with(messages, directory, outputs), refused)
        position = await self._commit(outputs, state.changes, mark)
        await hit("state.before")
        store.apply(state.changes, position, mark)
        await hit("state.after")
        self.next_offset = mark.next_offset
        if outputs.refused:
            log.info("refused: %d records of %s partition %d", len(outputs.refused), *self.partition)

    def _derived_with(self, messages: Sequence[Message], directory: Directory, outputs: Outputs) -> str:
        """Of a chunk that was refused as a whole: what came before it."""
        if len(outputs.refused) < len(messages):
            return directory.digest
        return self._store.mark.directory if self._store and self._store.mark else ""

    async def _commit(self, outputs: Outputs, changes: dict[bytes, bytes | None], mark: Mark) -> int:
        messages = routed(outputs, self._stage, self.partition, self._route, datetime.now(UTC))
        messages[self._changelog] = [(key, value, NO_HEADERS) for key, value in changelog.messages(changes, mark)]
        ends = await commit(self._taken.producer, messages, {self.partition: mark.next_offset}, self._stage.group)
        return ends[self._changelog]

    # -- ending

    async def give_up(self) -> None:
        """The work first, then the producer it uses (stopped, its calls would never return), the state last."""
        began = monotonic()
        self.closing.set()
        await hit("lease.closing")
        await self._end_work()
        await _cancelled(self.feed)
        await self._stop_producer()
        await self._close_store()
        log.info(
            "given up: %s partition %d at offset %s, %.0f ms",
            *(*self.partition, self.next_offset, (monotonic() - began) * 1_000),
        )

    async def _end_work(self) -> None:
        """A chunk is cut to end by itself in this time; it is cancelled when it does not."""
        if self._work is None or self._work.done():
            return
        if not await ended(self._work, self._limits.give_up_s):
            log.warning("%s partition %d: the chunk in work takes too long, it is cancelled", *self.partition)
            self._work.cancel()
            await ended(self._work, self._limits.cancel_s)
        if not self._work.done():
            raise WorkWentOnError(f"{self._taken.name}: a cancelled chunk went on for {self._limits.cancel_s} s")

    async def _stop_producer(self) -> None:
        stopping = asyncio.create_task(self._taken.producer.stop())
        if not await ended(stopping, self._limits.cancel_s):
            stopping.cancel()
            raise TimeoutError(f"{self._taken.name}: the producer did not stop in {self._limits.cancel_s} s")
        await stopping

    async def _close_store(self) -> None:
        if self._opening is None:
            return
        await asyncio.wait({self._opening})
        if self._opening.exception() is None:
            await asyncio.to_thread(self._opening.result().close)  # syncs the disk: as long as that likes


async def ended(task: asyncio.Task[None], within_s: float) -> bool:
    """Looked at ten times, so that a process that was paused meanwhile has lost a tenth of the time, not all of it."""
    for _ in range(10):
        await asyncio.wait({task}, timeout=within_s / 10)
        if task.done():
            return True
    return False


async def _cancelled(task: asyncio.Task[None] | None) -> None:
    if task is not None:
        task.cancel()
        await asyncio.wait({task})
