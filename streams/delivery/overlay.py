"""What a rule sees of the state during one chunk: the stored map with the chunk's own writes laid over it.

Comes in: a read transaction of the store. Goes out: `changes`, every key the chunk wrote with its last value (None:
deleted). Nothing is stored here; a chunk that fails leaves no trace.
"""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Pair = tuple[bytes, bytes]
LONGEST_KEY = 511
MANY = 16
"""More than one key to so many that are in order are sorted together with them, fewer one by one."""


class KeyLengthError(ValueError):
    """A rule used a key that the store cannot hold."""


@dataclass(slots=True)
class SortedKeys:
    """Sorted when they are asked for: what no range is read of is never sorted."""

    ordered: list[bytes] = field(default_factory=list)
    added: list[bytes] = field(default_factory=list)

    def in_order(self) -> list[bytes]:
        if not self.added:
            return self.ordered
        if len(self.added) * MANY > len(self.ordered):
            self.ordered += self.added
            self.ordered.sort()
        else:
            for key in self.added:
                insort(self.ordered, key)
        self.added.clear()
        return self.ordered


class Overlay:
    """A `streams.chunks.State`."""

    def __init__(self, stored: Any) -> None:
        """`stored` is an lmdb.Transaction whose default database holds the values."""
        self._stored = stored
        self._cursor = stored.cursor()
        self._written: defaultdict[bytes, SortedKeys] = defaultdict(SortedKeys)
        self._added: list[bytes] = []
        """Written since a range was last read: not yet among the others of their kind."""
        self.changes: dict[bytes, bytes | None] = {}

    def get(self, key: bytes) -> bytes | None:
        if key in self.changes:
            return self.changes[key]
        value: bytes | None = self._stored.get(key)
        return value

    def put(self, key: bytes, value: bytes | None) -> None:
        if key not in self.changes:
            if not 0 < len(key) <= LONGEST_KEY:
                raise KeyLengthError(f"a state key has 1 to {LONGEST_KEY} bytes, this one {len(key)}: {key[:80]!r}…")
            self._added.append(key)
        self.changes[key] = value

    def delete(self, key: bytes) -> None:
        self.put(key, None)

    def first(self, start: bytes, end: bytes) -> Pair | None:
        stored, written = self._first_stored(start, end), self._written_in(start, end)
        for at in range(bisect_left(written, start), len(written)):
            key = written[at]
            if key >= end or (stored is not None and stored[0] < key):
                break
            if (value := self.changes[key]) is not None:
                return key, value
        return stored

    def last(self, start: bytes, end: bytes) -> Pair | None:
        stored, written = self._last_stored(start, end), self._written_in(start, end)
        for at in range(bisect_left(written, end) - 1, -1, -1):
            key = written[at]
            if key < start or (stored is not None and stored[0] > key):
                break
            if (value := self.changes[key]) is not None:
                return key, value
        return stored

    def range(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        written = self._written_in(start, end)
        written = written[bisect_left(written, start) : bisect_left(written, end)]
        cursor = self._stored.cursor()
        stored = _backwards(cursor, start, end) if reverse else _forwards(cursor, start, end)
        return self._merged(stored, written, reverse) if written else stored

    def _written_in(self, start: bytes, end: bytes) -> list[bytes]:
        """In order; rules read ranges within one kind of keys, which their first byte tells."""
        kind = start[:1]
        if kind != end[:1]:
            return sorted(self.changes)
        for key in self._added:
            self._written[key[:1]].added.append(key)
        self._added.clear()
        return self._written[kind].in_order()

    def _first_stored(self, start: bytes, end: bytes) -> Pair | None:
        """Of those that the chunk has not written."""
        cursor = self._cursor
        found = cursor.set_range(start) if start else cursor.first()
        while found and (key := cursor.key()) < end:
            if key not in self.changes:
                return key, cursor.value()
            found = cursor.next()
        return None

    def _last_stored(self, start: bytes, end: bytes) -> Pair | None:
        if not end:
            return None
        cursor = self._cursor
        found = cursor.prev() if cursor.set_range(end) else cursor.last()
        while found and (key := cursor.key()) >= start:
            if key not in self.changes:
                return key, cursor.value()
            found = cursor.prev()
        return None

    def _merged(self, stored: Iterator[Pair], written: list[bytes], reverse: bool) -> Iterator[Pair]:
        """Both in key order; where both have a key, what was written wins."""
        pending = iter(reversed(written) if reverse else written)
        key = next(pending, None)
        for pair in stored:
            while key is not None and (key > pair[0] if reverse else key < pair[0]):
                yield from self._present(key)
                key = next(pending, None)
            if key == pair[0]:
                yield from self._present(key)
                key = next(pending, None)
            else:
                yield pair
        while key is not None:
            yield from self._present(key)
            key = next(pending, None)

    def _present(self, key: bytes) -> Iterator[Pair]:
        value = self.changes[key]
        if value is not None:
            yield key, value


def _forwards(cursor: Any, start: bytes, end: bytes) -> Iterator[Pair]:
    # an empty start means from the first key on; the store knows no empty key
    if not (cursor.set_range(start) if start else cursor.first()):
        return
    for pair in cursor.iternext():
        if pair[0] >= end:
            return
        yield pair


def _backwards(cursor: Any, start: bytes, end: bytes) -> Iterator[Pair]:
    if not end:
        return
    if not (cursor.prev() if cursor.set_range(end) else cursor.last()):
        return
    for pair in cursor.iterprev():
        if pair[0] < start:
            return
        yield pair
