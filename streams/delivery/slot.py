"""A worker's place on this machine: a folder `<data>/state/<n>`, held by a file lock as long as the worker lives.

Comes in: the data folder. Goes out: a folder for its state and a `group_instance_id` that no other worker has. A worker
that is killed frees its slot at once, and the one started in its stead takes this one before any other: the same state
under the same name, so that its partitions come back without waiting for the session time-out.
"""

import fcntl
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import uuid4

from streams.delivery.state import write_through

SLOTS = 256


class NoSlotError(RuntimeError):
    """No worker can be started here; the message says why."""


@dataclass
class Slot:
    folder: Path
    _lock: int

    @classmethod
    def take(cls, data: Path) -> Self:
        """The first free one: of those that a killed worker left, else of all."""
        for folder in _candidates(data / "state"):
            folder.mkdir(parents=True, exist_ok=True)
            lock = _try_lock(folder / "lock")
            if lock is not None:
                _left_behind(folder).touch()
                return cls(folder, lock)
        raise NoSlotError(f"all {SLOTS} worker slots under {data / 'state'} are held by running workers")

    @property
    def instance(self) -> str:
        """Host and slot, and a mark of this folder: two runs with different data folders must not share a name."""
        mark = self.folder / "instance"
        if not mark.exists() or not mark.stat().st_size:  # empty after a power cut
            write_through(mark, uuid4().hex[:8])
        return f"{socket.gethostname()}-{self.folder.name}-{mark.read_text()}"

    def leave(self) -> None:
        """After a graceful stop nothing waits for this worker to come back."""
        _left_behind(self.folder).unlink(missing_ok=True)
        self.release()

    def release(self) -> None:
        """All that is left to do for a worker that was killed; the kernel does it."""
        os.close(self._lock)


def free_slots(data: Path) -> Iterator[Slot]:
    """Those that nobody holds, each held by us until it is released; no worker's name is taken by that."""
    for folder in sorted((data / "state").glob("*")):
        lock = _try_lock(folder / "lock")
        if lock is not None:
            yield Slot(folder, lock)


def _candidates(state: Path) -> Iterator[Path]:
    folders = [state / str(number) for number in range(SLOTS)]
    yield from (folder for folder in folders if _left_behind(folder).exists())
    yield from folders


def _left_behind(folder: Path) -> Path:
    return folder / "in-use"


def _try_lock(path: Path) -> int | None:
    """A lock of the kernel's: it ends with the process, however that ends. Not inherited by children."""
    held = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        return None
    return held
