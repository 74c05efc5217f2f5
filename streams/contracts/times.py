"""Times of the contracts: RFC 3339 text with an offset outside, epoch milliseconds (UTC) inside.

Finer than a millisecond is cut. Wall clocks are computed here with zoneinfo, never in SQL.
"""

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from pydantic_core import PydanticCustomError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS

_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII).fullmatch


def parse_time(text: object) -> int:
    """Epoch milliseconds of an RFC 3339 time; pydantic errors of the types `wrong_type` and `bad_time`."""
    if not isinstance(text, str):
        raise PydanticCustomError("wrong_type", "a time must be text like 2026-03-01T10:00:00+03:00")
    if not _RFC3339(text):
        raise PydanticCustomError("bad_time", "not a time with an offset, like 2026-03-01T10:00:00+03:00")
    try:
        since = datetime.fromisoformat(text.upper()) - EPOCH
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("bad_time", "there is no such time") from error
    return to_ms(since)


def to_ms(since_epoch: timedelta) -> int:
    """Whole milliseconds, rounded down."""
    return since_epoch.days * DAY_MS + since_epoch.seconds * SECOND_MS + since_epoch.microseconds // 1_000


def instant(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def format_time(ms: int) -> str:
    """UTC with exactly three decimals: the canonical form."""
    return instant(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1_000:03d}Z"


@lru_cache(maxsize=4_096)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def wall_clock(ms: int, at: tzinfo) -> tuple[int, int]:
    """(local wall clock as seconds since 1970-01-01T00:00 *of that clock*, offset from UTC in minutes).

    Offsets that are not whole minutes (before 1920 or so) are cut to the minute in the second number only.
    """
    offset = _offset_seconds(ms // 900_000, at)
    return ms // SECOND_MS + offset, offset // 60


def local_day(ms: int, at: tzinfo) -> date:
    return (EPOCH + timedelta(seconds=wall_clock(ms, at)[0])).date()


@lru_cache(maxsize=65_536)
def _offset_seconds(quarter_hour: int, at: tzinfo) -> int:
    """No zone changes its offset inside a quarter of an hour of UTC (since 2000)."""
    offset = (EPOCH + timedelta(seconds=quarter_hour * 900)).astimezone(at).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
