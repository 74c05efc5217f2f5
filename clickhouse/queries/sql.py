"""The statements of a time series, and what every other one over a range is put together from: its conditions, its
buckets, its parameters. Every value is bound by the server, never put into the text.

Comes in: which cells are wanted of which table. Goes out: a Statement whose rows are (grp, bucket, whole, sums):
`bucket` in seconds of the wall clock, `whole` 1 for the row over the whole range. Names in the text come from the
catalogue and the routing only.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from clickhouse.families import Dimension, Family
from clickhouse.metrics.metric import Distinct, Metric, Percentile, Ratio, Sum
from clickhouse.queries.calendar import second_hours
from clickhouse.queries.query import Bound, Query
from clickhouse.queries.routing import NO_SHIFT, Shift, Table, has_leap_day, moved
from clickhouse.queries.scope import Scope

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - of wall clocks
MAX_CELLS = 1_000_000
"""More are not fetched, and refused by who asks."""
FURTHEST_BEHIND: Final = timedelta(hours=-12)
FURTHEST_AHEAD: Final = timedelta(hours=14)
"""No wall clock is further from UTC than these, since 2000."""
AGAIN_S = 1
"""Added to the second of two hours of one name: no bucket begins at such a second."""

DIMENSIONS: Final[dict[Dimension, str]] = {
    "service": "t.service",
    "gateway": "if(t.server = '', '', concat(t.server, '/', t.gateway))",
    "number": "t.number",
    "source": "t.source",
    "state": "t.state",
}
_FILTERS: Final[Mapping[Dimension, str]] = {
    "service": "t.service IN {service:Array(String)}",
    "gateway": "(t.server, t.gateway) IN {gateway:Array(Tuple(String, String))}",
    "number": "t.number IN {number:Array(String)}",
    "source": "t.source IN {source:Array(String)}",
    "state": "t.state IN {state:Array(String)}",
}
_FLOOR: Final = {
    "hour": "toStartOfHour({})",
    "day": "toStartOfDay({})",
    "week": "toMonday({})",
    "month": "toStartOfMonth({})",
}


@dataclass(frozen=True)
class Statement:
    sql: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Cells:
    """Which cells are wanted: of which groups (None: all; else the rest together), and by bucket or only the totals."""

    scope: Scope
    table: Table
    shift: Shift = NO_SHIFT
    top: tuple[str, ...] | None = None
    by_bucket: bool = True

    @property
    def query(self) -> Query:
        return self.scope.query


def sums_of(metrics: tuple[Metric, ...]) -> tuple[str, ...]:
    """The stored measures that the metrics are made of, each once."""
    return tuple(dict.fromkeys(measure for metric in metrics for measure in _measures(metric)))


def _measures(metric: Metric) -> tuple[str, ...]:
    match metric.formula:
        case Sum(measure):
            return (measure,)
        case Ratio(numerator, denominator):
            return (numerator, denominator)
        case Percentile(histogram):
            return (histogram,)
        case Distinct():
            return ()


def rollup(cells: Cells, measures: tuple[str, ...]) -> Statement:
    sums = "".join(f", {_sum(measure)}" for measure in measures)
    sql = (
        f"SELECT {_keys(cells)}{sums}\nFROM {{table:Identifier}} AS t\nWHERE {where(cells)}\n"
        f"GROUP BY GROUPING SETS ({_sets(cells)})\n{_present(cells)}LIMIT {MAX_CELLS + 1}"
    )
    return Statement(sql, dict(parameters(cells)))


def _present(cells: Cells) -> str:
    """Groups whose rows have all been taken back, or count nothing in any metric, are left out, where it is not known
    already which are there; and so are buckets that only such rows would add: hours that no clock asked for shows, what
    lies beside a bound that is a moment."""
    known = cells.query.by is None or cells.top is not None
    bounds = (cells.scope.start, cells.scope.end)
    if known and cells.query.step != "hour" and all(bound.offset_min is None for bound in bounds):
        return ""
    return f"HAVING {' OR '.join(f'sum(t.{measure}) != 0' for measure in cells.table.family.presence)}\n"


def distinct(cells: Cells, formula: Distinct) -> Statement:
    """Over facts: a value is there if what its rows state and take back leaves something of the measure."""
    thing = f"t.{formula.column}"
    inner = (
        f"SELECT {_keys(cells)}, {thing} AS thing\nFROM {{table:Identifier}} AS t\n"
        f"WHERE {where(cells)} AND {thing} != ''\n"
        f"GROUP BY GROUPING SETS ({_sets(cells, ', thing')})\nHAVING sum(t.{formula.measure} * t.sign) > 0"
    )
    return Statement(
        f"SELECT grp, bucket, whole, count()\nFROM ({inner})\nGROUP BY grp, bucket, whole", dict(parameters(cells))
    )


def _sum(measure: str) -> str:
    return f"sumMap(t.{measure})" if measure.endswith("_histogram") else f"sum(t.{measure})"


def _keys(cells: Cells) -> str:
    if not cells.by_bucket:
        return f"{_group(cells)} AS grp, 0 AS bucket, 1 AS whole"
    return f"{_group(cells)} AS grp, {bucket(cells)} AS bucket, grouping(bucket) AS whole"


def _sets(cells: Cells, also: str = "") -> str:
    return f"(grp, bucket{also}), (grp{also})" if cells.by_bucket else f"(grp{also})"


def _group(cells: Cells) -> str:
    """The value of the breakdown; NULL for the rest beside the top ones."""
    if cells.query.by is None:
        return "''"
    value = cells.scope.tenant.named(cells.query.by, DIMENSIONS[cells.query.by])
    return value if cells.top is None else f"if(has({{top:Array(String)}}, {value}), {value}, NULL)"


def bucket(cells: Cells) -> str:
    start = f"toUnixTimestamp(toDateTime({_FLOOR[cells.query.step].format(_forward(cells))}, 'UTC'))"
    if not _second_hours(cells):
        return start
    return f"{start} + {AGAIN_S} * (({_hour(cells)}, t.utc_offset_min) IN {{again:Array(Tuple(UInt32, Int16))}})"


def _hour(cells: Cells) -> str:
    return f"toUnixTimestamp(toStartOfHour(t.{cells.table.time}))"


def _forward(cells: Cells) -> str:
    """The time of a row, moved from the comparison into the range."""
    time = f"toDateTime(t.{cells.table.time}, 'UTC')"
    if cells.shift.years:
        return f"addYears({time}, {{years:Int32}})"
    return f"({time} + {{back:Int64}})" if cells.shift.back else time


def _second_hours(cells: Cells) -> list[tuple[int, int]]:
    """A comparison has none: it is laid over the range hour by hour of the wall clock."""
    scope = cells.scope
    if scope.zone is None or cells.shift != NO_SHIFT or cells.query.step != "hour":
        return []
    return [(seconds(start), offset) for start, offset in second_hours(scope.buckets, scope.zone)]


def fact_field(family: Family, field: str) -> str:
    """As a number or a text, whatever the column's type."""
    if field in family.moments:
        return f"toUnixTimestamp64Milli(t.{field})"
    return f"toUnixTimestamp(t.{field})" if field == "local_time" else f"t.{field}"


