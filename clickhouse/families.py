"""The families of facts, calls and orders: what a row of each table is about and which measures it carries.

Said once, from the contract of the facts; queries, lists and the row-by-row check follow it. A family has one fact
table, four rollups by gateway and two by service, whose names and columns come from here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

from streams.contracts.facts import CallFact, OrderFact

Dimension = Literal["service", "gateway", "number", "source", "state"]
Step = Literal["hour", "day", "week", "month"]
ADVERBS: Mapping[Step, str] = {"hour": "hourly", "day": "daily", "week": "weekly", "month": "monthly"}
LINE: Final = ("server", "gateway", "number")
"""What says through which line a call came; rollups by service leave it out."""


@dataclass(frozen=True)
class Family:
    name: Literal["calls", "orders"]
    facts: str
    fields: tuple[str, ...]
    """Of a fact, in the order of the contract; the measures are the last of them."""
    first_measure: str
    dimensions: tuple[Dimension, ...]
    identity: tuple[str, ...]
    """What tells one fact from another."""
    moments: tuple[str, ...]
    """Columns that hold moments; the first is the one that says to which bucket a fact belongs."""
    presence: tuple[str, ...]
    """Every row that counts in any metric has exactly one of these."""
    histograms: tuple[str, ...] = ()

    @cached_property
    def measures(self) -> tuple[str, ...]:
        return self.fields[self.fields.index(self.first_measure) :]

    @cached_property
    def rollups(self) -> Mapping[Step, str]:
        return {step: f"{self.name}_{adverb}" for step, adverb in ADVERBS.items()}

    @cached_property
    def by_service(self) -> Mapping[Literal["hour", "day"], str]:
        """The same without gateways and numbers: few rows, so weeks and months are read from the days."""
        return {"hour": f"{self.rollups['hour']}_by_service", "day": f"{self.rollups['day']}_by_service"}

    @cached_property
    def starts(self) -> Mapping[str, Step]:
        """Each rollup, and what its `time` is the start of."""
        summed = (*self.rollups.items(), *self.by_service.items())
        return {table: step for step, table in summed}

    @property
    def tables(self) -> tuple[str, ...]:
        return (self.facts, *self.starts)

    def key(self, table: str) -> tuple[str, ...]:
        """What a row of a rollup is about."""
        return self._keys[table]

    @cached_property
    def _keys(self) -> Mapping[str, tuple[str, ...]]:
        return {table: tuple(self._key(table, step)) for table, step in self.starts.items()}

    def _key(self, table: str, step: Step) -> Iterator[str]:
        yield from ("organisation", "service", "time")
        yield from () if table in self.by_service.values() else LINE
        yield from (name for name in self.dimensions if name in {"source", "state"})
        yield from ("utc_offset_min",) if step == "hour" else ()


CALLS = Family(
    name="calls",
    facts="call_facts",
    fields=tuple(CallFact.__annotations__),
    first_measure="calls",
    dimensions=("service", "gateway", "number"),
    identity=("server", "id"),
    moments=("started_at", "ended_at", "answered_at"),
    presence=("calls", "calls_outbound", "calls_staff"),
    histograms=("wait_answered_histogram", "wait_missed_histogram", "talk_histogram"),
)
ORDERS = Family(
    name="orders",
    facts="order_facts",
    fields=tuple(OrderFact.__annotations__),
    first_measure="orders",
    dimensions=("service", "gateway", "number", "source", "state"),
    identity=("organisation", "id"),
    moments=("created_at", "closed_at", "pickup_at"),
    presence=("orders",),
)
FAMILIES = (CALLS, ORDERS)
BY_TABLE: Mapping[str, Family] = {table: family for family in FAMILIES for table in family.tables}
