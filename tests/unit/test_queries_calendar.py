"""Buckets of wall clocks: half-open, weeks start on Monday, an hour that occurs twice is two buckets."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from clickhouse.families import Step
from clickhouse.queries.calendar import Bucket, buckets, extent, label, second_hours

BERLIN = ZoneInfo("Europe/Berlin")


def wall(text: str) -> datetime:
    return datetime.fromisoformat(text)


def labels(start: str, end: str, step: Step, zone: str | None) -> list[str]:
    at = None if zone is None else ZoneInfo(zone)
    return [label(bucket, at) for bucket in buckets(wall(start), wall(end), step, at)]


def test_the_first_and_last_bucket_are_cut_and_keep_their_calendar_label() -> None:
    assert labels("2026-03-04T08:00", "2026-03-10", "week", None) == ["2026-03-02T00:00", "2026-03-09T00:00"]
    assert labels("2026-03-31T23:00", "2026-04-01T01:00", "month", None) == ["2026-03-01T00:00", "2026-04-01T00:00"]
    assert labels("2026-03-01", "2026-03-03", "day", "Europe/Moscow") == [
        "2026-03-01T00:00+03:00",
        "2026-03-02T00:00+03:00",
    ]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Berlin", "2026-03-29", 23),
        ("Europe/Berlin", "2026-10-25", 25),
        ("America/St_Johns", "2026-11-01", 25),
        ("Asia/Kolkata", "2026-11-01", 24),
        ("Asia/Beirut", "2026-03-29", 23),  # midnight itself is skipped
        ("Australia/Lord_Howe", "2026-04-05", 25),  # 24.5 h: half an hour occurs twice
        ("Pacific/Chatham", "2026-04-05", 26),  # from 03:45 back to 02:45: of two hours a part occurs twice
        ("Australia/Lord_Howe", "2026-10-04", 24),  # 23.5 h: half of one hour is skipped
    ],
)
def test_days_of_23_and_25_hours(zone: str, day: str, hours: int) -> None:
    next_day = (wall(day) + timedelta(days=1)).isoformat()
    found = labels(day, next_day, "hour", zone)
    assert len(found) == len(set(found)) == hours
    moments = [datetime.fromisoformat(text) for text in found]
    assert moments == sorted(moments)


def test_a_second_hour_is_known_to_the_store_by_its_offset() -> None:
    at = ZoneInfo("Pacific/Chatham")
    found = second_hours(buckets(wall("2026-04-05"), wall("2026-04-06"), "hour", at), at)
    assert found == [(wall("2026-04-05T02:00"), 765), (wall("2026-04-05T03:00"), 765)]


def test_an_hour_that_occurs_twice_is_two_buckets_in_one_zone_and_one_where_zones_differ() -> None:
    twice = ["2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00"]
    assert labels("2026-10-25T02:00", "2026-10-25T03:00", "hour", "Europe/Berlin") == twice
    assert labels("2026-10-25T02:00", "2026-10-25T03:00", "hour", None) == ["2026-10-25T02:00"]


def test_a_skipped_hour_is_no_bucket() -> None:
    assert labels("2026-03-29T02:00", "2026-03-29T03:00", "hour", "Europe/Berlin") == []


def test_the_second_of_two_hours_is_told_by_its_offset() -> None:
    hour = wall("2026-10-25T02:00")
    assert second_hours([Bucket(hour), Bucket(hour, again=True)], BERLIN) == [(hour, 60)]


def test_a_bucket_is_as_long_as_the_clock_says() -> None:
    start, end = extent(Bucket(wall("2026-10-25")), "day", BERLIN)
    assert end - start == timedelta(hours=25)
    start, end = extent(Bucket(wall("2026-10-25T02:00"), again=True), "hour", BERLIN)
    assert (start, end) == (datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 10, 25, 2, tzinfo=UTC))