def where(cells: Cells) -> str:
    return " AND ".join(_conditions(cells))


def _conditions(cells: Cells) -> Iterator[str]:
    time = f"t.{cells.table.time}"
    kind = "toDateTime({{{}:Int64}}, 'UTC')" if cells.table.grain in {"fact", "hour"} else "toDate({{{}:Int64}})"
    yield f"{time} >= {kind.format('first')} AND {time} < {kind.format('last')}"
    moment = f"{_hour(cells)} - 60 * t.utc_offset_min"
    if cells.scope.start.offset_min is not None:
        yield f"{moment} >= {{since:Int64}}"
    if cells.scope.end.offset_min is not None:
        yield f"{moment} < {{until:Int64}}"
    yield from cells.scope.tenant.conditions()
    if has_leap_day(cells.scope, cells.shift):
        yield f"NOT (toMonth({time}) = 2 AND toDayOfMonth({time}) = 29)"
    if cells.query.organisation is not None:
        yield "t.organisation = {organisation:String}"
    for dimension, values in cells.query.filters.items():
        yield cells.scope.tenant.sought(dimension, _FILTERS[dimension], values)


def parameters(cells: Cells) -> Iterator[tuple[str, Any]]:
    """More than the statement mentions does no harm; less would be an error of the server."""
    scope, query = cells.scope, cells.query
    since, until = (replace(bound, wall=moved(bound.wall, cells.shift)) for bound in (scope.start, scope.end))
    yield "first", seconds(_wall(since, FURTHEST_BEHIND))
    yield "last", seconds(_wall(until, FURTHEST_AHEAD))
    yield "since", int(since.moment.timestamp())
    yield "until", int(until.moment.timestamp())
    yield "years", cells.shift.years
    yield "back", int(cells.shift.back.total_seconds())
    yield "again", _second_hours(cells)
    yield "top", list(cells.top or ())
    yield from scope.tenant.parameters().items()
    yield "organisation", query.organisation or ""
    for dimension, values in query.filters.items():
        yield dimension, [value.partition("/")[::2] for value in values] if dimension == "gateway" else list(values)


def _wall(bound: Bound, offset: timedelta) -> datetime:
    """The wall clock itself, or what the clock of a place with that offset shows at a moment."""
    return bound.wall if bound.offset_min is None else bound.moment.replace(tzinfo=None) + offset


def seconds(wall: datetime) -> int:
    """Of a wall clock, since 1970 began on it; never before, where the store's times begin."""
    return max(0, int((wall - EPOCH).total_seconds()))
