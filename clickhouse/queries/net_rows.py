"""The net rows of a fact or rollup table as JSON lines, for whoever checks the store row by row.

Comes in: a table of one of the families, perhaps only some keys. Goes out: pieces of lines. A fact whose rows have all
been taken back has no line, and neither has a rollup row in which nothing is left; times are epoch milliseconds, wall
clocks seconds since 1970 began on them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from clickhouse.families import BY_TABLE, FAMILIES, Family
from clickhouse.queries.run import Store
from clickhouse.queries.sql import fact_field

TABLES: Final = tuple(BY_TABLE)
FACTS: Final = tuple(family.facts for family in FAMILIES)
PIECE_BYTES = 256 * 1024
NUMBERS: Final = {"output_format_json_quote_64bit_integers": 0}
"""As numbers, not as texts: servers before 25.8 quote them unless told."""


@dataclass(frozen=True)
class Rows:
    """`ids` are of calls or orders, so only facts can be asked for them."""

    table: str
    organisation: str | None = None
    ids: tuple[str, ...] = ()


def lines(store: Store, rows: Rows) -> Iterator[bytes]:
    parameters = {"table": f"{rows.table}_g{store.generation}", "organisation": rows.organisation, "ids": [*rows.ids]}
    family = BY_TABLE[rows.table]
    sql = _facts(family, rows) if rows.table == family.facts else _rollup(family, rows)
    with store.client.raw_stream(sql, parameters=parameters, fmt="JSONEachRow", settings=NUMBERS) as found:
        while piece := found.read(PIECE_BYTES):
            yield piece


def _facts(family: Family, rows: Rows) -> str:
    fields = ", ".join(f"{fact_field(family, field)} AS {field}" for field in family.fields)
    keys = ", ".join(f"t.{field}" for field in family.fields)
    return (
        f"SELECT {fields}, sum(t.sign) AS sign\nFROM {{table:Identifier}} AS t\n{_where(rows)}\n"
        f"GROUP BY {keys} HAVING sum(t.sign) != 0"
    )


def _rollup(family: Family, rows: Rows) -> str:
    keys, measures = family.key(rows.table), family.measures
    sums = [f"sum(t.{measure}) AS {measure}" for measure in measures]
    histograms = [f"{_histogram(name)} AS {name}" for name in family.histograms]
    left = [f"sum(t.{measure}) != 0" for measure in measures]
    left += [f"notEmpty({_histogram(name)})" for name in family.histograms]
    return (
        f"SELECT {', '.join([*map(_rollup_key, keys), *sums, *histograms])}"
        f"\nFROM {{table:Identifier}} AS t\n{_where(rows)}\nGROUP BY {', '.join(f't.{key}' for key in keys)}\n"
        f"HAVING {' OR '.join(left)}"
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
