"""What the rollups must hold: plain sums of the facts by the rollup's key and a piece of the wall clock.

Comes in: facts of calls or of orders. Goes out: rows in the shape of `clickhouse.queries.rows`, as (key, value); a row
of nothing but zeros does not appear. Histograms are by the documented meaning of a bucket, not by its SQL.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson

from clickhouse.families import BY_TABLE, Step
from clickhouse.verify.sorting import InOrder, Row

Fact = Mapping[str, Any]

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
    shares = ((key_in(table, fact), share) for fact in facts if any((share := _share(fact, table)).values()))
    with InOrder(shares) as ordered:
        for key, rows in groupby(ordered, key=lambda row: row[0]):
            sums = _sums((orjson.loads(value) for _, value in rows), table)
            yield key, orjson.dumps(sums, option=orjson.OPT_SORT_KEYS)


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


def _share(fact: Fact, table: str) -> dict[str, Any]:
    """What a fact adds to each measure, and to each histogram: {edge: how many}. Net facts of the store have a sign."""
    family, sign = BY_TABLE[table], fact.get("sign", 1)
    sums = {name: fact[name] * sign for name in family.measures}
    measured = {name: HISTOGRAMS[name] for name in family.histograms}
    return sums | {name: {str(bucket(fact[what])): sums[of]} for name, (what, of) in measured.items() if sums[of]}


def _sums(shares: Iterable[dict[str, Any]], table: str) -> dict[str, Any]:
    family = BY_TABLE[table]
    sums = dict.fromkeys(family.measures, 0)
    histograms: dict[str, Counter[str]] = {name: Counter() for name in family.histograms}
    for share in shares:
        for name in sums:
            sums[name] += share[name]
        for name, edges in histograms.items():
            edges.update(share.get(name, {}))
    return sums | {name: {edge: count for edge, count in found.items() if count} for name, found in histograms.items()}
