"""One round: a fault of one kind under load, then everything drained and verified row by row.

Comes in: a running system and a kind. Goes out: a `Result` with what differs, which exits nobody explains, which
promise was broken, and how long it took until the partitions concerned moved again.
"""

import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from kafka.errors import KafkaError
from kafka.structs import TopicPartition

from clickhouse.loader.lane import Limits
from streams.failpoints import FailpointError
from streams.progress import Stage
from tests.faults.positions import LOADER_STAGES, STAGES, WORKER_STAGES, Positions, committed, lag
from tests.faults.processes import Exit, Program
from tests.faults.system import NotReady, System, await_true

LAG_WITHIN_S = 30.0
PROGRESS_WITHIN_S = 90.0
IDLE_LIMIT_S = 5.0
COLLECTS_S = Limits().flowing_s
"""So long a loader lets a batch grow while more keeps coming: it is idle only after that."""
OWNERLESS_LIMIT_S = 25.0
"""A session time-out, a rebalance and the start of a process, on a busy machine."""
LINGER_S = (0.3, 1.5)
LINGER_GRACEFUL_S = (IDLE_LIMIT_S + COLLECTS_S + 1.0, IDLE_LIMIT_S + COLLECTS_S + 2.0)
"""Load and watch go on for so long after the last change: what stands idle since then reaches its limit."""
FAILPOINT = f"{FailpointError.__name__}: failpoint "
EXPECTED = (NotReady, TimeoutError, KafkaError)
"""What they say is enough; of any other error the way there is kept too."""


@dataclass(frozen=True)
class Kind:
    """`inject` brings the fault about and returns when its cause is over; what must hold then is the same for all.

    `graceful`: no partition may stand idle. `fresh`: needs a system on which nothing has run yet. `last`: leaves one
    on which nothing more can run, and checks by itself what may be asked of it. `server`: the store is a server with
    several loaders; `ours`: one that can be killed. `named`: runs only where it is asked for by name.
    """

    name: str
    inject: Callable[["Fault"], None]
    graceful: bool = False
    fresh: bool = False
    last: bool = False
    server: bool = False
    ours: bool = False
    named: bool = False


@dataclass
class Result:
    kind: str
    lag: int = 0
    progress_s: float | None = None
    standstill_s: float = 0.0
    differences: int = 0
    broken: list[str] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def unexplained(self) -> list[Exit]:
        return [ended for ended in self.exits if ended.explained is None]

    @property
    def failed(self) -> bool:
        return bool(self.differences or self.broken or self.unexplained)


class Fault:
    """What a kind works with: the system, its random source, and the moment with lag in which it strikes."""

    def __init__(self, system: System, chance: random.Random, positions: Positions) -> None:
        self.system = system
        self.chance = chance
        self.positions = positions
        self.struck_at: float | None = None
        self.before: dict[TopicPartition, int] = {}
        self.lag: dict[TopicPartition, int] = {}
        self.progress_within_s = PROGRESS_WITHIN_S
        self.broken: list[str] = []
        self.notes: list[str] = []

    def strike(
        self, targets: Sequence[Program], concerned: Sequence[TopicPartition], act: Callable[[], object]
    ) -> None:
        """Does it at a random moment at which the concerned partitions have lag: the targets are frozen to look."""
        self.freeze(targets, concerned)
        self._struck()
        act()
        send(targets, signal.SIGCONT)

    def freeze(self, targets: Sequence[Program], concerned: Sequence[TopicPartition]) -> None:
        """Returns with the targets stopped, at a moment at which the concerned partitions have lag."""
        deadline = time.monotonic() + LAG_WITHIN_S
        while time.monotonic() < deadline:
            time.sleep(self.chance.uniform(0.05, 0.4))
            send(targets, signal.SIGSTOP)
            if self.look(concerned):
                return
            send(targets, signal.SIGCONT)
            self.system.load.burst(500)
        raise NotReady(f"no lag on {short(concerned)} within {LAG_WITHIN_S:.0f} s")

    def _struck(self) -> None:
        self.struck_at = time.monotonic()
        self.system.watch.expect(self.before)

    def look(self, concerned: Sequence[TopicPartition]) -> bool:
        """Notes the lag of this moment; is there any?"""
        positions = self.positions.all()
        self.lag = lag(positions, concerned)
        self.before = {tp: committed(positions[tp]) for tp in self.lag}
        return bool(self.lag)

    def strike_and_hold(self, targets: Sequence[Program], concerned: Sequence[TopicPartition]) -> None:
        """The freezing itself is the fault: the targets stay stopped."""
        self.freeze(targets, concerned)
        self._struck()

    def loads(self) -> bool:
        return all(found.committed for found in self.positions.of(*LOADER_STAGES).values())

    def owned(self, worker: Program) -> list[TopicPartition]:
        """The partitions that this worker holds, of both stages."""
        slot = self.system.slot(worker)
        held = [self.positions.owners(stage) for stage in WORKER_STAGES]
        return [tp for owners in held for member, tps in owners.items() if f"-{slot}-" in member for tp in tps]

    def partitions(self, *stages: Stage) -> list[TopicPartition]:
        return list(self.positions.of(*stages))

    def wait(self, shortest_s: float, longest_s: float) -> None:
        time.sleep(self.chance.uniform(shortest_s, longest_s))

    def promise(self, kept: bool, sentence: str) -> None:
        if not kept:
            self.broken.append(sentence)

    def await_true(self, question: Callable[[], bool], what: str, within_s: float = 40.0) -> None:
        await_true(question, what, within_s)

    def struck_already(self, concerned: Sequence[TopicPartition]) -> None:
        """The fault is under way by itself; there is lag as long as it lasts."""
        if not self.look(concerned):
            raise NotReady(f"no lag on {short(concerned)} although the fault is under way")
        self._struck()

    def strike_by_death(
        self, program: Program, concerned: Sequence[TopicPartition], code: int, why: str, within_s: float
    ) -> None:
        """The program, started with a fail point, ends by itself; while it is down the lag it leaves is looked at.

        `concerned`: the partitions of the stages that such a process works on.
        """
        program.keep = False
        said = "" if code < 0 else FAILPOINT
        self.system.ledger.excuse(program.name, [code], within_s, why, said=said)
        if not program.await_end(within_s):
            raise NotReady(f"{program.name} did not reach its fail point ({why}) within {within_s:.0f} s")
        self.await_true(lambda: self.look(concerned), f"lag on {short(concerned)} while {program.name} is down")
        self._struck()
        program.start()

    def await_moved(self) -> float:
        """Seconds from the fault until every partition concerned has committed beyond where it stood."""
        assert self.struck_at is not None
        passed_at = self.system.watch.passed_at
        while stuck := [tp for tp in self.before if tp not in passed_at]:
            if time.monotonic() - self.struck_at > self.progress_within_s:
                held = {stage.name: self.positions.owners(stage) for stage in STAGES}
                raise NotReady(f"no progress on {short(stuck)} within {self.progress_within_s:.0f} s; held: {held}")
            time.sleep(0.05)
        return max(passed_at[tp] for tp in self.before) - self.struck_at


