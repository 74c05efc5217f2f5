"""The Faust worker: the stages in one app, each with a chunk source and an agent.

Comes in: where Kafka is, where state may live, which generation. Goes out: an exit code: 0 after SIGTERM or SIGINT, at
any time, and where another generation is to be worked on; 1 on everything unexplained, with the reason on its last
line. A supervisor starts it again.
"""

import asyncio
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import time_ns
from typing import NoReturn

import faust
from faust.app import BootStrategy
from kafka.errors import KafkaError

from streams.agents import announce_clients, classify_clients, deduplicate_calls, deduplicate_orders
from streams.contracts.stages import Stage, worker_stages
from streams.delivery import logs
from streams.delivery.current_directory import CurrentDirectory, LoadDirectory
from streams.delivery.identity import IdentityError, check_identity, read_identity
from streams.delivery.lease import DirectoryChangedError
from streams.delivery.limits import Limits
from streams.delivery.refusals import Tolerance
from streams.delivery.retired import drop_retired
from streams.delivery.slot import NoSlotError, Slot
from streams.delivery.source import ChunkSource, Place
from streams.delivery.watchdog import LoopGuard
from streams.directory import Directory
from streams.directory_topic import read_directory
from streams.generations import read_generations
from streams.settled_topic import TopicError
from streams.trimming import trim

log = logging.getLogger(__name__)

Register = Callable[[faust.App, ChunkSource], None]


@dataclass(frozen=True)
class Worker:
    kafka: str
    data: Path
    generation: int = 1
    limits: Limits = field(default_factory=Limits)
    follows: bool = False
    """Ends with 0 once another generation than its own is current."""


class OwnConsumption(BootStrategy):
    """Faust's consumer and producer stay off: chunk sources bring the records, leases write."""

    enable_kafka_consumer = False
    enable_kafka_producer = False


