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

_SECOND = len("2026-03-01T10:00:")
_REST = len("2026-03-01T10:00:00")
_LONGEST_CACHED = len("2026-03-01T10:00:00.123456789+03:00")
_to_minute = re.compile(r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:", re.ASCII).fullmatch
_second = re.compile(r"\d\d", re.ASCII).fullmatch
_rest = re.compile(r"(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII).fullmatch


def parse_time(text: object) -> int:
    """Epoch milliseconds of an RFC 3339 time; pydantic errors of the types `wrong_type` and `bad_time`.

    Of the three parts of a time each occurs again and again, the whole hardly.
    """
    if not isinstance(text, str):
        raise PydanticCustomError("wrong_type", "a time must be text like 2026-03-01T10:00:00+03:00")
    minute, second, rest = text[:_SECOND], text[_SECOND:_REST], text[_REST:]
    if len(text) > _LONGEST_CACHED:
        return _minute_ms.__wrapped__(minute) + _second_ms(second) + _rest_ms.__wrapped__(rest)
    return _minute_ms(minute) + _second_ms(second) + _rest_ms(rest)


@lru_cache(maxsize=65_536)
def _minute_ms(text: str) -> int:
    if not _to_minute(text):
        raise _no_rfc3339()
    return _since_epoch_ms(f"{text}00Z")


@lru_cache(maxsize=128)
def _second_ms(text: str) -> int:
    if not _second(text):
        raise _no_rfc3339()
    return _since_epoch_ms(f"1970-01-01T00:00:{text}Z")


@lru_cache(maxsize=65_536)
def _rest_ms(text: str) -> int:
    """The fraction of a second, and what the offset makes of it."""
    if not _rest(text):
        raise _no_rfc3339()
    return _since_epoch_ms(f"1970-01-01T00:00:00{text}")


def _since_epoch_ms(text: str) -> int:
    try:
        return to_ms(datetime.fromisoformat(text.upper()) - EPOCH)
    except (ValueError, OverflowError) as error:
        raise PydanticCustomError("bad_time", "there is no such time") from error


def _no_rfc3339() -> PydanticCustomError:
    return PydanticCustomError("bad_time", "not a time with an offset, like 2026-03-01T10:00:00+03:00")


def to_ms(since_epoch: timedelta) -> int:
    """Whole milliseconds, rounded down."""
    return since_epoch.days * DAY_MS + since_epoch.seconds * SECOND_MS + since_epoch.microseconds // 1_000


def instant(ms: int) -> datetime:
    return EPOCH + timedelta(milliseconds=ms)


def format_time(ms: int) -> str:
    """UTC with exactly three decimals: the canonical form."""
    return instant(ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1_000:03d}Z"


def utc_text(moment: datetime) -> str:
    """UTC to the second, for answers."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(maxsize=4_096)
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def wall_clock(ms: int, at: tzinfo) -> tuple[int, int]:
    """(local wall clock as seconds since 1970-01-01T00:00 *of that clock*, offset from UTC in minutes).

    Offsets that are not whole minutes (before 1920 or so) are cut to the minute in the second number only.
    """
    offset = _offset_seconds(ms // MINUTE_MS, at)
    return ms // SECOND_MS + offset, offset // 60


def local_day(ms: int, at: tzinfo) -> date:
    return _date(wall_clock(ms, at)[0] // 86_400)


@lru_cache(maxsize=4_096)
def _date(days_since_epoch: int) -> date:
    return (EPOCH + timedelta(days=days_since_epoch)).date()


@lru_cache(maxsize=65_536)
def _offset_seconds(minute: int, at: tzinfo) -> int:
    """Zones change their offset at whole minutes of UTC (since 2000), some at one past midnight."""
    offset = datetime.fromtimestamp(minute * 60, at).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())
