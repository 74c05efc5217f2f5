"""The statements of the quality page. Every value is bound by the server.

Comes in: a Scope, what is asked. Goes out: Statements with the table they are asked of. A list has at most MOST rows,
the largest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from clickhouse.families import CALLS, Family
from clickhouse.queries.routing import Routing, Table
from clickhouse.queries.scope import Scope
from clickhouse.queries.sql import Cells, Statement, parameters, where

MOST: Final = 500
UNMAPPED_GATEWAYS: Final = """
SELECT server, gateway, count() AS calls, min(started), max(started)
FROM (
    SELECT t.server AS server, t.gateway AS gateway, t.id, toUnixTimestamp64Milli(t.started_at) AS started
    {source} AND t.reason = 'unmapped'
    GROUP BY ALL HAVING sum(t.sign) > 0
)
GROUP BY server, gateway ORDER BY calls DESC, server, gateway LIMIT {most}
"""
UNMAPPED_WORDS: Final = """
SELECT tupleElement(pair, 1) AS kind, tupleElement(pair, 2) AS word, organisation, sum(sign) AS orders
FROM (
    SELECT t.organisation AS organisation, t.sign AS sign,
        arrayJoin(JSONExtractKeysAndValues(t.unmapped, 'String')) AS pair
    {source} AND t.unmapped != ''
)
GROUP BY kind, word, organisation HAVING orders > 0 ORDER BY orders DESC, kind, word, organisation LIMIT {most}
"""
CALLS_WITHOUT_NUMBER: Final = """
SELECT t.organisation, t.service, t.server, t.gateway, sum(t.calls) AS calls, sum(t.calls_no_number) AS without
{source}
GROUP BY t.organisation, t.service, t.server, t.gateway HAVING without > 0
ORDER BY without DESC, t.server, t.gateway LIMIT {most}
"""
ORDERS_WITHOUT_NUMBER: Final = """
SELECT t.organisation, t.service, t.source, sum(t.sign) AS orders, sumIf(t.sign, t.phone = '') AS without
{source}
GROUP BY t.organisation, t.service, t.source HAVING without > 0
ORDER BY without DESC, t.organisation, t.service, t.source LIMIT {most}
"""
BRIDGED: Final = """
SELECT toUnixTimestamp64Milli(t.started_at) AS started, t.server, t.gateway, t.id, t.organisation, t.bridged,
    count() OVER () AS total
{source} AND t.bridged != ''
GROUP BY t.started_at, t.server, t.gateway, t.id, t.organisation, t.bridged HAVING sum(t.sign) > 0
ORDER BY started DESC, t.id LIMIT {most}
"""
CURRENCIES: Final = """
SELECT t.organisation, t.currency, sum(t.sign) AS orders, sum(ifNull(t.price, 0) * t.sign) AS price
{source} AND t.currency != '' AND t.state = 'completed'
GROUP BY t.organisation, t.currency HAVING orders > 0 ORDER BY orders DESC, t.organisation, t.currency
"""
LAST_DAYS: Final = """
SELECT server, gateway, max(day)
FROM (
    SELECT t.server AS server, t.gateway AS gateway, t.time AS day
    {source} AND t.gateway != ''
    GROUP BY t.server, t.gateway, t.time HAVING sum(t.calls) + sum(t.calls_outbound) + sum(t.calls_staff) > 0
)
GROUP BY server, gateway
"""


_LAST_DAY: Final = """
SELECT t.COLUMN, max(t.time)
{source}
GROUP BY t.COLUMN
"""
_LAST_MOMENTS: Final = """
SELECT name, max(at), max(seen)
FROM (
    SELECT t.COLUMN AS name, toUnixTimestamp64Milli(t.MOMENT) AS at, max(toUnixTimestamp64Milli(t.observed_at)) AS seen
    {source}
        AND toYYYYMM(t.local_time) IN {{months:Array(UInt32)}}
        AND (t.COLUMN, toDate(t.local_time)) IN {{days:Array(Tuple(String, Date))}}
    GROUP BY name, at HAVING sum(t.sign) > 0
)
GROUP BY name
"""
_LAST_STANDING_DAY: Final = """
SELECT name, max(day)
FROM (
    SELECT t.COLUMN AS name, toDate(t.local_time) AS day
    {source} AND t.COLUMN IN {{names:Array(String)}}
    GROUP BY name, day HAVING sum(t.sign) > 0
)
GROUP BY name
"""


@dataclass(frozen=True)
class LastOf:
    """Of each value of a column: first its last day in the small table, then the last moment on that day. A rollup
    keeps its rows, with zeros, also where all was taken back: of whom nothing stands on that day, the facts tell the
    last one on which something does."""

    days: str
    moments: str
    standing_days: str
    rollup: Table
    facts: Table


def last_of(family: Family, column: str) -> LastOf:
    days, moments, standing_days = (
        sql.replace("COLUMN", column).replace("MOMENT", family.moments[0])
        for sql in (_LAST_DAY, _LAST_MOMENTS, _LAST_STANDING_DAY)
    )
    facts = Table(family.facts, family, "fact", "local_time")
    return LastOf(days, moments, standing_days, Table(family.rollups["day"], family, "day", "time"), facts)


def daily() -> Table:
    return Table(CALLS.rollups["day"], CALLS, "day", "time")


def in_range(asked: Scope, sql: str, family: Family) -> tuple[Statement, Table]:
    """Over the facts of the range."""
    return _asked(asked, sql, Routing(asked, family).facts)


def in_rollup(asked: Scope, sql: str) -> tuple[Statement, Table]:
    """Over the coarsest table of calls by gateway that fits the range."""
    return _asked(asked, sql, Routing(asked, CALLS).by_gateway)


def ever(asked: Scope, sql: str, table: Table, more: Mapping[str, Any] | None = None) -> tuple[Statement, Table]:
    """Whatever the range, of whom is asked for."""
    own = " AND ".join(["true", *asked.tenant.conditions(), *_of_the_organisation(asked)])
    bound = {**dict(parameters(Cells(asked, table))), **(more or {})}
    return Statement(_filled(sql, own), bound), table


def _of_the_organisation(asked: Scope) -> Iterator[str]:
    if asked.query.organisation is not None:
        yield "t.organisation = {organisation:String}"


def _asked(asked: Scope, sql: str, table: Table) -> tuple[Statement, Table]:
    cells = Cells(asked, table)
    return Statement(_filled(sql, where(cells)), dict(parameters(cells))), table


def _filled(sql: str, condition: str) -> str:
    return sql.format(source=f"FROM {{table:Identifier}} AS t\nWHERE {condition}", most=MOST)