class App(faust.App):
    """The stages, side by side, and what they share: the directory, the loop, the end."""

    BootStrategy = OwnConsumption

    def __init__(self, worker: Worker, slot: Slot, load: LoadDirectory) -> None:
        super().__init__(
            f"pulse.g{worker.generation}",
            broker=f"kafka://{worker.kafka}",
            datadir=str(slot.folder / "faust"),
            web_enabled=False,
            topic_disable_leader=True,
            topic_allow_declare=False,
        )
        self._worker = worker
        self._limits = worker.limits
        self._place = Place(worker.kafka, slot.folder, slot.instance)
        self._directory = CurrentDirectory(worker.kafka, load, worker.limits.directory_every_s)
        self._sources: list[ChunkSource] = []
        self._waiting: asyncio.Task[None] | None = None
        self._stopping: asyncio.Future[list[None]] | None = None
        self.task(self._open_channels)
        self.task(self._follow_directory)
        self.task(self._trim_topics)
        if worker.follows:
            self.task(self._follow_generation)

    def add(self, stage: Stage, register: Register) -> None:
        source = ChunkSource(self, stage, self._place, self._limits, self._directory, self._fail)
        self._sources.append(source)
        self.service(source)
        register(self, source)

    async def _open_channels(self) -> None:
        """Faust's own consumer would have done it after its table recovery."""
        self.flow_control.resume()
        guard = LoopGuard(self._limits.stalled_s, end_process)
        while True:
            guard.beat()
            await asyncio.sleep(1)

    async def _follow_directory(self) -> None:
        async def adopted(directory: Directory) -> None:
            for source in self._sources:
                await source.check_directory(directory)

        await self._directory.follow(adopted)

    async def _follow_generation(self) -> None:
        """A rebuild makes another generation current: whoever starts this worker again starts it on that one."""
        while not await asyncio.to_thread(is_superseded, self._worker):  # noqa: ASYNC110 - Kafka is asked
            await asyncio.sleep(self._limits.directory_every_s)
        end_gracefully()

    async def _trim_topics(self) -> None:
        """Every worker does; what one has deleted is nothing to the next."""
        while True:
            await asyncio.sleep(self._limits.trim_every_s)
            try:
                await asyncio.to_thread(trim, self._worker.kafka, self._worker.generation, time_ns() // 1_000_000)
            except (KafkaError, OSError) as error:
                log.warning("the inner topics stay as long as they are: %r", error)

    def _fail(self, error: BaseException) -> None:
        """A directory that gives other numbers is no fault of ours: it is waited for, everything else ends us."""
        if not isinstance(error, DirectoryChangedError):
            end_process(error)
        if self._waiting is None:
            self._waiting = asyncio.create_task(self._wait_for(error))

    async def _wait_for(self, changed: DirectoryChangedError) -> None:
        """Works on nothing until a rebuild supersedes us, or what the state was derived with is published again."""
        log.warning("%s. Waiting; what comes in stays in Kafka", changed)
        await self._stop_sources()
        while self._directory.current.digest != changed.derived_with:  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(self._limits.directory_every_s)
        log.info("the former directory is published again: starting anew")
        end_gracefully()

    async def on_stop(self) -> None:
        """Side by side, and within a bound: what is unfinished then is left to the next owner, as after a kill."""
        bound = threading.Timer(self._limits.stop_s, os._exit, [0])
        bound.daemon = True
        bound.start()
        await self._stop_sources()
        await super().on_stop()

    async def _stop_sources(self) -> None:
        """Once, however many ask: a service that is told to stop again says at once that it has stopped."""
        if self._stopping is None:
            self._stopping = asyncio.gather(*(source.stop() for source in self._sources))
        await asyncio.shield(self._stopping)


AGENTS: Mapping[str, Register] = {
    "deduplicate_calls": deduplicate_calls.register,
    "deduplicate_orders": deduplicate_orders.register,
    "announce_clients": announce_clients.register,
    "classify_clients": classify_clients.register,
}
"""By stage."""


def stages(generation: int) -> list[tuple[Stage, Register]]:
    return [(stage, AGENTS[stage.name]) for stage in worker_stages(generation)]


def run(kafka: str, data: Path, generation: int | None = None, tolerance: Tolerance | None = None) -> int:
    """The entry of `pulse stream`: works on the current generation, or only on the one that is named."""
    logs.set_up()
    try:
        limits = Limits(tolerance=tolerance or Tolerance())
        current = generation or read_generations(kafka).current
        worker = Worker(kafka, data, current, limits, follows=generation is None)
    except TopicError as refusal:
        log.critical("%s", refusal)
        return 1
    return run_stages(worker, stages(worker.generation), read_directory)


def run_stages(worker: Worker, flow: Sequence[tuple[Stage, Register]], load: LoadDirectory) -> int:
    logs.set_up()
    try:
        slot = Slot.take(worker.data)
        identity = read_identity(worker.kafka, [topic for stage, _ in flow for topic in stage.topics])
        check_identity(slot.folder, identity)
    except (NoSlotError, IdentityError) as refusal:
        log.critical("%s", refusal)
        return 1
    log.info("worker in %s (%s), generation %d", slot.folder, slot.instance, worker.generation)
    if worker.follows:
        drop_retired(slot.folder, worker.generation)
    code = _execute(worker, slot, flow, load)
    if code == 0:
        slot.leave()
    return code


def collect_rarely() -> None:
    """A chunk makes tens of thousands of objects and hardly a cycle: looking for some after every few costs a tenth."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _execute(worker: Worker, slot: Slot, flow: Sequence[tuple[Stage, Register]], load: LoadDirectory) -> int:
    collect_rarely()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    app = App(worker, slot, load)
    for stage, register in flow:
        app.add(stage, register)
    try:
        faust.Worker(app, loop=loop, override_logging=False, quiet=True).execute_from_commandline()
    except SystemExit as ended:
        return int(ended.code or 0)


def is_superseded(worker: Worker) -> bool:
    try:
        current = read_generations(worker.kafka).current
    except TopicError as error:
        log.warning("generation %d stays: %s", worker.generation, error)
        return False
    if current != worker.generation:
        log.info("generation %d is current now, this worker is of generation %d: it ends", current, worker.generation)
    return current != worker.generation


def end_gracefully() -> None:
    """As by a SIGTERM from outside, with exit code 0."""
    os.kill(os.getpid(), signal.SIGTERM)


def end_process(error: BaseException) -> NoReturn:
    """At once, from any thread. All that is open is left as a kill would leave it, which is what it is made for."""
    log.critical("the worker ends: %s: %s", type(error).__name__, error, exc_info=error)
    logging.shutdown()
    os._exit(1)