def send(programs: Sequence[Program], number: signal.Signals) -> None:
    """A signal to a stopped process arrives when it goes on; SIGKILL at once."""
    for program in programs:
        program.send(number)


def run_round(system: System, kind: Kind, chance: random.Random) -> Result:
    result = Result(kind.name)
    """Whatever is raised in it is a promise that was broken: a long run goes on with the next round."""
    seen = len(system.ledger.exits)
    try:
        with closing(system.positions()) as positions:
            _one(Fault(system, chance, positions), kind, result)
    except Exception as problem:
        result.broken.append(told(problem, system.folder))
    result.notes.append(f"machine load {os.getloadavg()[0]:.0f} on {os.cpu_count()} processors")
    result.exits = system.ledger.exits[seen:]
    system.ledger.forget_excuses()
    return result


def _one(fault: Fault, kind: Kind, result: Result) -> None:
    try:
        _inject_and_settle(fault, kind, result)
        if not kind.last:
            _drain_and_verify(fault.system, result)
    finally:
        result.broken += fault.broken
        result.notes += [f"lag when struck: {short_lag(fault.lag)}", *fault.notes]
        result.lag = sum(fault.lag.values())


def told(problem: Exception, folder: Path) -> str:
    """In one line. How it came to one that nobody expects stands in the folder."""
    if isinstance(problem, EXPECTED):
        return str(problem) or repr(problem)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "errors.txt").open("a") as kept:
        kept.writelines(traceback.format_exception(problem))
        kept.write(str(getattr(problem, "stderr", None) or ""))  # of a command that failed
    return f"{type(problem).__name__}: {problem} (see {folder / 'errors.txt'})"


def _inject_and_settle(fault: Fault, kind: Kind, result: Result) -> None:
    system = fault.system
    system.load.go()
    try:
        if not kind.fresh and not system.running():
            system.scale(1)
            fault.await_true(fault.loads, "a first batch in every partition of facts")
        system.watch.forget()  # of how it came up, no fault is to blame
        kind.inject(fault)
        if fault.struck_at is not None and not kind.last:
            result.progress_s = fault.await_moved()
            fault.wait(*(LINGER_GRACEFUL_S if kind.graceful else LINGER_S))
    finally:
        system.load.pause()
    ownerless = max(system.watch.ownerless.values(), default=0.0)
    if ownerless > OWNERLESS_LIMIT_S and not kind.last:
        result.broken.append(f"records waited {ownerless:.0f} s for a loader that owned nothing")
    standstill = dict(system.watch.standstill)
    result.standstill_s = max(standstill.values(), default=0.0)
    if kind.graceful and (stood := idle(standstill)):
        result.broken.append(f"a partition stood idle: {short_times(stood)}")


def _drain_and_verify(system: System, result: Result) -> None:
    drained = system.drain()
    if drained is not None:
        result.broken.append(f"not drained: {drained}")
        return
    result.differences, said = system.verify()
    if result.differences:
        result.broken.append(said)


def short(partitions: Sequence[TopicPartition]) -> str:
    return ", ".join(f"{tp.topic}/{tp.partition}" for tp in partitions)


def short_lag(lag: dict[TopicPartition, int]) -> str:
    return ", ".join(f"{tp.topic}/{tp.partition} {count}" for tp, count in lag.items()) or "none"


def short_times(times: dict[TopicPartition, float]) -> str:
    return ", ".join(f"{tp.topic}/{tp.partition} {waited:.1f} s" for tp, waited in times.items())


def idle(standstill: dict[TopicPartition, float]) -> dict[TopicPartition, float]:
    """Which of them stood still for longer than who has something to do may."""
    loaded = {stage.topic for stage in LOADER_STAGES}
    limits = {tp: IDLE_LIMIT_S + (COLLECTS_S if tp.topic in loaded else 0.0) for tp in standstill}
    return {tp: waited for tp, waited in standstill.items() if waited > limits[tp]}
