"""What a rule sees of the state during one chunk: the stored map with the chunk's own writes laid over it.

Comes in: a read transaction of the store. Goes out: `changes`, every key the chunk wrote with its last value (None:
deleted). Nothing is stored here; a chunk that fails leaves no trace.
"""

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Any

Pair = tuple[bytes, bytes]
LONGEST_KEY = 511


class KeyLengthError(ValueError):
    """A rule used a key that the store cannot hold."""


class Overlay:
    """A `streams.chunks.State`."""

    def __init__(self, stored: Any) -> None:
        """`stored` is an lmdb.Transaction whose default database holds the values."""
        self._stored = stored
        self._written: list[bytes] = []
        self.changes: dict[bytes, bytes | None] = {}

    def get(self, key: bytes) -> bytes | None:
        if key in self.changes:
            return self.changes[key]
        value: bytes | None = self._stored.get(key)
        return value

    def put(self, key: bytes, value: bytes) -> None:
        self._write(key, value)

    def delete(self, key: bytes) -> None:
        self._write(key, None)

    def _write(self, key: bytes, value: bytes | None) -> None:
        if key not in self.changes:
            if not 0 < len(key) <= LONGEST_KEY:
                raise KeyLengthError(f"a state key has 1 to {LONGEST_KEY} bytes, this one {len(key)}: {key[:80]!r}…")
            insort(self._written, key)
        self.changes[key] = value

    def range(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[Pair]:
        written = self._written[bisect_left(self._written, start) : bisect_left(self._written, end)]
        with self._stored.cursor() as cursor:
            stored = _backwards(cursor, start, end) if reverse else _forwards(cursor, start, end)
            yield from self._merged(stored, written, reverse) if written else stored

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
