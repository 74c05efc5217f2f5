"""Rows in the order of their keys, however many: kept and sorted in a temporary SQLite file.

Comes in: (key, value) pairs of JSON-able values in any order. Goes out: the same as bytes, ordered by key, then value.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any, Self

import orjson

Row = tuple[bytes, bytes]
_TABLE = "PRAGMA journal_mode = OFF; PRAGMA temp_store = FILE; CREATE TABLE rows (key BLOB, value BLOB); BEGIN"


class InOrder:
    """Takes all rows when it is made; they can be gone through once and again until it is closed."""

    def __init__(self, rows: Iterable[tuple[Any, Any]]) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLE)
        self._db.executemany("INSERT INTO rows VALUES (?, ?)", ((_bytes(key), _bytes(value)) for key, value in rows))

    def __iter__(self) -> Iterator[Row]:
        return iter(self._db.execute("SELECT key, value FROM rows ORDER BY key, value"))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _bytes(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
