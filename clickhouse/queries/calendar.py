"""Buckets of wall clocks: which there are between two times, what they are called, and when they really are.

Pure. Days of 23 and 25 hours, changes of half an hour and skipped midnights are dealt with here and nowhere else. Wall
clocks are naive datetimes; a bucket is named by its calendar start, also where the range cuts it.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple

from clickhouse.families import Step
from clickhouse.queries.query import offset

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
QUARTER = timedelta(minutes=15)


class Bucket(NamedTuple):
    """`again` marks the second of two hours of one name, which only an hour of a single zone can be."""

    start: datetime
    again: bool = False


def floor(wall: datetime, step: Step) -> datetime:
    """The start of the bucket in which a time lies; weeks start on Monday."""
    if step == "hour":
        return wall.replace(minute=0, second=0, microsecond=0)
    day = wall.replace(hour=0, minute=0, second=0, microsecond=0)
    if step == "week":
        return day - day.weekday() * DAY
    return day if step == "day" else day.replace(day=1)


def after(start: datetime, step: Step) -> datetime:
    """The start of the next bucket."""
    if step == "month":
        return (start + 31 * DAY).replace(day=1)
    return start + {"hour": HOUR, "day": DAY, "week": 7 * DAY}[step]


def buckets(first: datetime, end: datetime, step: Step, at: tzinfo | None) -> list[Bucket]:
    """Those that touch [first, end). In a single zone `at` hours are those that its clock shows, each as often as it
    shows them; else every hour is there once."""
    if step == "hour" and at is not None:
        return [bucket for bucket in _hours(first, end, at) if first <= bucket.start < end]
    return [Bucket(start) for start in _starts(floor(first, step), end, step)]


def skipped(first: datetime, end: datetime, at: tzinfo) -> set[datetime]:
    """The hours of these days that the clock does not show."""
    days = _starts(floor(first, "day"), end, "day")
    return {day + hours * HOUR for day in days for hours in range(24)} - {
        bucket.start for bucket in _hours(first, end, at)
    }


def _starts(start: datetime, end: datetime, step: Step) -> Iterator[datetime]:
    while start < end:
        yield start
        start = after(start, step)


def _hours(first: datetime, end: datetime, at: tzinfo) -> Iterator[Bucket]:
    for day in _starts(floor(first, "day"), end, "day"):
        yield from _hours_of_day(day, at)


@lru_cache(maxsize=65_536)
def _hours_of_day(day: datetime, at: tzinfo) -> tuple[Bucket, ...]:
    shown = dict.fromkeys(_shown(day, at))
    return tuple(Bucket(hour, again=found == _second_offset(hour, at)) for hour, found in sorted(shown, key=_nominal))


def _shown(day: datetime, at: tzinfo) -> Iterator[tuple[datetime, timedelta]]:
    """(hour, offset) that the clock shows on a day. No zone changes inside a quarter of an hour."""
    usual = _offset(day, at, 0)
    if usual == _offset(day, at, 1) == _offset(day + DAY, at, 0) == _offset(day + 12 * HOUR, at, 0):
        yield from ((day + hours * HOUR, usual) for hours in range(24))
        return
    moment = moment_of(day, at) - DAY
    for quarter in range(3 * 96):
        local = (moment + quarter * QUARTER).astimezone(at)
        if local.date() == day.date():
            yield floor(local.replace(tzinfo=None, fold=0), "hour"), local.utcoffset() or timedelta()


def _nominal(shown: tuple[datetime, timedelta]) -> datetime:
    hour, found = shown
    return hour - found


def _second_offset(hour: datetime, at: tzinfo) -> timedelta | None:
    """The offset with which the clock shows an hour, or a part of it, for the second time; None where it does not."""
    for quarter in range(4):
        first, second = (_offset(hour + quarter * QUARTER, at, fold) for fold in (0, 1))
        if second < first:
            return second
    return None


def _offset(wall: datetime, at: tzinfo, fold: int) -> timedelta:
    return wall.replace(tzinfo=at, fold=fold).utcoffset() or timedelta()


def second_hours(asked: list[Bucket], at: tzinfo) -> list[tuple[datetime, int]]:
    """(hour, offset in minutes) of the buckets that repeat an hour's name."""
    seconds = ((bucket.start, _second_offset(bucket.start, at)) for bucket in asked if bucket.again)
    return [(start, _minutes(found)) for start, found in seconds if found is not None]


def moment_of(wall: datetime, at: tzinfo, *, again: bool = False) -> datetime:
    """When a clock shows a time: of two moments the first, unless `again`; of a skipped time, when it is skipped."""
    return wall.replace(tzinfo=at, fold=int(again)).astimezone(UTC)


@lru_cache(maxsize=65_536)
def label(bucket: Bucket, at: tzinfo | None) -> str:
    """Its calendar start: with the offset in a single zone, without where zones differ."""
    name = bucket.start.isoformat(timespec="minutes")
    return name if at is None else name + offset(offset_min(bucket, at))


def offset_min(bucket: Bucket, at: tzinfo) -> int:
    """How far the clock is ahead of UTC where the bucket begins, in minutes."""
    found = _second_offset(bucket.start, at) if bucket.again else _offset(bucket.start, at, 0)
    return _minutes(found or timedelta())


def _minutes(difference: timedelta) -> int:
    return int(difference.total_seconds()) // 60


def extent(bucket: Bucket, step: Step, at: tzinfo) -> tuple[datetime, datetime]:
    """When a bucket begins and ends in a zone, as moments."""
    start = moment_of(bucket.start, at, again=bucket.again)
    if step == "hour":
        return start, start + HOUR
    return start, moment_of(after(bucket.start, step), at)
