"""The state of one lease on disk: an LMDB environment, and how far into the changelog it goes.

Comes in: a committed chunk's changes with the changelog offset behind them, applied in one step. Goes out: a view to
run a rule over. It is a copy of the changelog and never ahead of it: what is missing or doubtful is read from there.
"""

import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self
from uuid import uuid4

import lmdb
import orjson

from streams.delivery.overlay import Overlay
from streams.delivery.refusals import Tally
from streams.failpoints import hit_sync

MAP_BYTES = 1 << 37
"""Address space, not disk: the file grows with what is stored."""
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
LAYOUT = 2
"""Which keys and values the rules keep: whoever changes what is kept gives it the next number."""
POSITION = b"position"
MARK = b"mark"


class StateLayoutError(RuntimeError):
    """The state is from a version that keeps other keys and values; the message says what to do."""


@dataclass(frozen=True)
class Mark:
    """What a chunk says about itself beside its changes, in the same transaction."""

    next_offset: int
    """Of the source topic."""
    directory: str
    """Digest of the directory that the state was derived with; empty where all was refused so far."""
    refused: Tally = field(default_factory=Tally)
    """How much of the partition was refused lately."""
    layout: int = LAYOUT

    def encoded(self) -> bytes:
        return orjson.dumps(asdict(self))

    @classmethod
    def decoded(cls, raw: bytes) -> Self:
        fields = orjson.loads(raw)
        if (found := fields.get("layout", 1)) != LAYOUT:
            raise StateLayoutError(
                f"the state was written by another version of pulse (layout {found}, this one keeps layout {LAYOUT}): "
                "derive everything anew (pulse rebuild), or go back to that version"
            )
        return cls(**fields | {"refused": Tally(**fields.get("refused", {}))})


class Store:
    """Open once per process and folder: LMDB's own rule; the worker slot keeps other processes out."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._dirty = folder / "open"
        if not self._is_sound():
            shutil.rmtree(folder, ignore_errors=True)
        self._open()

    def _is_sound(self) -> bool:
        """Writes are not synced one by one: they survive the process, but not the machine going down."""
        return not self._dirty.exists() or self._dirty.read_text() == _boot()

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        write_through(self._dirty, _boot())
        self._environment = lmdb.open(str(self.folder), map_size=MAP_BYTES, max_dbs=2, sync=False, readahead=False)
        self._values = self._environment.open_db(b"values")
        self._progress = self._environment.open_db(b"progress")
        self._read_progress()

    def _read_progress(self) -> None:
        with self._environment.begin(db=self._progress) as reading:
            position, mark = reading.get(POSITION), reading.get(MARK)
        self.position: int | None = None if position is None else int(position)
        self.mark: Mark | None = None if mark is None else Mark.decoded(mark)

    @contextmanager
    def view(self) -> Iterator[Overlay]:
        with self._environment.begin(db=self._values) as reading:
            yield Overlay(reading)

    def apply(self, changes: Mapping[bytes, bytes | None], position: int, mark: Mark | None) -> None:
        """All of it or nothing. `position` is the changelog offset behind the changes."""
        with self._environment.begin(db=self._values, write=True) as writing:
            # sorted, so that neighbouring keys meet the same pages
            puts = sorted((key, value) for key, value in changes.items() if value is not None)
            with writing.cursor() as cursor:
                cursor.putmulti(puts)
            for key, value in changes.items():
                if value is None:
                    writing.delete(key)
            hit_sync("state.written")
            writing.put(POSITION, b"%d" % position, db=self._progress)
            if mark is not None:
                writing.put(MARK, mark.encoded(), db=self._progress)
        self.position = position
        self.mark = mark or self.mark

    def clear(self) -> None:
        """Away with all of it: the changelog is read from its start."""
        self._environment.close()
        shutil.rmtree(self.folder)
        self._open()

    def close(self) -> None:
        self._environment.sync(True)
        self._environment.close()
        self._dirty.unlink(missing_ok=True)


def write_through(file: Path, text: str) -> None:
    """On disk before anything that is not synced: a machine going down could else leave the one without the other."""
    with file.open("w") as writing:
        writing.write(text)
        writing.flush()
        os.fsync(writing.fileno())
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _boot() -> str:
    """Tells a killed process from a machine that went down; where it can't be told, an open store is read anew."""
    return BOOT_ID.read_text().strip() if BOOT_ID.exists() else uuid4().hex
