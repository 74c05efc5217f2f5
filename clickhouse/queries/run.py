"""Runs the statements of a query and gathers what they say: per group the sums of each bucket and of the whole range.

Comes in: a reader client, the generation that is read, a Scope. Goes out: Answer, still in stored measures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from typing import Any

from clickhouse_connect.driver.client import Client

from clickhouse.metrics.metric import Distinct, Metric
from clickhouse.queries.calendar import Bucket
from clickhouse.queries.query import BadParameter
from clickhouse.queries.routing import NO_SHIFT, Routing, Shift, Table
from clickhouse.queries.scope import Scope
from clickhouse.queries.sql import AGAIN_S, EPOCH, MAX_CELLS, Cells, Statement, distinct, rollup, sums_of
from clickhouse.queries.tenant import Tenant

Group = str | None
"""A value of the breakdown, '' without one; None is the rest beside the top ones."""
Sums = dict[str, Any]


@dataclass
class Answer:
    """What the store holds, by group: sums by bucket, and over the whole range. What is absent counts nothing."""

    cells: dict[Group, dict[Bucket, Sums]] = field(default_factory=dict)
    whole: dict[Group, Sums] = field(default_factory=dict)

    def add(self, rows: Sequence[Sequence[Any]], names: tuple[str, ...]) -> None:
        for group, start, whole, *sums in rows:
            if whole:
                known = self.whole.setdefault(group, {})
            else:
                known = self.cells.setdefault(group, {}).setdefault(_bucket(start), {})
            known.update(zip(names, sums, strict=True))

    @property
    def buckets(self) -> set[Bucket]:
        return {bucket for cells in self.cells.values() for bucket in cells}


@dataclass(frozen=True)
class Store:
    """A client for reading, the generation of the tables that it reads, and whose rows it may show."""

    client: Client
    generation: int
    tenant: Tenant

    def rows(self, statement: Statement, table: Table) -> Sequence[Sequence[Any]]:
        parameters: Mapping[str, Any] = {**statement.parameters, "table": f"{table.name}_g{self.generation}"}
        return self.client.query(statement.sql, parameters=dict(parameters)).result_rows


def ask(
    store: Store,
    scope: Scope,
    metrics: tuple[Metric, ...],
    shift: Shift = NO_SHIFT,
    top: tuple[str, ...] | None = None,
    *,
    by_bucket: bool = True,
) -> Answer:
    """The rollup of each family is always asked: without `top` it also says which groups there are."""
    answer = Answer()
    for family in scope.query.families:
        own = tuple(metric for metric in metrics if metric.family is family)
        routing, measures = Routing(scope, family, shift), sums_of(own)
        table = routing.rollup
        found = store.rows(rollup(Cells(scope, table, shift, top, by_bucket), measures), table)
        if len(found) > MAX_CELLS:
            raise BadParameter("by", f"more than {MAX_CELLS} values: take a longer step, a shorter range, or top")
        answer.add(found, measures)
        table = routing.facts
        for name, formula in distincts(own):
            answer.add(store.rows(distinct(Cells(scope, table, shift, top, by_bucket), formula), table), (name,))
    return answer


def distincts(metrics: tuple[Metric, ...]) -> list[tuple[str, Distinct]]:
    return [(metric.name, metric.formula) for metric in metrics if isinstance(metric.formula, Distinct)]


@lru_cache(maxsize=1 << 16)
def _bucket(seconds: int) -> Bucket:
    return Bucket(EPOCH + timedelta(seconds=seconds - seconds % 60), again=seconds % 60 == AGAIN_S)
