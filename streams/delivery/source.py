"""The chunk source of a stage: a Faust service that owns the stage's consumer and its leases.

Comes in: records of the source topic, in a consumer group. Goes out: chunks on a Faust channel, one at a time per
partition, the next when the last one is committed. Every record is processed once in effect, whatever dies or pauses.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import InvalidProducerEpoch, InvalidProducerIdMapping, InvalidTxnState, KafkaError, ProducerFenced

from streams.contracts.stages import Stage
from streams.delivery.chunk import Chunk, cut
from streams.delivery.current_directory import CurrentDirectory
from streams.delivery.identity import check_identity, read_identity
from streams.delivery.lease import Lease
from streams.delivery.limits import Limits
from streams.delivery.membership import group_consumer, leave
from streams.delivery.takeover import OvertakenError, take_over
from streams.delivery.watchdog import Sight, Watchdog
from streams.directory import Directory

log = logging.getLogger(__name__)

LOST = (ProducerFenced, InvalidProducerEpoch, InvalidProducerIdMapping, InvalidTxnState, OvertakenError)
"""Another producer has our transactional id or has used it, or the coordinator gave our transaction up."""
FETCH_WAIT_MS = 500
NOBODYS = 1 << 30
"""No topic has this partition."""


class TakeOverTooLongError(RuntimeError):
    """Taking over sends no heartbeat; going on would lose the partitions unnoticed."""


@dataclass(frozen=True)
class Place:
    """Where a worker runs: its broker, its folder, its name in the groups."""

    bootstrap: str
    folder: Path
    instance: str


class ChunkSource(faust.Service, ConsumerRebalanceListener):  # type: ignore[misc]
    def __init__(
        self,
        app: faust.App,
        stage: Stage,
        place: Place,
        limits: Limits,
        directory: CurrentDirectory,
        fail: Callable[[BaseException], None],
    ) -> None:
        """`fail` ends the process: whatever is unexplained ends here, and the supervisor starts anew."""
        super().__init__()
        self.stage = stage
        self.chunks = app.channel()
        self._place = place
        self._limits = limits
        self._directory = directory
        self._end_process = fail
        self._leases: dict[TopicPartition, Lease] = {}
        self._giving_up = asyncio.Lock()
        self._consumer: AIOKafkaConsumer | None = None
        self._joined = False
        self._verified: asyncio.Task[None] | None = None
        self._stopping = False

    # -- life

    async def on_start(self) -> None:
        self.add_future(self._guarded(self._join()))
        self.add_future(self._guarded(self._watch()))

    async def on_stop(self) -> None:
        """The flag first: from here nothing is taken over, and the errors of what is being closed are none."""
        self._stopping = True
        await self._guarded(self._give_up(list(self._leases)))
        if self._consumer is not None:
            await self._guarded(self._leave(self._consumer))
        await self._guarded(self._give_up(list(self._leases)))  # taken over while the flag was being set

    async def _join(self) -> None:
        await self._directory.available()
        self._consumer = group_consumer(self._place.bootstrap, self.stage.group, self._place.instance, self._limits)
        await self._consumer.start()
        self._consumer.subscribe([self.stage.source_topic], listener=self)
        self._joined = True

    async def _leave(self, consumer: AIOKafkaConsumer) -> None:
        place = self._place
        await leave(consumer, place.bootstrap, self.stage.group, place.instance, self._limits.join_s)

    def _fail(self, error: BaseException) -> None:
        if self._stopping:
            log.info("while stopping: %r", error)
        else:
            self._end_process(error)

    async def _guarded(self, work: Any) -> None:
        try:
            await work
        except Exception as error:
            self._fail(error)

    # -- rebalances: aiokafka logs what these raise and goes on as if nothing had happened, so nothing may get out

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        await self._guarded(self._give_up(revoked))

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        await self._guarded(self._take_over(assigned))

    async def _give_up(self, partitions: Iterable[TopicPartition]) -> None:
        """One after the other, so that a stop waits for what a rebalance is giving up."""
        async with self._giving_up:
            closing = [self._leases.pop(partition) for partition in partitions if partition in self._leases]
            for lease in closing:
                lease.closing.set()  # all of them, before the first is waited for
            await asyncio.gather(*(lease.give_up() for lease in closing))

    async def _take_over(self, assigned: Iterable[TopicPartition]) -> None:
        if self._stopping or self._consumer is None:
            return
        self._verified = asyncio.create_task(self._verify_identity())
        taking = [asyncio.create_task(self._take_over_one(self._consumer, partition)) for partition in assigned]
        done, late = await asyncio.wait(taking, timeout=self._limits.take_over_s) if taking else (set(), set())
        for taken in done:
            taken.result()
        if late:
            await _cancelled(late)
            raise TakeOverTooLongError(
                f"taking {len(late)} partitions of {self.stage.source_topic} over took more than "
                f"{self._limits.take_over_s:.0f} s: is the broker up, or the machine very busy?"
            )

    async def _take_over_one(self, consumer: AIOKafkaConsumer, partition: TopicPartition) -> None:
        taken = await take_over(self._place.bootstrap, self.stage, self._limits, consumer, partition)
        consumer.seek(partition, taken.start if taken.committed is None else taken.committed)
        lease = Lease(self.stage, taken, self._place.folder, self._place.bootstrap, self._limits)
        self._leases[partition] = lease
        if not self._stopping:
            lease.feed = asyncio.create_task(self._feed(consumer, lease), name=f"feed of {partition}")

    # -- work

    async def _feed(self, consumer: AIOKafkaConsumer, lease: Lease) -> None:
        try:
            await self._restore(consumer, lease)
            while not lease.closing.is_set():
                fetched = await consumer.getmany(
                    lease.partition, timeout_ms=FETCH_WAIT_MS, max_records=self._limits.chunk_records
                )
                for records in cut(
                    fetched.get(lease.partition, ()), self._limits.chunk_records, self._limits.chunk_bytes
                ):
                    await self._hand_over(lease, records)
        except LOST as error:
            await self._lost(lease, error)
        except Exception as error:
            if not lease.closing.is_set():
                self._fail(error)

    async def _restore(self, consumer: AIOKafkaConsumer, lease: Lease) -> None:
        if self._verified is not None:
            await asyncio.shield(self._verified)
        offset = await lease.restore(self._directory.current, consumer)
        if await consumer.position(lease.partition) != offset:
            consumer.seek(lease.partition, offset)

    async def _verify_identity(self) -> None:
        """The broker may have come back as another one since the last time."""
        identity = await asyncio.to_thread(read_identity, self._place.bootstrap, self.stage.topics)
        check_identity(self._place.folder, identity)

    async def _hand_over(self, lease: Lease, records: Any) -> None:
        """What lies below the next offset is done already, and dropped."""
        fresh = [record for record in records if record.offset >= (lease.next_offset or 0)]
        if len(fresh) < len(records):
            log.warning("%s partition %d: %d records seen again", *lease.partition, len(records) - len(fresh))
        if fresh and not lease.closing.is_set():
            chunk = Chunk(lease, fresh, self._directory.current)
            lease.in_hand = True
            try:
                await self.chunks.put(chunk)  # type: ignore[arg-type]
                await chunk.done
            finally:
                lease.in_hand = False

    async def _lost(self, lease: Lease, error: Exception) -> None:
        """Fenced is normal if the group takes the partition away soon: somebody else has it while we were paused.

        Otherwise we still own a partition that we cannot write for (a transaction ran out of time): start anew.
        """
        log.warning("%s partition %d: fenced (%r)", *lease.partition, error)
        try:
            async with asyncio.timeout(self._limits.session_timeout_s):
                await lease.closing.wait()
        except TimeoutError:
            self._fail(error)

    async def check_directory(self, directory: Directory) -> None:
        await self._guarded(self._check_directory(directory))

    async def _check_directory(self, directory: Directory) -> None:
        for lease in self._leases.values():
            lease.check_directory(directory)

    # -- watch

    async def _watch(self) -> None:
        watchdog = Watchdog(self._limits.stalled_s, self._limits.watch_every_s)
        ends = AIOKafkaConsumer(bootstrap_servers=self._place.bootstrap, enable_auto_commit=False)
        try:
            await ends.start()
            while not self._stopping:
                await asyncio.sleep(self._limits.watch_every_s)
                await self._look(watchdog, ends)
        finally:
            await ends.stop()

    async def _look(self, watchdog: Watchdog, ends: AIOKafkaConsumer) -> None:
        if self._consumer is None or not self._joined:  # on a busy machine it may take longer than a look to start
            return
        partitions = list(self._consumer.assignment())
        if not partitions:
            await self._stay_in_group(self._consumer)
            return
        try:
            async with asyncio.timeout(self._limits.watch_every_s):
                high = await ends.end_offsets(partitions)
                sights = {partition: await self._sight(partition, end) for partition, end in high.items()}
        except (KafkaError, TimeoutError):
            watchdog.blind()
        else:
            watchdog.look(sights)

    async def _stay_in_group(self, consumer: AIOKafkaConsumer) -> None:
        """A worker with nothing assigned fetches nothing, and one that does not fetch is taken for dead after minutes
        and never joins again. Asking for nobody's partition keeps it alive, and raises what coordination died of.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._limits.watch_every_s):
                await consumer.getmany(TopicPartition(self.stage.source_topic, NOBODYS))

    async def _sight(self, partition: TopicPartition, end: int) -> Sight:
        """Markers fill a log's end: committed offsets never get there. The position does, but it runs ahead of work."""
        lease = self._leases.get(partition)
        if lease is None or lease.next_offset is None:
            return Sight(lease.place if lease else "not taken over", end)
        if lease.in_hand or self._consumer is None or partition not in self._consumer.assignment():
            return Sight(lease.place, end - lease.next_offset)
        position = await self._consumer.position(partition)
        return Sight(f"{lease.place}, read to {position}", end - position)


async def _cancelled(tasks: set[asyncio.Task[None]]) -> None:
    """What takes over later would fence whoever has the partition by then."""
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
