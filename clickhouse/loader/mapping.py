"""Which facts topic feeds which table, and how its records become columns. One topic feeds one table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from operator import itemgetter
from typing import Any

from clickhouse import families
from streams.contracts import groups
from streams.contracts.facts import SignedCallFact, SignedOrderFact, read_call_fact, read_order_fact
from streams.contracts.topics import CALL_FACTS, ORDER_FACTS, Topic

DAY_S = 86_400

Fact = Mapping[str, Any]


@dataclass(frozen=True)
class FactsMapping:
    """`time` is the column, in seconds, by whose month the table is partitioned."""

    name: str
    topic: Topic
    table: str
    rollups: tuple[str, ...]
    fields: tuple[str, ...]
    read: Callable[[bytes], Fact]
    time: str = "local_time"

    def group(self, generation: int) -> str:
        return groups.of_loader(self.name, generation)

    def tables(self, generation: int) -> tuple[str, ...]:
        """The fact table first, then all that its views fill."""
        return tuple(f"{name}_g{generation}" for name in (self.table, *self.rollups))

    @property
    def columns(self) -> tuple[str, ...]:
        return (*self.fields, "_partition", "_offset", "_insert_by")

    def values(self, facts: Sequence[Fact]) -> list[Sequence[Any]]:
        """One sequence per field; fields that the table does not have are left out."""
        return list(zip(*map(itemgetter(*self.fields), facts), strict=True))

    def month(self, fact: Fact) -> int:
        return _month(fact[self.time] // DAY_S)


@lru_cache(maxsize=1 << 16)
def _month(day: int) -> int:
    at = datetime.fromtimestamp(day * DAY_S, UTC)
    return at.year * 12 + at.month


CALLS = FactsMapping(
    name="calls",
    topic=CALL_FACTS,
    table=families.CALLS.facts,
    rollups=tuple(families.CALLS.starts),
    fields=tuple(SignedCallFact.__annotations__),
    read=read_call_fact,
)
ORDERS = FactsMapping(
    name="orders",
    topic=ORDER_FACTS,
    table=families.ORDERS.facts,
    rollups=tuple(families.ORDERS.starts),
    fields=tuple(SignedOrderFact.__annotations__),
    read=read_order_fact,
)
MAPPINGS = (CALLS, ORDERS)
