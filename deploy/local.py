"""Everything on this machine: broker, topics, directory, loader and API, workers; one run per data folder.

Comes in: the data folder and the ports. Goes out: a running system whose addresses stand in DIR/run.json while it runs,
and nothing of it afterwards. A second run on the same folder is refused.
"""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from dashboard.access.where import is_loopback, reached_at
from deploy import run, topics
from deploy.broker import FOLDER, READY_WITHIN_S, LocalBroker, is_ready
from deploy.plan import Plan
from deploy.ports import free_port, is_free
from deploy.supervisor import StartError, Supervisor
from streams.contracts.topics import TOPICS

PULSE = str(Path(sys.executable).with_name("pulse"))
ELSEWHERE = ("PULSE_KAFKA", "PULSE_URL", "PULSE_CLICKHOUSE", "PULSE_GENERATION")
LEAST_FREE_BYTES = 500 << 20
SERVE_WITHIN_S = 60.0

CONSOLE = Console(width=None if sys.stdout.isatty() else 140)


@dataclass(frozen=True)
class System:
    """A running one: its addresses, and its supervisor, who must be kept ticking."""

    plan: Plan
    kafka: str
    http: str
    supervisor: Supervisor

    def pulse(self, *arguments: str) -> list[str]:
        """A `pulse` command line on this run's data; addresses come from run.json."""
        return [PULSE, *arguments, "--data", str(self.plan.data)]

    def become_ready(self) -> None:
        """Waits until questions are answered, and says so in run.json."""
        with _told("serve", self.http):
            self.supervisor.wait_until(lambda: answers(f"{self.http}/readyz"), "serve", SERVE_WITHIN_S)
        run.change(self.plan.data, state="ready")

    def run(self, *arguments: str) -> None:
        """Runs a `pulse` command to its end; a failure of it is one of ours."""
        code = self.supervisor.run(self.pulse(*arguments))
        if code:
            raise StartError(f"`pulse {' '.join(arguments)}` failed with exit code {code}; see above")


@contextmanager
def running(plan: Plan, before_counting: Callable[[System], None] = lambda _: None) -> Iterator[System]:
    """Starts everything, and stops everything when left; the API may still be starting (`become_ready`).
    `before_counting` finds the topics, and nobody who works on them yet."""
    plan.data.mkdir(parents=True, exist_ok=True)
    _check_disk(plan.data)
    _forget_elsewhere()
    with lock(plan.data):
        broker = LocalBroker(plan.data / FOLDER, plan.kafka_port)
        http = reached_at(plan.host, _http_port(plan.http_port))
        supervisor = Supervisor(plan.data / "logs", say)
        system = System(plan, broker.address, http, supervisor)
        _refuse_strangers(system)
        try:
            _start(system, broker)
            before_counting(system)
            _start_stages(system)
            yield system
        finally:
            try:
                supervisor.stop()
            finally:  # also after a second Ctrl-C
                run.remove(plan.data)


def _refuse_strangers(system: System) -> None:
    """As `serve` does, but at once."""
    host = system.plan.host
    if is_loopback(host):
        return
    users = subprocess.run(system.pulse("user", "list"), capture_output=True, text=True, check=False)
    if users.returncode:
        raise StartError(f"who may sign in is not known: {users.stderr}".strip())
    if not users.stdout:
        raise StartError(
            f"--host {host} would let other machines in, and nobody can sign in yet: add a user first, with "
            f"`pulse user add --data {system.plan.data}`"
        )


def say(text: str) -> None:
    CONSOLE.print(text, markup=False, highlight=False, soft_wrap=True)


@contextmanager
def lock(data: Path) -> Iterator[int]:
    """One run per folder. Held by an open file, so a killed run leaves nothing behind; gives the descriptor."""
    with (data / "run.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            other = run.read(data)
            who = "" if other is None else f" (pid {other.pid})"
            raise StartError(f"another run is using {data}{who}: stop it, or choose another --data") from None
        yield file.fileno()


def interrupt_on_sigterm() -> None:
    """A service manager's stop, and a closed terminal (unless under nohup), end a run as Ctrl-C does."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


def _forget_elsewhere() -> None:
    """All that is started from here has the addresses of this run, and follows its current generation."""
    for name in ELSEWHERE:
        os.environ.pop(name, None)


def _start(system: System, broker: LocalBroker) -> None:
    plan, supervisor = system.plan, system.supervisor
    run.write(plan.data, run.Run(os.getpid(), system.kafka, system.http))
    with _told("broker", system.kafka):
        supervisor.start("broker", broker.prepare())
        supervisor.wait_until(lambda: is_ready(system.kafka), "broker", READY_WITHIN_S)
    with _told("topics", f"{len(TOPICS)} of the registry"):
        topics.apply(system.kafka, topics.Wanted())


def _start_stages(system: System) -> None:
    supervisor = system.supervisor
    listening = ("--host", system.plan.host, "--http", system.http.rpartition(":")[2])
    supervisor.start("serve", system.pulse("serve", *listening))
    for number in range(1, system.plan.workers + 1):
        supervisor.start("stream", system.pulse("stream"), number)


@contextmanager
def _told(name: str, what: str) -> Iterator[None]:
    """A spinner on a terminal while it lasts, and a line when it is done."""
    began = time.monotonic()
    with CONSOLE.status(f"{name} {what}"):
        yield
    say(f"{name:<7} {what} ({time.monotonic() - began:.1f} s)")


def _http_port(asked: int) -> int:
    if asked and not is_free(asked):
        raise StartError(f"port {asked} is taken: choose another with --http, or 0 for any free one")
    return asked or free_port()


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=2) as answer:  # noqa: S310  (our own loopback address)
            return bool(answer.status == 200)
    except OSError:
        return False


def _check_disk(data: Path) -> None:
    free = shutil.disk_usage(data).free
    if free < LEAST_FREE_BYTES:
        raise StartError(
            f"disk full: {free >> 20} MB free at {data.absolute()}, at least {LEAST_FREE_BYTES >> 20} needed; "
            "make room, or choose another --data"
        )
