"""Small tables that the dashboard itself writes: users, tokens, sessions, saved views and the like.

Comes in: the name of a table and a frozen dataclass whose fields are its columns. Goes out: its entries by key, as
they hold. The one process that owns the store writes them, so they are read once and kept in memory: looking is free,
and a change is in the store before it is seen: StoreAwayError where it is away.
"""

from collections.abc import Callable
from dataclasses import astuple, fields
from threading import Lock
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from clickhouse_connect.driver.client import Client
from pydantic import TypeAdapter

from clickhouse.loader.errors import StoreAwayError, sorted_out


class Entry(Protocol):
    """A frozen dataclass of plain values and tuples of them; its fields have the names of the columns."""

    TABLE: ClassVar[str]
    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def key(self) -> str: ...


E = TypeVar("E", bound=Entry)


class Keeping:
    """The client that writes all of them, one change at a time."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.lock = Lock()

    def of(self, kind: type[E]) -> "Kept[E]":
        return Kept(self, kind)


class Kept(Generic[E]):
    """The entries of one table."""

    def __init__(self, keeping: Keeping, kind: type[E]) -> None:
        self._keeping = keeping
        self._kind = kind
        self._columns = [field.name for field in fields(kind)]
        with keeping.lock:
            self._entries = {entry.key: entry for entry in self._read()}
            newest = keeping.client.query(f"SELECT max(version) FROM {kind.TABLE}")  # noqa: S608 - our own words
            self._version = int(newest.result_rows[0][0])

    def __len__(self) -> int:
        return len(self._entries)

    def all(self) -> list[E]:
        """Sorted by key."""
        return [entry for _, entry in sorted(self._entries.copy().items())]

    def get(self, key: str) -> E | None:
        return self._entries.get(key)

    def put(self, entry: E) -> None:
        """Adds it, or replaces the one with its key."""
        with self._keeping.lock:
            self._write(entry, deleted=0)
            self._entries[entry.key] = entry

    def add(self, entry: E) -> bool:
        """Only if there is none with its key; of two at the same time one is refused."""
        return self.change(entry.key, lambda found: entry if found is None else None) is not None

    def change(self, key: str, changed: Callable[[E | None], E | None]) -> E | None:
        """Puts what `changed` makes of the one that holds, or leaves it where that is None; what was put."""
        with self._keeping.lock:
            entry = changed(self._entries.get(key))
            if entry is not None:
                self._write(entry, deleted=0)
                self._entries[entry.key] = entry
            return entry

    def remove(self, key: str) -> bool:
        """Whether it was there."""
        with self._keeping.lock:
            found = self._entries.get(key)
            if found is not None:
                self._write(found, deleted=1)
                del self._entries[key]
            return found is not None

    def remove_where(self, condition: Callable[[E], bool]) -> int:
        return sum(self.remove(entry.key) for entry in self.all() if condition(entry))

    def _read(self) -> list[E]:
        sql = f"SELECT {', '.join(self._columns)} FROM {self._kind.TABLE} FINAL"  # noqa: S608 - our own words
        adapter = TypeAdapter(self._kind)
        return [adapter.validate_python(row) for row in self._keeping.client.query(sql).named_results()]

    def _write(self, entry: E, deleted: int) -> None:
        self._version += 1
        row: list[Any] = [*astuple(entry), self._version, deleted]
        try:
            self._keeping.client.insert(self._kind.TABLE, [row], column_names=[*self._columns, "version", "deleted"])
        except Exception as error:
            found = sorted_out(error)
            raise (found if isinstance(found, StoreAwayError) else error) from error
