"""The Faust worker: two stages in one app, each with a chunk source and an agent.

Comes in: where Kafka is, where state may live, which generation. Goes out: an exit code: 0 after SIGTERM or SIGINT, at
any time; 1 on everything unexplained, with the reason on its last line. A supervisor starts it again.
"""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import faust
from faust.app import BootStrategy

from streams.agents import classify_clients, deduplicate_calls
from streams.contracts.topics import (
    ACTIVITY,
    CALL_FACTS,
    CALL_RECORDS,
    CALLS_CHANGELOG,
    CLIENTS_CHANGELOG,
    DEAD_LETTERS,
)
from streams.delivery import logs
from streams.delivery.current_directory import CurrentDirectory, LoadDirectory
from streams.delivery.identity import IdentityError, check_identity, read_identity
from streams.delivery.limits import Limits
from streams.delivery.slot import NoSlotError, Slot
from streams.delivery.source import ChunkSource, Place
from streams.delivery.stage import Stage
from streams.delivery.watchdog import LoopGuard
from streams.directory_topic import read_directory

log = logging.getLogger(__name__)

Register = Callable[[faust.App, ChunkSource], None]


class OwnConsumption(BootStrategy):
    """Faust's consumer and producer stay off: chunk sources bring the records, leases write."""

    enable_kafka_consumer = False
    enable_kafka_producer = False


class App(faust.App):
    BootStrategy = OwnConsumption


@dataclass(frozen=True)
class Worker:
    kafka: str
    data: Path
    generation: int = 1
    limits: Limits = field(default_factory=Limits)


def stages(generation: int) -> list[tuple[Stage, Register]]:
    """In the order of the flow."""
    return [
        (
            Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS, generation),
            deduplicate_calls.register,
        ),
        (
            Stage("classify_clients", ACTIVITY, CLIENTS_CHANGELOG, (CALL_FACTS,), DEAD_LETTERS, generation),
            classify_clients.register,
        ),
    ]


def run(worker: Worker) -> int:
    """The entry of `pulse stream`."""
    return run_stages(worker, stages(worker.generation), read_directory)


def run_stages(worker: Worker, flow: Sequence[tuple[Stage, Register]], load: LoadDirectory) -> int:
    signal.signal(signal.SIGTERM, _stopped_before_start)
    logs.set_up()
    try:
        slot = Slot.take(worker.data)
        identity = read_identity(worker.kafka, [topic for stage, _ in flow for topic in stage.topics])
        check_identity(slot.folder, identity)
    except (NoSlotError, IdentityError) as refusal:
        log.critical("%s", refusal)
        return 1
    log.info("worker slot %d (%s), generation %d", slot.number, slot.instance, worker.generation)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    return _execute(faust.Worker(_Flow(worker, slot, flow, load).app, loop=loop, override_logging=False, quiet=True))


class _Flow:
    """The app with its services; made before the loop runs."""

    def __init__(self, worker: Worker, slot: Slot, flow: Sequence[tuple[Stage, Register]], load: LoadDirectory) -> None:
        limits = worker.limits
        self.app = _app(worker, slot)
        self.directory = CurrentDirectory(worker.kafka, load, limits.directory_every_s)
        self.sources = []
        place = Place(worker.kafka, slot.folder, slot.instance)
        for stage, register in flow:
            source = ChunkSource(self.app, stage, place, limits, self.directory, end_process)
            self.app.service(source)
            register(self.app, source)
            self.sources.append(source)
        self.app.task(self._follow_directory)
        self.app.task(self._guard_loop)
        self.limits = limits

    async def _follow_directory(self) -> None:
        await self.directory.follow(self._adopted)

    async def _adopted(self, directory: Any) -> None:
        for source in self.sources:
            await source.check_directory(directory)

    async def _guard_loop(self) -> None:
        # Faust's own consumer would have opened the channels after its table recovery
        self.app.flow_control.resume()
        guard = LoopGuard(self.limits.stalled_s, end_process)
        while True:
            guard.beat()
            await asyncio.sleep(1)


def _app(worker: Worker, slot: Slot) -> App:
    return App(
        f"pulse.g{worker.generation}",
        broker=f"kafka://{worker.kafka}",
        datadir=str(slot.folder / "faust"),
        web_enabled=False,
        topic_disable_leader=True,
        topic_allow_declare=False,
    )


def _execute(worker: Any) -> int:
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def end_process(error: BaseException) -> NoReturn:
    """At once, from any thread. All that is open is left as a kill would leave it, which is what it is made for."""
    log.critical("the worker ends: %s: %s", type(error).__name__, error, exc_info=error)
    logging.shutdown()
    os._exit(1)


def _stopped_before_start(_number: int, _frame: object) -> NoReturn:
    sys.exit(0)
