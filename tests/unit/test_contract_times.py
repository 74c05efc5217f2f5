"""Times of the contracts: the wall clock of an instant is its zone's, also where clocks change at one past midnight."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from streams.contracts.times import parse_time, wall_clock


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/St_Johns", "2000-10-29T02:31:00Z"),
        ("Asia/Gaza", "2011-03-31T22:01:00Z"),
        ("Europe/Moscow", "2014-10-25T22:00:00Z"),
        ("Australia/Lord_Howe", "2025-10-04T15:30:00Z"),
    ],
)
@pytest.mark.parametrize("ms", [-60_000, -1, 0, 60_000])
def test_the_wall_clock_changes_when_its_zone_does(zone: str, change: str, ms: int) -> None:
    at, place = parse_time(change) + ms, ZoneInfo(zone)
    shown = datetime.fromtimestamp(at // 1_000, place)
    seconds, offset = wall_clock(at, place)
    assert datetime.fromtimestamp(seconds, ZoneInfo("UTC")).replace(tzinfo=None) == shown.replace(tzinfo=None)
    assert offset * 60 == shown.utcoffset().total_seconds()  # type: ignore[union-attr]
