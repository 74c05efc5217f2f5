"""The supervisor: what ends is started again with its reason shown, and nothing it started outlives it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from dashboard.stopping import GRACE_S, JOIN_WITHIN_S
from deploy.supervisor import STOP_WITHIN_S, Child, StartError, Supervisor, how_it_ended
from streams.delivery.limits import Limits

SLEEP = "import time; time.sleep(600)"


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def until(true: Callable[[], bool], tick: Callable[[], None], within_s: float = 20.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "not in time"
        tick()


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def supervisor(tmp_path: Path, said: list[str]) -> Iterator[Supervisor]:
    running = Supervisor(tmp_path, said.append)
    yield running
    running.stop()


def pid(child: Child) -> int:
    assert child.process is not None
    return child.process.pid


def test_a_killed_child_is_started_again_with_the_same_command(supervisor: Supervisor, said: list[str]) -> None:
    child = supervisor.start("worker", python(SLEEP))
    first = pid(child)
    os.kill(first, signal.SIGKILL)
    until(lambda: child.process is not None and child.process.pid != first, supervisor.tick)
    assert psutil.pid_exists(pid(child))
    assert said[0].startswith("worker was ended by SIGKILL")


def test_an_end_is_told_with_exit_code_last_line_and_log(
    supervisor: Supervisor, said: list[str], tmp_path: Path
) -> None:
    code = "import sys; print('reading'); print('Error: the topic was made anew', file=sys.stderr); sys.exit(3)"
    supervisor.start("worker", python(code), 2)
    until(lambda: bool(said), supervisor.tick)
    log = tmp_path / "worker-2.log"
    assert said == [
        f"worker-2 ended with exit code 3: Error: the topic was made anew ({log}); starting it again in 0.5 s"
    ]


def test_the_reason_is_of_this_run_not_of_an_earlier_one(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("an older complaint\n")
    child = Child("worker", "worker", python("pass"), log)
    child.start()
    until(lambda: child.ended() is not None, lambda: time.sleep(0.01))
    assert child.reason() == f"it wrote nothing ({log})"


def test_a_log_that_was_deleted_stops_nothing(supervisor: Supervisor, said: list[str]) -> None:
    child = supervisor.start("worker", python(SLEEP))
    first = pid(child)
    child.log.unlink()
    os.kill(first, signal.SIGKILL)
    until(lambda: child.process is not None and child.process.pid != first, supervisor.tick)
    assert f"its log is gone ({child.log})" in said[0]


def test_the_reason_is_found_in_a_log_that_was_emptied(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    log.write_text("an older complaint\n" * 100)
    waits = f"import os, time\nwhile os.path.getsize({str(log)!r}): time.sleep(0.01)\nprint('the new one')"
    child = Child("worker", "worker", python(waits), log)
    child.start()
    os.truncate(log, 0)
    until(lambda: child.ended() is not None, lambda: time.sleep(0.01))
    assert child.reason() == f"the new one ({log})"


def test_each_end_doubles_the_wait_up_to_a_bound_for_ever(tmp_path: Path) -> None:
    child = Child("worker", "worker", python("pass"), tmp_path / "worker.log", started=time.monotonic())
    assert [child.back_off() for _ in range(7)] == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0]
    child.failures = 5_000
    assert child.back_off() == 15.0


def test_after_a_steady_run_the_wait_begins_anew(tmp_path: Path) -> None:
    child = Child("worker", "worker", python("pass"), tmp_path / "worker.log", failures=9, started=float("-inf"))
    assert child.back_off() == 0.5


def test_what_fails_again_and_again_while_starting_ends_the_start(supervisor: Supervisor) -> None:
    supervisor.start("serve", python("raise SystemExit('port 8080 is taken')"))
    with pytest.raises(StartError, match=r"serve does not start: port 8080 is taken"):
        supervisor.wait_until(lambda: False, "serve", within_s=30)


def test_a_worker_that_ends_again_and_again_keeps_nothing_else_from_starting(supervisor: Supervisor) -> None:
    worker = supervisor.start("stream", python("raise SystemExit('the feed is refused')"), 1)
    supervisor.start("serve", python(SLEEP))
    supervisor.wait_until(lambda: worker.failures > 3, "serve", within_s=30)


def test_what_is_not_ready_in_time_ends_the_start(supervisor: Supervisor) -> None:
    with pytest.raises(StartError, match="broker was not ready within 0 s"):
        supervisor.wait_until(lambda: False, "broker", within_s=0.1)


def test_stages_are_stopped_from_the_last_to_the_first(supervisor: Supervisor, tmp_path: Path) -> None:
    order = tmp_path / "order"
    note = """
import signal, sys, time
def end(*_):
    open({order!r}, "a").write({name!r} + " ")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("up", flush=True)
time.sleep(600)
"""
    children = [
        supervisor.start(name, python(note.format(order=str(order), name=name))) for name in ("broker", "serve", "feed")
    ]
    until(lambda: all(child.log.read_text() for child in children), supervisor.tick)
    supervisor.stop()
    assert order.read_text().split() == ["feed", "serve", "broker"]


def test_a_child_deaf_to_sigterm_is_killed(
    supervisor: Supervisor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.supervisor.STOP_WITHIN_S", 0.3)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
    )
    child = supervisor.start("worker", python(deaf))
    until(lambda: bool(child.log.read_text()), supervisor.tick)
    process = child.process
    supervisor.stop()
    assert process is not None
    assert process.returncode == -signal.SIGKILL


def test_what_keeps_to_its_own_bound_is_never_killed() -> None:
    assert Limits().stop_s < STOP_WITHIN_S
    assert STOP_WITHIN_S > GRACE_S + JOIN_WITHIN_S


def test_what_takes_long_to_stop_is_told(
    supervisor: Supervisor, said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deploy.supervisor.TOLD_AFTER_S", 0.1)
    slow = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), exit(0)));"
    children = [
        supervisor.start("worker", python(f"{slow} print('up', flush=True); time.sleep(600)"), number)
        for number in (1, 2)
    ]
    until(lambda: all(child.log.read_text() for child in children), supervisor.tick)
    processes = [child.process for child in children]
    supervisor.stop()
    assert [process and process.returncode for process in processes] == [0, 0]
    assert said == ["waiting for worker-2 and worker-1 to settle what is in hand; Ctrl-C ends it all at once"]


def test_children_are_looked_after_while_a_command_runs(supervisor: Supervisor, said: list[str]) -> None:
    supervisor.start("worker", python("raise SystemExit(1)"))
    assert supervisor.run(python("import time; time.sleep(0.5); raise SystemExit(7)")) == 7
    assert said


def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    code = f"""
from pathlib import Path
from deploy.supervisor import Supervisor
running = Supervisor(Path({str(tmp_path)!r}), print)
print(running.start("worker", [{sys.executable!r}, "-c", {SLEEP!r}]).process.pid, flush=True)
running.watch()
"""
    with subprocess.Popen(python(code), stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert psutil.pid_exists(child)
        parent.kill()
    until(lambda: not alive(child), lambda: time.sleep(0.02))


def alive(number: int) -> bool:
    try:
        return psutil.Process(number).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_how_a_process_ended_is_said_in_words() -> None:
    assert how_it_ended(-9) == "was ended by SIGKILL"
    assert how_it_ended(2) == "ended with exit code 2"
