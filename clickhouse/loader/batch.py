"""A batch: the records of one partition from one offset to another, and what is announced about it. Pure.

The announcement is the metadata of a committed offset: "everything below `first` is in; `first`..`last` may be". From
it the next owner builds the same batch again, with the same token, whatever its own limits are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import orjson

from clickhouse.loader.mapping import Fact, FactsMapping

MOST_MONTHS = 12
"""Of one batch: each month is a part of its own to write, and a place in the window of remembered tokens."""
INSERTED_TOGETHER = 100_000
"""Rows that the store surely keeps in one block on their way through all views."""


@dataclass(frozen=True)
class Entry:
    """A fact as it lay in the topic."""

    offset: int
    fact: Fact


@dataclass(frozen=True)
class Batch:
    partition: int
    first: int
    """May lie before the first entry: markers of transactions take offsets too."""
    last: int
    entries: Sequence[Entry]

    @property
    def next_offset(self) -> int:
        return self.last + 1

    def token(self, topic_id: str) -> str:
        return f"{topic_id}:{self.partition}:{self.first}-{self.last}"

    def __str__(self) -> str:
        return f"offsets {self.first}-{self.last} of partition {self.partition}"


def fitting(entries: Sequence[Entry], mapping: FactsMapping, most_rows: int, most_months: int = MOST_MONTHS) -> int:
    """How many of the entries, from the first on, one batch may hold."""
    months: set[int] = set()
    for count, entry in enumerate(islice(entries, most_rows)):
        months.add(mapping.month(entry.fact))
        if len(months) > most_months:
            return count
    return min(len(entries), most_rows)


def up_to(entries: Iterable[Entry], last: int) -> Iterator[Entry]:
    return (entry for entry in entries if entry.offset <= last)


def announcement(batch: Batch) -> str:
    return orjson.dumps({"last": batch.last}).decode()


def announced_last(metadata: str) -> int | None:
    """The end of the run that was announced and not confirmed; None where everything before the offset is all."""
    if not metadata:
        return None
    last: int = orjson.loads(metadata)["last"]
    return last
