"""What the rollups must hold: plain sums of the facts by service, gateway, number and piece of the wall clock.

Comes in: facts. Goes out: rows in the shape of `clickhouse.queries.rows`, as (key, value); a row of nothing but zeros
does not appear. Histograms are by the documented meaning of a bucket, not by its SQL.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Any

import orjson

from clickhouse.verify.sorting import InOrder, Row
from streams.contracts.facts import CallFact

KEY = ("organisation", "service", "time", "server", "gateway", "number")
_FIELDS = tuple(CallFact.__annotations__)
MEASURES = _FIELDS[_FIELDS.index("calls") :]
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


STARTS: Mapping[str, Callable[[datetime], datetime]] = {
    "calls_hourly": _hour,
    "calls_daily": _day,
    "calls_weekly": _week,
    "calls_monthly": _month,
}


def keys(table: str) -> tuple[str, ...]:
    return (*KEY, "utc_offset_min") if table == "calls_hourly" else KEY


def rollup(facts: Iterable[CallFact], table: str) -> Iterator[Row]:
    """(key, sums), in the order of the keys."""
    shares = ((_key(fact, table), _measures(fact)) for fact in facts if any(_measures(fact).values()))
    with InOrder(shares) as ordered:
        for key, rows in groupby(ordered, key=lambda row: row[0]):
            yield key, orjson.dumps(_sums(orjson.loads(value) for _, value in rows), option=orjson.OPT_SORT_KEYS)


def bucket(ms: int) -> int:
    """The lower edge: the power of two at or below is cut into 16 equal parts, none narrower than 1 ms."""
    power = 1
    while power * 2 <= ms:
        power *= 2
    width = max(power // 16, 1)
    return ms // width * width


def _key(fact: CallFact, table: str) -> list[Any]:
    wall = datetime.fromtimestamp(fact["local_time"], UTC)
    start = {"time": int(STARTS[table](wall).timestamp())}
    return [start.get(name, fact.get(name)) for name in keys(table)]


def _measures(fact: Mapping[str, Any]) -> dict[str, int]:
    return {name: fact[name] for name in MEASURES}


def _sums(rows: Iterable[dict[str, int]]) -> dict[str, Any]:
    sums: Counter[str] = Counter()
    histograms: dict[str, Counter[str]] = {name: Counter() for name in HISTOGRAMS}
    for row in rows:
        sums.update(row)
        for name, (measured, of) in HISTOGRAMS.items():
            if row[of]:
                histograms[name][str(bucket(row[measured]))] += row[of]
    return {name: sums[name] for name in MEASURES} | {name: dict(found) for name, found in histograms.items()}
