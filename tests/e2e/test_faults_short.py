"""The fault test in its short form, and the proof that it can fail: it sees what is wrong when something is.

The long form is `make faults ROUNDS=… SEED=…`.
"""

import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults import report
from tests.faults.processes import Ledger, Program, Supervisor
from tests.faults.round import Result

SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    running = Supervisor()
    running.start()
    yield running
    running.close()


def await_true(question: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not question():
        assert time.monotonic() < deadline, "did not become true in time"
        time.sleep(0.02)


def started(supervisor: Supervisor, folder: Path, code: str) -> Program:
    program = Program("trivial", [sys.executable, "-c", code], folder / "trivial.log", Ledger())
    supervisor.programs.append(program)
    program.start()
    return program


def test_a_process_that_dies_for_no_reason_is_an_unexplained_exit(supervisor: Supervisor, tmp_path: Path) -> None:
    program = started(supervisor, tmp_path, "raise SystemExit(3)")
    await_true(lambda: bool(program.ledger.unexplained))
    assert program.ledger.unexplained[0].code == 3
    assert report.last_line([Result("none", exits=program.ledger.exits[:1])]) == (
        "faults: rounds=1 differences=0 unexplained_exits=1"
    )


def test_an_excuse_covers_its_own_code_and_one_exit_only(supervisor: Supervisor, tmp_path: Path) -> None:
    program = started(supervisor, tmp_path, SLEEPS)
    program.ledger.excuse(program.name, [-signal.SIGKILL], 10, "killed")
    program.send(signal.SIGKILL)
    await_true(lambda: program.starts == 2 and program.pid is not None)
    assert not program.ledger.unexplained
    program.send(signal.SIGKILL)
    await_true(lambda: len(program.ledger.unexplained) == 1)


def test_a_stop_that_does_not_end_with_0_is_an_unexplained_exit(supervisor: Supervisor, tmp_path: Path) -> None:
    program = started(supervisor, tmp_path, SLEEPS)
    assert program.stop(within_s=5)
    assert [ended.code for ended in program.ledger.unexplained] == [-signal.SIGTERM]
