"""Both sides of a comparison: which rows there must be, and which there are, each in the order of their keys.

Comes in: the reference, or the store's tables. Goes out: (key, value) rows as bytes. What is asked of the store again
is narrowed down to what differed.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from typing import Any

import orjson

from clickhouse.families import BY_TABLE, CALLS
from clickhouse.queries.net_rows import FACTS, Rows
from clickhouse.verify.pairs import Pair
from clickhouse.verify.reference import Reference
from clickhouse.verify.rollups import Fact, rollup
from clickhouse.verify.sorting import InOrder, Row
from clickhouse.verify.tables import Tables

TABLES = tuple(BY_TABLE)
MOST_IDS = 1_000
"""Ids that are asked for one by one; of more facts the whole table is read."""
IDS_AT_A_TIME = 100
"""So many fit into an address."""


def expected(reference: Reference, table: str) -> Iterator[Row]:
    facts = facts_behind(reference, table)
    yield from net(facts, table) if table in FACTS else rollup(facts, table)


def found(tables: Tables, wanted: Iterable[Rows]) -> InOrder:
    """Of one table."""
    return InOrder(chain.from_iterable(keyed(tables.rows(each), each.table) for each in wanted))


def keyed(rows: Iterable[Fact], table: str) -> Iterator[tuple[list[Any], dict[str, Any]]]:
    """(key, the rest)."""
    family = BY_TABLE[table]
    key = family.identity if table == family.facts else family.key(table)
    for row in rows:
        yield [row[name] for name in key], {name: value for name, value in row.items() if name not in key}


def facts_behind(reference: Reference, table: str) -> Iterator[Fact]:
    return reference.call_facts() if BY_TABLE[table] is CALLS else reference.order_facts()


def net(facts: Iterable[Fact], table: str) -> Iterator[Row]:
    """Each fact stands once: the net sign of its row is 1. Two of unknown organisations may read the same."""
    with InOrder(keyed(({**fact, "sign": 1} for fact in facts), table)) as rows:
        for (key, value), same in groupby(rows):
            times = sum(1 for _ in same)
            yield key, value if times == 1 else _signed(value, times)


def narrowed(pairs: Iterable[Pair]) -> dict[str, list[Rows]]:
    """What to ask the store, per table, to see these again."""
    keys: dict[str, list[list[Any]]] = {}
    for pair in pairs:
        keys.setdefault(pair.table, []).append(orjson.loads(pair.key))
    return {table: _rows(table, of_table) for table, of_table in keys.items()}


def _rows(table: str, keys: Iterable[list[Any]]) -> list[Rows]:
    """By id where that is said: the second part of the key of every fact; else by organisation, the first part."""
    if table not in FACTS:
        return [Rows(table, organisation) for organisation in sorted({key[0] for key in keys})]
    ids = sorted({key[1] for key in keys})
    if len(ids) > MOST_IDS:
        return [Rows(table)]
    return [Rows(table, ids=tuple(ids[at : at + IDS_AT_A_TIME])) for at in range(0, len(ids), IDS_AT_A_TIME)]


def _signed(value: bytes, sign: int) -> bytes:
    return orjson.dumps(orjson.loads(value) | {"sign": sign}, option=orjson.OPT_SORT_KEYS)
