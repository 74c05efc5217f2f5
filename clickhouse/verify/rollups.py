"""What the rollups must hold: plain sums of the facts by the rollup's key and a piece of the wall clock.

Comes in: facts of calls or of orders. Goes out: rows in the shape of `clickhouse.queries.net_rows`, as (key, value); a
row of nothing but zeros does not appear. Histograms are by the documented meaning of a bucket, not by its SQL.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson

from clickhouse.families import BY_TABLE, Step
from clickhouse.verify.sorting import InOrder, Row

Fact = Mapping[str, Any]
Key = tuple[Any, ...]
Sums = dict[str, Any]
"""Of each measure, and of each histogram: {edge: how many}."""
KEPT = 50_000
"""Rows of a rollup that are summed in memory at a time."""

HISTOGRAMS = {
    "wait_answered_histogram": ("wait_answered_ms", "calls_answered"),
    "wait_missed_histogram": ("wait_missed_ms", "calls_missed"),
    "talk_histogram": ("talk_ms", "calls_answered"),
}
"""Histogram -> what is measured, of which calls."""


def _hour(wall: datetime) -> datetime:
    return wall.replace(minute=0, second=0)


def _day(wall: datetime) -> datetime:
    return wall.replace(hour=0, minute=0, second=0)


def _week(wall: datetime) -> datetime:
    return _day(wall) - timedelta(days=wall.weekday())


def _month(wall: datetime) -> datetime:
    return _day(wall).replace(day=1)


STARTS: Mapping[Step, Callable[[datetime], datetime]] = {"hour": _hour, "day": _day, "week": _week, "month": _month}


def rollup(facts: Iterable[Fact], table: str) -> Iterator[Row]:
    """(key, sums), in the order of the keys."""
    with InOrder(_partial_sums(facts, table)) as ordered:
        for key, rows in groupby(ordered, key=lambda row: row[0]):
            sums = _empty(table)
            for _, value in rows:
                _add(sums, orjson.loads(value))
            yield key, orjson.dumps(_without_zeros(sums), option=orjson.OPT_SORT_KEYS)


def _partial_sums(facts: Iterable[Fact], table: str) -> Iterator[tuple[Key, Sums]]:
    """Of as many keys as are kept at a time: far fewer rows to put in order than there are facts."""
    kept: dict[Key, Sums] = {}
    for fact in facts:
        share = _share(fact, table)
        if any(share.values()):
            key = tuple(key_in(table, fact))
            if key not in kept:
                kept[key] = _empty(table)
            _add(kept[key], share)
        if len(kept) >= KEPT:
            yield from kept.items()
            kept.clear()
    yield from kept.items()


def key_in(table: str, fact: Fact) -> list[Any]:
    """The key of the row of a rollup in which a fact counts."""
    wall = datetime.fromtimestamp(fact["local_time"], UTC)
    family = BY_TABLE[table]
    start = {"time": int(STARTS[family.starts[table]](wall).timestamp())}
    return [start.get(name, fact.get(name)) for name in family.key(table)]


def bucket(ms: int) -> int:
    """The lower edge: the power of two at or below is cut into 16 equal parts, none narrower than 1 ms."""
    power = 1
    while power * 2 <= ms:
        power *= 2
    width = max(power // 16, 1)
    return ms // width * width


def _share(fact: Fact, table: str) -> Sums:
    """What a fact adds. Net facts of the store have a sign."""
    family, sign = BY_TABLE[table], fact.get("sign", 1)
    sums = {name: fact[name] * sign for name in family.measures}
    measured = {name: HISTOGRAMS[name] for name in family.histograms}
    return sums | {name: {str(bucket(fact[what])): sums[of]} for name, (what, of) in measured.items() if sums[of]}


def _empty(table: str) -> Sums:
    family = BY_TABLE[table]
    return {**dict.fromkeys(family.measures, 0), **{name: {} for name in family.histograms}}


def _add(sums: Sums, share: Sums) -> None:
    for name, value in share.items():
        if isinstance(value, dict):
            edges = sums[name]
            for edge, count in value.items():
                edges[edge] = edges.get(edge, 0) + count
        else:
            sums[name] += value


def _without_zeros(sums: Sums) -> Sums:
    """An edge whose calls were all taken back means nothing."""
    return {
        name: {edge: count for edge, count in value.items() if count} if isinstance(value, dict) else value
        for name, value in sums.items()
    }
