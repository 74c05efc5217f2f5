"""run.json: found while its process runs, private, never half written."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from deploy import run


def known(found: run.Run | None) -> run.Run | None:
    """Without what `write` finds out itself."""
    return found and replace(found, began=None)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    written = run.Run(os.getpid(), "127.0.0.1:9092", "http://127.0.0.1:8080", "ready", "secret")
    run.write(tmp_path / "new", written)
    assert known(run.read(tmp_path / "new")) == written


def test_it_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    run.write(tmp_path, run.Run(os.getpid(), "127.0.0.1:9092"))
    assert stat.S_IMODE((tmp_path / run.FILE).stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == [run.FILE]


def test_the_file_of_a_process_that_has_ended_is_stale(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    ended.wait()
    run.write(tmp_path, run.Run(ended.pid, "127.0.0.1:9092"))
    assert run.read(tmp_path) is None
    assert run.last(tmp_path) is not None


def test_a_process_that_nobody_waited_for_is_stale_too(tmp_path: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", "pass"])
    os.waitid(os.P_PID, ended.pid, os.WEXITED | os.WNOWAIT)
    run.write(tmp_path, run.Run(ended.pid, "127.0.0.1:9092"))
    assert run.read(tmp_path) is None
    ended.wait()


def test_the_file_of_a_process_whose_pid_is_used_again_is_stale(tmp_path: Path) -> None:
    """As after a power cut, where what starts with the machine gets the pid that wrote the file."""
    run.write(tmp_path, run.Run(os.getpid(), "127.0.0.1:9092"))
    written = json.loads((tmp_path / run.FILE).read_text())
    (tmp_path / run.FILE).write_text(json.dumps(written | {"began": written["began"] - 60}))
    assert run.last(tmp_path) is not None
    assert run.read(tmp_path) is None


def test_no_file_and_a_broken_file_mean_that_nothing_runs(tmp_path: Path) -> None:
    assert run.read(tmp_path) is None
    for broken in ("", "{", "[]", "{}", '{"pid": "x"}'):
        (tmp_path / run.FILE).write_text(broken)
        assert run.read(tmp_path) is None


def test_a_change_keeps_the_other_fields(tmp_path: Path) -> None:
    run.write(tmp_path, run.Run(os.getpid(), "127.0.0.1:9092"))
    run.change(tmp_path, state="ready")
    assert known(run.read(tmp_path)) == run.Run(os.getpid(), "127.0.0.1:9092", state="ready")


def test_only_ones_own_file_is_taken_away(tmp_path: Path) -> None:
    run.write(tmp_path, run.Run(1, "127.0.0.1:9092"))
    run.remove(tmp_path)
    assert (tmp_path / run.FILE).exists()
    run.write(tmp_path, run.Run(os.getpid(), "127.0.0.1:9092"))
    run.remove(tmp_path)
    assert not (tmp_path / run.FILE).exists()
