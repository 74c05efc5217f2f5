"""Real processes, each in its own process group, under a small supervisor that sees every exit.

Comes in: commands, and the excuses of a fault ("this process may end with -9 within 10 s"). Goes out: the ledger of all
exits, each one explained by an excuse or not. A process that was not told to stop is started again, as `pulse up` does.
"""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

RESTART_AFTER_S = 0.5
POLL_S = 0.05


@dataclass(frozen=True)
class Exit:
    """`explained` is the excuse that covers it; None: nobody knows why this process ended."""

    process: str
    pid: int
    code: int
    at: float
    uptime_s: float
    explained: str | None

    def __str__(self) -> str:
        why = self.explained or "UNEXPLAINED"
        return f"{self.process} (pid {self.pid}) ended with {self.code} after {self.uptime_s:.1f} s: {why}"


@dataclass
class Excuse:
    """`codes` None means any; `said`, a pattern, must be in its output; `times` is how many exits it still covers."""

    process: str
    codes: frozenset[int] | None
    until: float
    why: str
    times: int
    said: str

    def covers(self, process: str, code: int, at: float, output: Callable[[], str]) -> bool:
        right_code = self.codes is None or code in self.codes
        right = self.times > 0 and self.process == process and at <= self.until and right_code
        return right and (not self.said or re.search(self.said, output()) is not None)


class Ledger:
    """Every exit of every process, and what excuses it."""

    def __init__(self) -> None:
        self.exits: list[Exit] = []
        self._excuses: list[Excuse] = []
        self._lock = threading.Lock()

    def excuse(
        self, process: str, codes: Sequence[int] | None, within_s: float, why: str, times: int = 1, said: str = ""
    ) -> Excuse:
        """Give it before the fault is injected: an exit is judged when it is seen."""
        until = time.monotonic() + within_s
        excuse = Excuse(process, None if codes is None else frozenset(codes), until, why, times, said)
        with self._lock:
            self._excuses.append(excuse)
        return excuse

    def forget_excuses(self) -> None:
        """The round is over: what ends from now on has another reason."""
        with self._lock:
            self._excuses.clear()

    def record(self, process: str, pid: int, code: int, uptime_s: float, output: Callable[[], str]) -> Exit:
        at = time.monotonic()
        with self._lock:
            excuse = next((one for one in self._excuses if one.covers(process, code, at, output)), None)
            if excuse is not None:
                excuse.times -= 1
            ended = Exit(process, pid, code, at, uptime_s, None if excuse is None else excuse.why)
            self.exits.append(ended)
        return ended

    @property
    def unexplained(self) -> list[Exit]:
        with self._lock:
            return [ended for ended in self.exits if ended.explained is None]


@dataclass
class Program:
    """One command that is kept running. `environment` is for one start only: a restart is without the fail points."""

    name: str
    command: Sequence[str]
    log: Path
    ledger: Ledger
    keep: bool = True
    starts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _since: float = 0.0
    _again_at: float | None = None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def pid(self) -> int | None:
        """Of the process that runs now; None where none does."""
        with self._lock:
            return None if self._process is None else self._process.pid

    @property
    def stopped(self) -> bool:
        """By a SIGSTOP, from whomever."""
        with self._lock:
            return self._process is not None and psutil.Process(self._process.pid).status() == psutil.STATUS_STOPPED

    @property
    def uptime_s(self) -> float:
        return time.monotonic() - self._since

    def start(self, environment: Mapping[str, str] | None = None) -> None:
        with self._lock:
            self.keep = True
            self._spawn(environment or {})

    def said(self, start: int) -> str:
        """What it has written since it was started for the so-manieth time, the first being 0."""
        return self.log.read_text(errors="replace").partition(f"--- start {start} ")[2]

    def send(self, number: signal.Signals) -> bool:
        """False where there is no process (any more): a fault that hit nothing."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                return False
            os.killpg(self._process.pid, number)
            return True

    def stop(self, within_s: float, codes: Sequence[int] = (0,)) -> bool:
        """SIGTERM and no restart. False where it had not ended in time; it is killed then, which nothing excuses."""
        self.ask_to_stop(within_s, codes)
        return self.await_stopped(within_s)

    def ask_to_stop(self, within_s: float, codes: Sequence[int] = (0,)) -> None:
        """Of a process that is frozen it is asked when that goes on."""
        self.keep = False
        self.ledger.excuse(self.name, codes, within_s, "asked to stop")
        self.send(signal.SIGTERM)

    def await_stopped(self, within_s: float) -> bool:
        if self.await_end(within_s):
            return True
        self.send(signal.SIGKILL)
        self.await_end(5.0)
        return False

    def await_end(self, within_s: float) -> bool:
        deadline = time.monotonic() + within_s
        while self.pid is not None and time.monotonic() < deadline:
            self.look()
            time.sleep(POLL_S)
        return self.pid is None

    def look(self) -> None:
        """Notes an end, and starts the process again when its pause is over."""
        with self._lock:
            if self._process is not None:
                self._note_end(self._process)
            elif self.keep and self._again_at is not None and time.monotonic() >= self._again_at:
                self._spawn({})

    def end(self) -> None:
        """However it stands: at the end of a system nothing is left behind."""
        with self._lock:
            self.keep = False
            process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _note_end(self, process: subprocess.Popen[bytes]) -> None:
        code = process.poll()
        if code is None:
            return
        self.ledger.record(self.name, process.pid, code, self.uptime_s, lambda: self.said(self.starts - 1))
        self._process = None
        self._again_at = time.monotonic() + RESTART_AFTER_S

    def _spawn(self, environment: Mapping[str, str]) -> None:
        if self._process is not None:
            raise RuntimeError(f"{self.name} runs already")
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            log.write(f"--- start {self.starts} {dict(environment)}\n".encode())
            log.flush()
            self._process = subprocess.Popen(
                self.command, stdout=log, stderr=log, start_new_session=True, env={**os.environ, **environment}
            )
        self.starts += 1
        self._since = time.monotonic()
        self._again_at = None


class Supervisor(threading.Thread):
    """Looks at all programs all the time; they may be added while it runs."""

    def __init__(self) -> None:
        super().__init__(name="supervisor", daemon=True)
        self.programs: list[Program] = []
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(POLL_S):
            for program in list(self.programs):
                program.look()

    def close(self) -> None:
        self._over.set()
        self.join()
        for program in self.programs:
            program.end()
