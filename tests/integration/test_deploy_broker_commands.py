"""`pulse broker start|stop` as processes: what starts is found again and stopped, and nothing is left by halves."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner

from deploy import run
from deploy.cli import main
from tests.chain import PULSE, clean_environment, pulse

WITHIN_S = 60.0


def brokers(data: Path) -> list[psutil.Process]:
    """The Kafka itself, not the short programs that prepare it."""
    return [found for found in psutil.process_iter(["cmdline"]) if _is_broker(found.info["cmdline"] or [], data)]


def _is_broker(command: list[str], data: Path) -> bool:
    return "kafka.Kafka" in command and any(str(data) in word for word in command)


def until(true: Callable[[], object]) -> None:
    deadline = time.monotonic() + WITHIN_S
    while not true():
        assert time.monotonic() < deadline, "not in time"
        time.sleep(0.02)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "data"
    yield folder
    for left in brokers(folder):
        left.kill()


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_a_start_that_is_interrupted_leaves_no_broker(data: Path, ending: int) -> None:
    command = [PULSE, "broker", "start", "--data", str(data), "--kafka", "0"]
    with subprocess.Popen(command, env=clean_environment()) as starting:
        until(lambda: brokers(data))
        starting.send_signal(ending)
        assert starting.wait(WITHIN_S) == 1
    assert brokers(data) == []
    assert run.last(data) is None


def test_a_broker_is_stopped_however_its_folder_is_written(data: Path) -> None:
    with chdir(data.parent):
        assert pulse("broker", "start", "--data", data.name, "--kafka", "0").returncode == 0
    stopped = pulse("broker", "stop", "--data", str(data))
    assert (stopped.returncode, stopped.stdout) == (0, "stopped\n"), stopped.stderr
    assert brokers(data) == []


@pytest.mark.parametrize(("kind", "name"), [("up", "pulse up"), ("serve", "pulse serve")])
def test_what_is_no_broker_of_its_own_is_left_alone(data: Path, kind: run.Kind, name: str) -> None:
    """Nor is it told by words on its command line, which in the folder itself may be anything."""
    words = [sys.executable, "-c", "import time; time.sleep(600)", "up", "--kafka", "0", "--data", "."]
    data.mkdir()
    with subprocess.Popen(words) as other, chdir(data):
        run.write(data, run.Run(other.pid, "127.0.0.1:1", kind=kind))
        refused = CliRunner().invoke(main, ["broker", "stop", "--data", "."])
        assert (refused.exit_code, f"in use by `{name}`" in refused.stderr) == (1, True), refused.output
        assert f"pid {other.pid}: stop it there" in refused.stderr
        assert other.poll() is None
        other.kill()
