"""The statements of a list: its length and sum, and one page of it. Every value is bound by the server.

Comes in: a Scope, perhaps one bucket, a metric, where the page begins. Goes out: Statements over the facts. Only what
stands counts: a fact that was taken back is in neither.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from clickhouse.families import Family
from clickhouse.metrics.metric import Distinct, Metric
from clickhouse.queries.calendar import after
from clickhouse.queries.listing import Cursor, Named
from clickhouse.queries.routing import Routing, Table
from clickhouse.queries.scope import Scope
from clickhouse.queries.sql import AGAIN_S, Cells, Statement, bucket, fact_field, parameters, seconds, where


@dataclass(frozen=True)
class Behind:
    """The rows behind a point."""

    scope: Scope
    metric: Metric
    named: Named | None

    @property
    def family(self) -> Family:
        return self.metric.family

    @property
    def table(self) -> Table:
        return Routing(self.scope, self.family).facts

    @property
    def cells(self) -> Cells:
        return Cells(self.scope, self.table)


def totals(behind: Behind) -> Statement:
    """One row: how many, and the sum of what is summed."""
    summed = "0" if behind.metric.summed is None else f"sum(t.{behind.metric.summed} * t.sign)"
    sql = f"SELECT sum(t.sign), {summed}\nFROM {{table:Identifier}} AS t\nWHERE {_condition(behind)}"
    return Statement(sql, _bound(behind))


def page(behind: Behind, cursor: Cursor | None, limit: int) -> Statement:
    """The fields of the family, by moment and identity. Which rows are on the page is found by these alone, so that no
    long list is held in memory with all its columns."""
    order = ", ".join(_order(behind.family))
    condition = _condition(behind) + (f" AND ({order}) > ({_after(cursor)})" if cursor else "")
    source = f"FROM {{table:Identifier}} AS t\nWHERE {condition}"
    keys = f"SELECT {order} {source}\nGROUP BY {order} HAVING sum(t.sign) > 0 ORDER BY {order} LIMIT {{limit:UInt32}}"
    fields = ", ".join(fact_field(behind.family, field) for field in behind.family.fields)
    columns = ", ".join(f"t.{field}" for field in behind.family.fields)
    sql = (
        f"SELECT {fields} {source} AND ({order}) IN ({keys})\n"
        f"GROUP BY {columns} HAVING sum(t.sign) > 0 ORDER BY {order}"
    )
    starts = {f"after{number}": part for number, part in enumerate(cursor or ())}
    return Statement(sql, {**_bound(behind), **starts, "limit": limit})


def _order(family: Family) -> Iterator[str]:
    yield f"toUnixTimestamp64Milli(t.{family.moments[0]})"
    yield from (f"t.{name}" for name in family.identity)


def _after(cursor: Cursor) -> str:
    types = ("Int64" if isinstance(part, int) else "String" for part in cursor)
    return ", ".join(f"{{after{number}:{name}}}" for number, name in enumerate(types))


def _condition(behind: Behind) -> str:
    return " AND ".join([where(behind.cells), *_conditions(behind)])


def _conditions(behind: Behind) -> Iterator[str]:
    yield f"t.{behind.metric.listed} != 0"
    if isinstance(behind.metric.formula, Distinct):
        yield f"t.{behind.metric.formula.column} != ''"
    if behind.named is not None:
        time = f"t.{behind.table.time}"
        yield f"{time} >= toDateTime({{begin:Int64}}, 'UTC') AND {time} < toDateTime({{finish:Int64}}, 'UTC')"
    if behind.named is not None and behind.named.once:
        yield f"{bucket(behind.cells)} = {{bucket:Int64}}"


def _bound(behind: Behind) -> dict[str, object]:
    given = dict(parameters(behind.cells))
    if behind.named is None:
        return given
    begin, again = behind.named.bucket
    finish = after(begin, behind.scope.query.step)
    return given | {
        "bucket": seconds(begin) + AGAIN_S * again,
        "begin": seconds(begin),
        "finish": seconds(finish),
    }
