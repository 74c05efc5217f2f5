"""How a feed is shown: a progress bar on a terminal, plain lines elsewhere; refused lines on standard error, not all.

Comes in: what `producers.file` tells its watcher. Goes out: text for the person or the log.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from producers.file import Watcher
from producers.lines import Place
from streams.contracts.records import Refused

REFUSALS_SHOWN = 20
PLAIN_EVERY_S = 5.0


class PlainLines(Watcher):
    """One line every few seconds, for logs."""

    def __init__(self) -> None:
        self._name = ""
        self._size: int | None = None
        self._refused = 0
        self._said_at = time.monotonic()

    def begins(self, name: str, start: Place, size: int | None) -> None:
        self._name, self._size = name, size
        if start.line:
            self.say(f"{name}: going on after line {start.line}, up to which all was delivered")

    def moved(self, place: Place) -> None:
        if time.monotonic() - self._said_at >= PLAIN_EVERY_S:
            self._said_at = time.monotonic()
            share = f", {100 * place.offset // self._size} %" if self._size else ""
            self.say(f"{self._name}: {place.line} lines delivered{share}")

    def refused(self, name: str, line: int, refusal: Refused) -> None:
        self._refused += 1
        if self._refused <= REFUSALS_SHOWN:
            self.say(f"{name}:{line}: {refusal.reason}: {refusal.error}")
        elif self._refused == REFUSALS_SHOWN + 1:
            self.say(f"{name}: more lines are refused; all of them are in the dead letters with their reason")

    def waiting(self, message: str) -> None:
        self.say(message)

    def say(self, text: str) -> None:
        click.echo(text, err=True)


class Bar(PlainLines):
    """A progress bar with the same lines above it."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._task: TaskID | None = None

    def begins(self, name: str, start: Place, size: int | None) -> None:
        super().begins(name, start, size)
        self._task = self._progress.add_task(name, total=size, completed=start.offset, lines=start.line)

    def moved(self, place: Place) -> None:
        if self._task is not None:
            self._progress.update(self._task, completed=place.offset, lines=place.line)

    def say(self, text: str) -> None:
        self._progress.console.print(text, markup=False, highlight=False)


@contextmanager
def watcher() -> Iterator[Watcher]:
    if not sys.stderr.isatty():
        yield PlainLines()
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[lines]} lines"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        yield Bar(progress)
