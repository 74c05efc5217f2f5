"""Two sets of rows side by side: what should be there, and what is there.

Comes in: (key, value) rows of both sides, each in the order of the keys. Goes out: one Pair per key.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

import orjson

from clickhouse.verify.sorting import Row

Values = tuple[bytes, ...]
Place = tuple[str, bytes]
"""Table and key."""


@dataclass(frozen=True)
class Pair:
    """All values under one key: none on a side where it is missing, several where it is doubled."""

    table: str
    key: bytes
    expected: Values
    found: Values

    @property
    def place(self) -> Place:
        return self.table, self.key

    @property
    def agrees(self) -> bool:
        return self.expected == self.found

    def __str__(self) -> str:
        where = f"{self.table} {self.key.decode()}"
        if len(self.expected) == len(self.found) == 1:
            return f"{where}: {_fields_that_part(self.expected[0], self.found[0])}"
        return f"{where}:\n    expected {_shown(self.expected)}\n    found    {_shown(self.found)}"


def side_by_side(table: str, expected: Iterable[Row], found: Iterable[Row]) -> Iterator[Pair]:
    wanted, got = _groups(expected), _groups(found)
    left, right = next(wanted, None), next(got, None)
    while left or right:
        key = min(group[0] for group in (left, right) if group)
        pair = Pair(table, key, _values(left, key), _values(right, key))
        left = next(wanted, None) if pair.expected else left
        right = next(got, None) if pair.found else right
        yield pair


Group = tuple[bytes, Values]


def _groups(rows: Iterable[Row]) -> Iterator[Group]:
    return ((key, tuple(sorted(value for _, value in same))) for key, same in groupby(rows, key=lambda row: row[0]))


def _values(group: Group | None, key: bytes) -> Values:
    return group[1] if group and group[0] == key else ()


def _fields_that_part(expected: bytes, found: bytes) -> str:
    wanted, got = orjson.loads(expected), orjson.loads(found)
    if not isinstance(wanted, dict):
        return f"expected {wanted!r} found {got!r}"
    parts = [name for name in wanted | got if wanted.get(name) != got.get(name)]
    return ", ".join(f"{name} expected {wanted.get(name)!r} found {got.get(name)!r}" for name in parts)


def _shown(values: Values) -> str:
    return " and ".join(value.decode() for value in values) or "nothing"
