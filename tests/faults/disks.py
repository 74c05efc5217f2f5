"""Faults of the disk under a worker's state: full, read-only, or emptied. State is a copy: no record may be lost.

Full and read-only are real: a small file system of its own is mounted over the state folder, which takes root.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults.positions import WORKER_STAGES
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind
from tests.faults.system import NotReady, System

FAILED = 1
FULL_WITHIN_S = 60.0
REFUSES_WITHIN_S = 45.0
SPARE_BYTES = 600_000
MANY = 100
"""How often a worker may be started again while its disk is as it is."""


def disk_full(fault: Fault) -> None:
    """There is no room for the state that was committed; a worker ends, says so, and goes on once there is room."""
    system = fault.system
    system.scale(0)
    with _mounted(system, f"size={_used(system.state) + SPARE_BYTES}"):
        worker = _on_a_bad_disk(fault, "the disk of its state is full")
        run = worker.starts - 1
        fault.strike([worker], fault.partitions(*WORKER_STAGES), lambda: system.load.burst(4_000))
        said = _ends_saying(worker, run, re.compile("No space left|disk full"), FULL_WITHIN_S)
        fault.promise(said, f"{worker.name} did not end on a full disk, or did not say why: {worker.said(run)[-300:]}")
        _remount(system.state, "size=1g")
        fault.progress_within_s += FULL_WITHIN_S
        fault.await_moved()
        system.scale(0)
    system.scale(1)  # on the state as it was before: behind its changelog


def disk_read_only(fault: Fault) -> None:
    """Nothing can be written where the state is; what a worker says about it, and that it goes on afterwards."""
    system = fault.system
    system.scale(0)
    with _mounted(system, "ro"):
        worker = _on_a_bad_disk(fault, "the disk of its state is read-only")
        run = worker.starts - 1
        said = _ends_saying(worker, run, re.compile("Read-only file system"), REFUSES_WITHIN_S)
        fault.promise(said, f"{worker.name} did not refuse a read-only disk, or did not say why: {worker.said(run)}")
        worker.keep = False
        worker.await_end(REFUSES_WITHIN_S)
        fault.await_true(lambda: fault.look(fault.partitions(*WORKER_STAGES)), "lag while no worker runs")
    fault.struck_already(fault.partitions(*WORKER_STAGES))
    system.start_worker()


def state_deleted(fault: Fault) -> None:
    """Killed, and its folder deleted before it is started again: all of it comes from the changelog."""
    worker = _one_killed(fault)
    concerned = fault.owned(worker)
    worker.keep = False

    def lost() -> None:
        worker.send(signal.SIGKILL)
        worker.await_end(10.0)
        shutil.rmtree(fault.system.state)

    fault.strike([worker], concerned, lost)
    worker.start()


def state_deleted_in_use(fault: Fault) -> None:
    """The folder goes away under a running worker, which may notice or not; another starts beside it."""
    worker = _one_killed(fault)
    fault.system.ledger.excuse(worker.name, [FAILED], 60.0, "its state was deleted")
    fault.strike([worker], fault.owned(worker), lambda: shutil.rmtree(fault.system.state))
    fault.wait(0.0, 4.0)
    other = fault.system.start_worker()
    fault.wait(0.0, 4.0)
    worker.send(signal.SIGKILL)
    fault.await_moved()
    fault.notes.append(f"beside it {other.name}")


def _one_killed(fault: Fault) -> Program:
    fault.system.scale(1)
    worker = fault.system.running()[0]
    fault.system.ledger.excuse(worker.name, [-signal.SIGKILL], 60.0, "killed")
    return worker


def _on_a_bad_disk(fault: Fault, why: str) -> Program:
    worker = fault.system.start_worker()
    fault.system.ledger.excuse(worker.name, [FAILED], FULL_WITHIN_S + REFUSES_WITHIN_S, why, times=MANY)
    return worker


def _ends_saying(worker: Program, run: int, reason: re.Pattern[str], within_s: float) -> bool:
    """In this run, or in one that it was started for anew meanwhile."""
    deadline = time.monotonic() + within_s
    while not (worker.starts > run + 1 and reason.search(worker.said(run))):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


@contextmanager
def _mounted(system: System, options: str) -> Iterator[None]:
    """A small file system with a copy of the state; what was there before is there again behind it."""
    state, former = system.state, system.state.with_name("state before")
    state.rename(former)
    state.mkdir()
    _mount(state, "size=1g")
    try:
        shutil.copytree(former, state, dirs_exist_ok=True)
        _remount(state, options)
        yield
    finally:
        for worker in system.running():
            worker.end()
        subprocess.run(["umount", "--lazy", str(state)], check=True)
        state.rmdir()
        former.rename(state)


def _mount(folder: Path, options: str) -> None:
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], check=False)
    if done.returncode:
        raise NotReady(f"nothing can be mounted at {folder}")


def _remount(folder: Path, options: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{options}", str(folder)], check=True)


def _used(folder: Path) -> int:
    return sum(file.stat().st_blocks * 512 for file in folder.rglob("*") if file.is_file())


KINDS = (
    Kind("state deleted", state_deleted),
    Kind("state deleted in use", state_deleted_in_use),
    *((Kind("state disk full", disk_full), Kind("state disk read-only", disk_read_only)) if os.geteuid() == 0 else ()),
)
