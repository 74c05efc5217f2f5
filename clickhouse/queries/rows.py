"""The net rows of a fact or rollup table as JSON lines, for whoever checks the store row by row.

Comes in: one of a fixed list of tables, perhaps only some keys. Goes out: pieces of lines. A fact whose rows have all
been taken back has no line, and neither has a rollup row in which nothing is left; times are epoch milliseconds, wall
clocks seconds since 1970 began on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from clickhouse.queries.run import Store
from streams.contracts.facts import CallFact

FACTS: Final = "call_facts"
ROLLUPS: Final = ("calls_hourly", "calls_daily", "calls_weekly", "calls_monthly")
TABLES: Final = (FACTS, *ROLLUPS)
PIECE_BYTES = 256 * 1024

_MOMENTS = {"started_at", "ended_at", "answered_at"}
_KEYS = ("organisation", "service", "time", "server", "gateway", "number")
_HISTOGRAMS = ("wait_answered_histogram", "wait_missed_histogram", "talk_histogram")
_FIELDS = tuple(CallFact.__annotations__)
_MEASURES = _FIELDS[_FIELDS.index("calls") :]


@dataclass(frozen=True)
class Rows:
    """`ids` are of calls, so only facts can be asked for them."""

    table: str
    organisation: str | None = None
    ids: tuple[str, ...] = ()


def lines(store: Store, rows: Rows) -> Iterator[bytes]:
    parameters = {"table": f"{rows.table}_g{store.generation}", "organisation": rows.organisation, "ids": [*rows.ids]}
    sql = _facts(rows) if rows.table == FACTS else _rollup(rows)
    with store.client.raw_stream(sql, parameters=parameters, fmt="JSONEachRow") as found:
        while piece := found.read(PIECE_BYTES):
            yield piece


def _facts(rows: Rows) -> str:
    fields = ", ".join(f"{_fact_field(field)} AS {field}" for field in _FIELDS)
    keys = ", ".join(f"t.{field}" for field in _FIELDS)
    return (
        f"SELECT {fields}, sum(t.sign) AS sign\nFROM {{table:Identifier}} AS t\n{_where(rows)}\n"
        f"GROUP BY {keys} HAVING sum(t.sign) != 0"
    )


def _fact_field(field: str) -> str:
    if field in _MOMENTS:
        return f"toUnixTimestamp64Milli(t.{field})"
    return f"toUnixTimestamp(t.{field})" if field == "local_time" else f"t.{field}"


def _rollup(rows: Rows) -> str:
    keys = (*_KEYS, "utc_offset_min") if rows.table == "calls_hourly" else _KEYS
    sums = ", ".join(f"sum(t.{measure}) AS {measure}" for measure in _MEASURES)
    histograms = ", ".join(f"{_histogram(name)} AS {name}" for name in _HISTOGRAMS)
    left = " OR ".join(f"sum(t.{measure}) != 0" for measure in _MEASURES)
    return (
        f"SELECT {', '.join(_rollup_key(key) for key in keys)}, {sums}, {histograms}"
        f"\nFROM {{table:Identifier}} AS t\n{_where(rows)}\nGROUP BY {', '.join(f't.{key}' for key in keys)}\n"
        f"HAVING {left} OR {' OR '.join(f'notEmpty({_histogram(name)})' for name in _HISTOGRAMS)}"
    )


def _histogram(name: str) -> str:
    return f"mapFilter((edge, calls) -> calls != 0, sumMap(t.{name}))"


def _rollup_key(key: str) -> str:
    return "toUnixTimestamp(toDateTime(t.time, 'UTC')) AS time" if key == "time" else f"t.{key} AS {key}"


def _where(rows: Rows) -> str:
    conditions = []
    if rows.organisation is not None:
        conditions.append("t.organisation = {organisation:String}")
    if rows.ids:
        conditions.append("t.id IN {ids:Array(String)}")
    return f"WHERE {' AND '.join(conditions)}" if conditions else ""
