"""The whole system as its user starts it: `pulse` in processes of its own, on a folder and ports of its own."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil

from deploy import run

PULSE = str(Path(sys.executable).with_name("pulse"))
READY_WITHIN_S = 180.0
STOPPED_WITHIN_S = 60.0
ENDED_WITHIN_S = 180.0
ELSEWHERE = {"PULSE_KAFKA": "127.0.0.1:1"}
"""An address of elsewhere is not a run's own."""


class Started:
    """A `pulse up` or `demo` of ours, and the commands that are given to it."""

    def __init__(self, data: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> None:
        self.data = data
        self._output = data.with_name(f"{data.name}.out")
        with self._output.open("wb") as output:
            self.process = subprocess.Popen(
                [PULSE, *arguments, "--data", str(data), "--http", "0", "--kafka", "0"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=clean_environment() | ELSEWHERE | dict(settings or {}),
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        return self._output.read_text()

    def ready(self) -> run.Run:
        self.until(lambda: (found := run.read(self.data)) is not None and found.state == "ready", READY_WITHIN_S)
        found = run.read(self.data)
        assert found is not None
        return found

    def until(self, true: Callable[[], bool], within_s: float) -> None:
        deadline = time.monotonic() + within_s
        while not true():
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)

    def pulse(self, *arguments: str, within_s: float = ENDED_WITHIN_S) -> subprocess.CompletedProcess[str]:
        return pulse(*arguments, "--data", str(self.data), within_s=within_s)

    def did(self, *arguments: str, within_s: float = ENDED_WITHIN_S) -> str:
        done = self.pulse(*arguments, within_s=within_s)
        assert done.returncode == 0, f"pulse {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(STOPPED_WITHIN_S)

    def processes(self) -> list[psutil.Process]:
        """All on this machine that name our folder on their command line."""
        return [found for found in psutil.process_iter(["cmdline"]) if self._is_ours(found)]

    def _is_ours(self, process: psutil.Process) -> bool:
        return any(str(self.data) in word for word in process.info["cmdline"] or ())


def clean_environment() -> dict[str, str]:
    """Settings of the person who runs the tests are not the tests'."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}


def pulse(*arguments: str, within_s: float = ENDED_WITHIN_S) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PULSE, *arguments], check=False, capture_output=True, text=True, timeout=within_s, env=clean_environment()
    )


@contextmanager
def up(data: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> Iterator[Started]:
    """A `pulse up` that is ready, and ends with the block."""
    started = Started(data, "up", *arguments, settings=settings)
    try:
        started.ready()
        yield started
        started.interrupt()
    finally:
        if started.process.poll() is None:
            started.process.kill()
            started.process.wait()
