"""Small tables that the dashboard itself writes: users, tokens, sessions, saved views and the like.

Comes in: the name of a table and a frozen dataclass whose fields are its columns. Goes out: its entries by key, as
they hold. They are kept in memory, so looking is free, and a change is in the store before it is seen: StoreAwayError
where it is away. Where several processes share a store, each reads them again before a change and every few seconds;
of changes of one entry that two of them make in the same moment one holds, soon the same one everywhere.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple, fields
from threading import Event, Lock
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from clickhouse_connect.driver.client import Client
from pydantic import TypeAdapter

from clickhouse.errors import StoreAwayError, sorted_out

AGAIN_EVERY_S = 2.0
"""After so long every process that shares the store knows of a change."""
log = logging.getLogger(__name__)


class Entry(Protocol):
    """A frozen dataclass of plain values and tuples of them; its fields have the names of the columns."""

    TABLE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str: ...


E = TypeVar("E", bound=Entry)


class Keeping:
    """The client that writes all of them, one change at a time; `shared` where other processes write them too."""

    def __init__(self, client: Client, *, shared: bool = False) -> None:
        self.client = client
        self.shared = shared
        self.lock = Lock()
        self._kept: list[Kept[Any]] = []

    def of(self, kind: type[E]) -> "Kept[E]":
        kept = Kept(self, kind)
        self._kept.append(kept)
        return kept

    def refresh(self) -> None:
        """What others have changed meanwhile; raises StoreAwayError."""
        for kept in self._kept:
            with self.lock, _away_is_told():
                kept.read()

    def follow(self, stop: Event) -> None:
        """Until `stop`; a store that is away is asked again."""
        while not stop.wait(AGAIN_EVERY_S):
            try:
                self.refresh()
            except StoreAwayError as away:
                log.warning("users and notes as they were: %s", away)


@contextmanager
def _away_is_told() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        found = sorted_out(error)
        raise (found if isinstance(found, StoreAwayError) else error) from error


class Kept(Generic[E]):
    """The entries of one table."""

    def __init__(self, keeping: Keeping, kind: type[E]) -> None:
        self._keeping = keeping
        self._kind = kind
        self._columns = [field.name for field in fields(kind)]
        self._entries: dict[str, E] = {}
        with keeping.lock:
            self.read()

    def __len__(self) -> int:
        return len(self._entries)

    def all(self) -> list[E]:
        """Sorted by key."""
        return [entry for _, entry in sorted(self._entries.copy().items())]

    def get(self, key: str) -> E | None:
        return self._entries.get(key)

    def put(self, entry: E) -> None:
        """Adds it, or replaces the one with its key."""
        with self._changing():
            self._write(entry, deleted=0)
            self._entries[entry.key] = entry

    def add(self, entry: E) -> bool:
        """Only if there is none with its key. Of two at the same time in one process one is refused. Of two in several
        processes neither is, for the store refuses no row: one of them holds, soon the same one everywhere."""
        return self.change(entry.key, lambda found: entry if found is None else None) is not None

    def change(self, key: str, changed: Callable[[E | None], E | None]) -> E | None:
        """Puts what `changed` makes of the one that holds, or leaves it where that is None; what was put."""
        with self._changing():
            entry = changed(self._entries.get(key))
            if entry is not None:
                self._write(entry, deleted=0)
                self._entries[entry.key] = entry
            return entry

    def remove(self, key: str) -> bool:
        """Whether it was there."""
        with self._changing():
            found = self._entries.get(key)
            if found is not None:
                self._write(found, deleted=1)
                del self._entries[key]
            return found is not None

    def remove_where(self, condition: Callable[[E], bool]) -> int:
        return sum(self.remove(entry.key) for entry in self.all() if condition(entry))

    def read(self) -> None:
        """Called with the lock. A change has a greater version than whatever is there, taken away or not."""
        sql = f"SELECT {', '.join(self._columns)} FROM {self._kind.TABLE} FINAL"  # noqa: S608 - our own words
        adapter = TypeAdapter(self._kind)
        found = [adapter.validate_python(row) for row in self._keeping.client.query(sql).named_results()]
        newest = self._keeping.client.query(f"SELECT max(version) FROM {self._kind.TABLE}")  # noqa: S608 - our own words
        self._entries, self._version = {entry.key: entry for entry in found}, int(newest.result_rows[0][0])

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._keeping.lock, _away_is_told():
            if self._keeping.shared:
                self.read()
            yield

    def _write(self, entry: E, deleted: int) -> None:
        self._version += 1
        row: list[Any] = [*astuple(entry), self._version, deleted]
        self._keeping.client.insert(self._kind.TABLE, [row], column_names=[*self._columns, "version", "deleted"])
