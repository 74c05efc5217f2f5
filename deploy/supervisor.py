"""Starts processes, starts them again when they end, and stops them: the broker first up and last down.

Comes in: names and command lines, in the order of the flow. Goes out: one line on every unexpected end, with the reason
and where the log is. Nothing it started outlives it (see child.py), and it ends nothing else.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from dashboard.stopping import STOP_WITHIN_S as SERVE_STOPS_WITHIN_S
from streams.delivery.limits import Limits

CHILD = Path(__file__).with_name("child.py")
TICK_S = 0.05
FIRST_DELAY_S = 0.5
LONGEST_DELAY_S = 15.0
STEADY_AFTER_S = 30.0
GIVE_UP_STARTING_AFTER = 3
STOP_WITHIN_S = max(Limits().stop_s, SERVE_STOPS_WITHIN_S) + 5.0
"""Whoever keeps to the bound of its own has the time to end by itself."""
TOLD_AFTER_S = 3.0
LOOKED_AT_BYTES = 4_096


class StartError(RuntimeError):
    """Something does not come up; the message says what, why and where its log is."""


@dataclass
class Child:
    """One supervised process. Children of one `stage` are stopped side by side."""

    stage: str
    name: str
    command: Sequence[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    """Ends in a row without a steady run between them."""
    started: float = field(default=0.0, repr=False)
    due: float = 0.0
    read_from: int = 0

    def start(self) -> None:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self.read_from = log.tell()
            self.process = spawn(self.command, log.fileno())
        self.started = time.monotonic()

    def ended(self) -> int | None:
        """The exit code of a process that has just ended."""
        return None if self.process is None else self.process.poll()

    def back_off(self) -> float:
        """Seconds until the next start: doubled with each end, from the beginning after a steady run."""
        self.process = None
        now = time.monotonic()
        self.failures = 1 if now - self.started > STEADY_AFTER_S else self.failures + 1
        delay: float = min(FIRST_DELAY_S * 2 ** min(self.failures - 1, 10), LONGEST_DELAY_S)
        self.due = now + delay
        return delay

    def reason(self) -> str:
        """The last line it wrote in this run, and where the rest is. A log is nobody's promise: whoever needs room
        deletes or empties it."""
        try:
            lines = self._last_lines()
        except OSError:
            return f"its log is gone ({self.log})"
        return f"{lines[-1][:300]} ({self.log})" if lines else f"it wrote nothing ({self.log})"

    def _last_lines(self) -> list[str]:
        with self.log.open("rb") as log:
            size = os.fstat(log.fileno()).st_size
            of_this_run = self.read_from if self.read_from <= size else 0
            log.seek(max(of_this_run, size - LOOKED_AT_BYTES))
            return [line.strip() for line in log.read().decode(errors="replace").splitlines() if line.strip()]


class Supervisor:
    def __init__(self, logs: Path, say: Callable[[str], None]) -> None:
        self._logs = logs
        self._say = say
        self._children: list[Child] = []

    def start(self, stage: str, command: Sequence[str], number: int | None = None) -> Child:
        name = stage if number is None else f"{stage}-{number}"
        child = Child(stage, name, command, self._logs / f"{name}.log")
        self._children.append(child)
        child.start()
        return child

    def run(self, command: Sequence[str]) -> int:
        """Runs a command to its end, on our own output, while the children are looked after. Returns its exit code."""
        process = spawn(command, None)
        try:
            while process.poll() is None:
                self.tick()
        except BaseException:
            self._end({"the command": process})
            raise
        return process.returncode

    def wait_until(self, ready: Callable[[], bool], stage: str, within_s: float) -> None:
        """Only what is waited for can end the start: a worker that a feed has stopped must not keep the API away."""
        deadline = time.monotonic() + within_s
        while not ready():
            self.tick()
            self.check_starting(stage)
            if time.monotonic() > deadline:
                raise StartError(f"{stage} was not ready within {within_s:.0f} s; see {self._logs}")

    def check_starting(self, stage: str | None = None) -> None:
        """Raises where something (of that stage) has ended again and again without ever running steadily."""
        for child in self._children:
            if stage in (None, child.stage) and child.failures >= GIVE_UP_STARTING_AFTER:
                raise StartError(f"{child.name} does not start: {child.reason()}")

    def wait(self, seconds: float) -> None:
        """Looks after the children meanwhile."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.tick()

    def watch(self) -> None:
        """Looks after the children until interrupted."""
        while True:
            self.tick()

    def tick(self) -> None:
        for child in self._children:
            self._look_at(child)
        time.sleep(TICK_S)

    def stop(self) -> None:
        """In the order opposite to the start, a stage at a time."""
        for _, stage in groupby(reversed(self._children), lambda child: child.stage):
            self._end({child.name: child.process for child in stage if child.process is not None})
        self._children.clear()

    def _end(self, processes: Mapping[str, subprocess.Popen[bytes]]) -> None:
        """SIGTERM to all, and SIGKILL to those that have not ended in time."""
        for process in processes.values():
            process.terminate()
        began = time.monotonic()
        late = _still_running(processes, began + min(TOLD_AFTER_S, STOP_WITHIN_S))
        if late:
            self._say(f"waiting for {' and '.join(late)} to settle what is in hand; Ctrl-C ends it all at once")
        for process in _still_running(late, began + STOP_WITHIN_S).values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _look_at(self, child: Child) -> None:
        code = child.ended()
        if code is not None:
            delay = child.back_off()
            self._say(f"{child.name} {how_it_ended(code)}: {child.reason()}; starting it again in {delay:.1f} s")
        elif child.process is None and time.monotonic() >= child.due:
            child.start()


def spawn(command: Sequence[str], output: int | None) -> subprocess.Popen[bytes]:
    """In a session of its own: a Ctrl-C in the terminal reaches us alone, and we stop the others in order."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", str(CHILD), str(os.getpid()), *command],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        start_new_session=True,
    )


def how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def _still_running(
    processes: Mapping[str, subprocess.Popen[bytes]], deadline: float
) -> dict[str, subprocess.Popen[bytes]]:
    """Those that have not ended by then."""
    late = {}
    for name, process in processes.items():
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            late[name] = process
    return late
