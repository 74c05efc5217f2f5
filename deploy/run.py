"""DIR/run.json: where what runs on DIR (`pulse up`, `demo`, `serve`, `broker start`) is reached, for other commands.

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
Kind = Literal["up", "serve", "broker"]
"""What wrote the file: `demo` is an `up`, `dashboard` a `serve`."""


@dataclass(frozen=True)
class Run:
    """`kafka` is HOST:PORT, `http` the base address of the API (None while only a broker runs)."""

    pid: int
    kafka: str
    http: str | None = None
    state: Literal["starting", "ready"] = "starting"
    token: str | None = None
    kind: Kind = "up"
    began: float | None = None
    """When its process was started, as `write` has found it: after a power cut its pid is often another's."""

    @property
    def alive(self) -> bool:
        return self.began is not None and _began(self.pid) == self.began


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
    put(data / FILE, asdict(replace(run, began=_began(run.pid))))


def put(file: Path, content: object) -> None:
    """Whoever reads it finds the former content or all of this, also after a kill."""
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", delete=False) as new:  # of mode 0600
        json.dump(content, new, indent=1)
    Path(new.name).replace(file)


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


def _began(pid: int) -> float | None:
    """Seconds after the boot, which a clock that is set right meanwhile does not change; None of one that has ended. A
    dead process that nobody has waited for has ended too."""
    try:
        process = psutil.Process(pid)
        dead = process.status() == psutil.STATUS_ZOMBIE
        return None if dead else round(process.create_time() - psutil.boot_time(), 2)
    except psutil.NoSuchProcess:
        return None
