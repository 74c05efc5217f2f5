"""DIR/run.json: where a running `pulse up`, `demo` or `broker start` can be reached, for the other commands.

Comes in: the data folder. Goes out: the addresses and the state of what runs on it, or None. Written as a whole and
readable by its owner only, because it holds the local token.
"""

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

import psutil

FILE = "run.json"


@dataclass(frozen=True)
class Run:
    """`kafka` is HOST:PORT, `http` the base address of the API (None while only a broker runs)."""

    pid: int
    kafka: str
    http: str | None = None
    state: Literal["starting", "ready"] = "starting"
    token: str | None = None

    @property
    def alive(self) -> bool:
        """A dead process that nobody has waited for is dead too."""
        try:
            return psutil.Process(self.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False


def read(data: Path) -> Run | None:
    """What runs on this data folder; None where nothing does, or what wrote the file has ended."""
    run = last(data)
    return run if run is not None and run.alive else None


def last(data: Path) -> Run | None:
    """What was written last, whether it still runs or not."""
    try:
        found = json.loads((data / FILE).read_bytes())
        return Run(**{field.name: found[field.name] for field in fields(Run)})
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None


def write(data: Path, run: Run) -> None:
    data.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=data, prefix=f".{FILE}.", delete=False) as file:  # created with mode 0600
        json.dump(asdict(run), file, indent=1)
    Path(file.name).replace(data / FILE)


def change(data: Path, **fields_: object) -> None:
    """Writes the current run again with these fields changed; nothing where there is none."""
    run = read(data)
    if run is not None:
        write(data, replace(run, **fields_))  # type: ignore[arg-type]


def remove(data: Path) -> None:
    """Takes our own file away; another process's stays."""
    run = last(data)
    if run is not None and run.pid == os.getpid():
        (data / FILE).unlink(missing_ok=True)
