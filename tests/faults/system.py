"""One whole flow on this machine: broker, workers, `pulse serve`, load; every part a real process of its own.

Comes in: an empty folder. Goes out: a system that faults can be injected into, that can be drained and verified. The
command line is the production path: nothing here reaches into the stages.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Self

import httpx
import psutil

from deploy import run
from deploy.broker import LocalBroker, is_ready
from deploy.ports import free_port
from streams.progress import Stage
from tests.faults import city
from tests.faults.load import Load
from tests.faults.positions import WORKER_STAGES, Positions, Watch
from tests.faults.processes import Ledger, Program, Supervisor

PULSE = str(Path(sys.executable).with_name("pulse"))
MAX_WORKERS = 3
STOP_WITHIN_S = 25.0
DRAIN_WITHIN_S = 90.0
VERIFY_WITHIN_S = 600.0
"""No promise: it is pure calculation, and takes minutes where a processor is shared by twenty."""
SETTLE_WITHIN_S = 40.0


class NotReady(RuntimeError):  # noqa: N818
    """The system under test could not be brought into the state that a fault needs."""


class System:
    """`workers` are the slots of this system, running or not; `pulse serve` is its loader and its API."""

    patience = 1.0
    """How many times longer than usual a drain and a verification may take."""
    of_store: tuple[str, ...] = ()
    """Options that lead a command to the store, where it is not the one in the data folder."""

    def __init__(self, folder: Path, seed: int | str, rate: int) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.ledger = Ledger()
        self.supervisor = Supervisor()
        self.data.mkdir(parents=True)
        self._local = LocalBroker(self.data / "kafka")
        self.address = self._local.address
        self.http = free_port()
        self.broker = Program("broker", self._local.prepare(), self._local.log, self.ledger)
        self.supervisor.programs.append(self.broker)
        self.workers = [self._worker(number) for number in range(MAX_WORKERS)]
        self.loaders, self.api = self._store()
        self.load = Load(self.address, city.records(seed), rate, random.Random(seed))
        self.watch = Watch(self.address, self.loading_for_s)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_exc: object) -> None:
        for thread in (self.watch, self.load):
            if thread.is_alive():
                thread.close()
        self.supervisor.close()

    def _start(self) -> None:
        self.supervisor.start()
        run.write(self.data, run.Run(os.getpid(), self.address, f"http://127.0.0.1:{self.http}"))
        self.start_broker()
        self.watch.start()
        self.load.start()

    def start_broker(self) -> None:
        """With the topics and the directory, also where its data is gone."""
        self._local.prepare()
        self.broker.start()
        self.await_broker()
        directory = self.folder / "directory.yaml"
        directory.write_text(city.directory())
        self.must("topics", "apply")
        self.must("directory", "apply", "--yes", str(directory))

    # -- commands

    def pulse(self, *arguments: str, within_s: float = 60.0) -> subprocess.CompletedProcess[str]:
        """A command that ends by itself. One that does not end in time counts as ended with 124."""
        command = self.command(*arguments)
        cpu_s = _cpu_of_children_s()
        try:
            return subprocess.run(command, check=False, capture_output=True, text=True, timeout=within_s)
        except subprocess.TimeoutExpired as late:
            told = b"".join(part for part in (late.stdout, late.stderr) if isinstance(part, bytes)).decode()
            busy = f"{_cpu_of_children_s() - cpu_s:.0f} s of it with a processor, machine load {os.getloadavg()[0]:.0f}"
            return subprocess.CompletedProcess(command, 124, told, f"not ended within {within_s:.0f} s, {busy}")

    def must(self, *arguments: str) -> str:
        done = self.pulse(*arguments)
        if done.returncode:
            raise NotReady(f"pulse {' '.join(arguments)} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout

    def command(self, *arguments: str) -> list[str]:
        return [PULSE, *arguments, "--data", str(self.data), "--kafka", self.address]

    def _program(self, name: str, *arguments: str) -> Program:
        program = Program(name, self.command(*arguments), self.folder / "logs" / f"{name}.log", self.ledger)
        self.supervisor.programs.append(program)
        return program

    def _worker(self, number: int) -> Program:
        return self._program(f"worker-{number}", "stream")

    def _store(self) -> tuple[list[Program], Program]:
        """Who fills the store, and who answers from it."""
        serve = self._program("serve", "serve", "--http", str(self.http))
        return [serve], serve

    @property
    def state(self) -> Path:
        return self.data / "state"

    # -- what runs

    @property
    def loader(self) -> Program:
        """The first, or only one."""
        return self.loaders[0]

    def loading_for_s(self) -> float:
        """How long there has been a loader process, whatever it does."""
        return max((loader.uptime_s for loader in self.loaders if loader.pid is not None), default=0.0)

    def start_store(self) -> None:
        if self.loader.pid is None:
            self.loader.start()

    def running(self) -> list[Program]:
        return [worker for worker in self.workers if worker.pid is not None]

    def start_worker(self, environment: Mapping[str, str] | None = None) -> Program:
        idle = next(worker for worker in self.workers if worker.pid is None)
        idle.start(environment)
        return idle

    def stop(self, program: Program) -> None:
        """Gracefully; anything but exit code 0 in time is an unexplained exit."""
        program.stop(STOP_WITHIN_S)

    def positions(self) -> Positions:
        return Positions(self.address)

    def await_broker(self, within_s: float = 60.0) -> None:
        await_true(lambda: is_ready(self.address), f"an answer of the broker (see {self._local.log})", within_s)

    def scale(self, count: int) -> None:
        """Starts or stops workers, one after the other, until so many hold their share and the loader runs."""
        self.start_store()
        while len(self.running()) < count:
            self.start_worker()
        while len(self.running()) > count:
            self.stop(self.running()[-1])
        self.settle()

    def settle(self, within_s: float = SETTLE_WITHIN_S) -> None:
        """Waits until both groups are stable with as many members as workers run."""
        with closing(self.positions()) as positions:
            await_true(
                lambda: all(self.settled(positions, stage) for stage in WORKER_STAGES),
                f"{len(self.running())} workers to settle",
                within_s,
            )

    def settled(self, positions: Positions, stage: Stage) -> bool:
        if not self.running():
            return not positions.owners(stage)
        if positions.state(stage) != "Stable":
            return False
        owners = positions.owners(stage)
        everything = len(positions.of(stage))
        return len(owners) == len(self.running()) and sum(map(len, owners.values())) == everything

    def forget_state(self) -> None:
        """Of all slots that nobody holds; what it held is in the changelog."""
        for slot in self.state.glob("*"):
            if slot.name not in {self.slot(worker) for worker in self.running()}:
                shutil.rmtree(slot)

    def slot(self, worker: Program) -> str:
        """The number of the state folder that this process has locked."""
        assert worker.pid is not None
        for file in psutil.Process(worker.pid).open_files():
            if Path(file.path).is_relative_to(self.state):
                return Path(file.path).relative_to(self.state).parts[0]
        raise NotReady(f"{worker.name} has no slot in {self.state} open")

    def await_api(self, within_s: float = 60.0) -> None:
        """A process that is just starting may have the store, but cannot be asked yet."""
        await_answer(f"http://127.0.0.1:{self.http}/healthz", self.api, within_s)

    def drain(self) -> str | None:
        """None when everything is through; else where it hangs."""
        within_s = DRAIN_WITHIN_S * self.patience
        done = self.pulse("drain", "--timeout", str(within_s), within_s=within_s + 10)
        return None if done.returncode == 0 else f"{done.stdout}{done.stderr}".strip()

    def verify(self) -> tuple[int, str]:
        """How many facts and rollup rows differ, and what was said about them."""
        self.await_api()
        done = self.pulse("verify", *self.of_store, within_s=VERIFY_WITHIN_S * self.patience)
        said = f"{done.stdout}{done.stderr}".strip()
        return (0 if done.returncode == 0 else max(1, differences(said))), said


def _cpu_of_children_s() -> float:
    """Of those that have ended: tells one that hangs from one that a busy machine does not let run."""
    times = os.times()
    return times.children_user + times.children_system


def await_true(question: Callable[[], bool], what: str, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not question():
        if time.monotonic() > deadline:
            raise NotReady(f"{what}: not within {within_s:.0f} s")
        time.sleep(0.02)


def await_answer(url: str, program: Program, within_s: float) -> None:
    await_true(lambda: _answers(url), f"an answer of {program.name} (see {program.log})", within_s)


def _answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=5.0).is_success
    except httpx.HTTPError:
        return False


def differences(said: str) -> int:
    found = re.search(r"differences[=: ]+(\d+)", said)
    return int(found[1]) if found else 0
