"""What a question means in a directory: whose wall clocks, which moments, since when anything is known, which table."""

from datetime import date, datetime, timedelta
from typing import Literal

import pytest

from clickhouse.families import CALLS
from clickhouse.queries.calendar import label
from clickhouse.queries.compare import shift
from clickhouse.queries.parse import parse
from clickhouse.queries.query import BadParameter
from clickhouse.queries.routing import Routing, Shift
from clickhouse.queries.scope import Scope, scope
from clickhouse.queries.tenant import PROVIDER
from streams.contracts.directory import Entities, Organisation, Server, Service
from streams.directory import Directory

FAR = Organisation(id="far", name="Far", time_zone="Asia/Yekaterinburg", region="RU", history_from=date(2026, 2, 1))
DIRECTORY = Directory(
    Entities(
        organisations=(
            Organisation(id="o", name="O", time_zone="Europe/Berlin", region="DE", history_from=date(2026, 1, 1)),
            Organisation(id="p", name="P", time_zone="Europe/Berlin", region="DE", history_from=date(2025, 1, 1)),
            Organisation(id="new", name="New", time_zone="Asia/Kolkata", region="IN"),
            FAR,
        ),
        services=(
            Service(id="city", organisation="o", name="City"),
            Service(id="hill", organisation="o", name="Hill", time_zone="Asia/Kolkata"),
            Service(id="town", organisation="p", name="Town"),
            Service(id="moscow", organisation="far", name="Moscow", time_zone="Europe/Moscow"),
        ),
        servers=(Server(id="pbx", time_zone="America/New_York"),),
    )
)


MOSCOW = {"organisation": "far", "service": "moscow"}


def asked(start: str, end: str, **given: str) -> Scope:
    raw = {"metric": ["calls"], "from": [start], "to": [end], **{name: [value] for name, value in given.items()}}
    return scope(parse(raw), DIRECTORY, PROVIDER)


@pytest.mark.parametrize(
    ("given", "zone"),
    [
        ({"service": "city"}, "Europe/Berlin"),
        ({"service": "hill"}, "Asia/Kolkata"),
        ({"organisation": "p"}, "Europe/Berlin"),
        ({"organisation": "new"}, "Asia/Kolkata"),
        ({"organisation": ""}, "America/New_York"),
        ({"organisation": "o"}, None),
        ({"organisation": "far", "service": "moscow"}, "Europe/Moscow"),
        ({"organisation": "far", "service": ""}, "Asia/Yekaterinburg"),
        ({"organisation": "far"}, "Europe/Moscow"),
        ({"gateway": "pbx/GSM1"}, None),
        ({}, None),
    ],
)
def test_the_wall_clock_is_that_of_the_services_asked_for(given: dict[str, str], zone: str | None) -> None:
    found = asked("2026-03-01", "2026-03-02", **given).zone
    assert (None if found is None else str(found)) == zone


@pytest.mark.parametrize(
    ("start", "end", "given", "hours"),
    [
        ("2026-03-02T00:00+03:00", "2026-03-02T21:00Z", MOSCOW, 24),
        ("2026-03-01T12:00", "2026-03-01T10:00Z", MOSCOW, 1),
        ("2026-03-02T00:00", "2026-03-09T00:00+03:00", MOSCOW, 7 * 24),
        ("2026-10-25T00:00+02:00", "2026-10-26T00:00+01:00", {"service": "city"}, 24),
        ("2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", {"service": "city"}, 1),
        ("2026-03-02", "2026-03-03", {}, 24),
    ],
)
def test_the_range_before_lies_as_far_back_as_the_range_is_long_on_the_clock_asked_for(
    start: str, end: str, given: dict[str, str], hours: int
) -> None:
    assert shift(asked(start, end, compare="previous", **given)) == Shift(back=timedelta(hours=hours))


@pytest.mark.parametrize("given", [{"organisation": "x"}, {"service": "x"}, {"organisation": "p", "service": "city"}])
def test_nobody_unknown_can_be_asked_for(given: dict[str, str]) -> None:
    with pytest.raises(BadParameter) as refused:
        asked("2026-03-01", "2026-03-02", **given)
    assert refused.value.parameter == list(given)[-1]


def test_of_several_organisations_the_earliest_beginning_counts() -> None:
    assert str(asked("2026-03-01", "2026-03-02").history_from) == "2024-12-31 23:00:00+00:00"
    assert str(asked("2026-03-01", "2026-03-02", organisation="o").history_from) == "2025-12-31 23:00:00+00:00"
    assert asked("2026-03-01", "2026-03-02", organisation="new").history_from is None


def hours(start: str, end: str) -> list[str]:
    found = asked(start, end, service="city", step="hour")
    return [label(bucket, found.zone) for bucket in found.buckets]


FIRST, SECOND, THIRD = "2026-10-25T02:00+02:00", "2026-10-25T02:00+01:00", "2026-10-25T03:00+01:00"


def test_a_local_time_that_occurs_twice_is_the_first() -> None:
    assert hours("2026-10-25T02:00", "2026-10-25T03:00") == [FIRST, SECOND]
    assert hours("2026-10-25T01:00", "2026-10-25T02:00") == ["2026-10-25T01:00+02:00"]


def test_with_an_offset_either_of_two_hours_can_be_meant() -> None:
    assert hours(FIRST, THIRD) == [FIRST, SECOND]
    assert hours(SECOND, THIRD) == [SECOND]
    assert hours(FIRST, SECOND) == [FIRST]
    assert hours("2026-10-25T01:00Z", "2026-10-25T02:00Z") == [SECOND]
    assert hours("2026-10-25T02:00", SECOND) == [FIRST]


def test_a_moment_that_is_no_whole_hour_somewhere_is_refused() -> None:
    with pytest.raises(BadParameter, match="Asia/Kolkata") as refused:
        asked("2026-03-01T00:00Z", "2026-03-02", organisation="o")
    assert refused.value.parameter == "from"


@pytest.mark.parametrize(
    ("start", "end", "step", "table"),
    [
        ("2026-03-02", "2026-03-09", "hour", "calls_hourly"),
        ("2026-03-02", "2026-03-09", "day", "calls_daily"),
        ("2026-03-02T01:00", "2026-03-09", "day", "calls_hourly"),
        ("2026-03-02", "2026-03-16", "week", "calls_weekly"),
        ("2026-03-02", "2026-03-15", "week", "calls_daily"),
        ("2026-03-02", "2026-03-15T05:00", "week", "calls_hourly"),
        ("2026-03-01", "2026-05-01", "month", "calls_monthly"),
        ("2026-03-02", "2026-05-01", "month", "calls_daily"),
        ("2026-03-01", "2026-05-01T01:00", "month", "calls_hourly"),
        ("2026-03-01T00:00+01:00", "2026-05-01T00:00+02:00", "month", "calls_monthly"),
        ("2026-10-01", SECOND, "day", "calls_hourly"),
    ],
)
def test_the_coarsest_table_whose_rows_are_cut_nowhere_is_read(start: str, end: str, step: str, table: str) -> None:
    assert Routing(asked(start, end, step=step, service="city", by="gateway"), CALLS).rollup.name == table


@pytest.mark.parametrize(
    ("start", "end", "step", "table"),
    [
        ("2026-03-02", "2026-03-09", "hour", "calls_hourly_by_service"),
        ("2026-03-02", "2026-03-09", "day", "calls_daily_by_service"),
        ("2026-03-02", "2026-03-16", "week", "calls_daily_by_service"),
        ("2026-03-01", "2026-05-01", "month", "calls_daily_by_service"),
        ("2026-03-02T01:00", "2026-05-01", "month", "calls_hourly_by_service"),
        ("2026-10-01", SECOND, "day", "calls_hourly_by_service"),
    ],
)
@pytest.mark.parametrize("named", [{"organisation": "p"}, {"organisation": "p", "by": "service"}, {"service": "city"}])
def test_a_question_that_names_no_line_reads_the_rows_without_lines(
    start: str, end: str, step: str, table: str, named: dict[str, str]
) -> None:
    assert Routing(asked(start, end, step=step, **named), CALLS).rollup.name == table


@pytest.mark.parametrize("named", [{"by": "gateway"}, {"by": "number"}, {"gateway": "s/g"}, {"number": "+7495"}])
def test_a_question_that_names_a_line_reads_the_rows_with_lines(named: dict[str, str]) -> None:
    assert Routing(asked("2026-03-02", "2026-03-09", step="day", **named), CALLS).rollup.name == "calls_daily"


@pytest.mark.parametrize(
    ("step", "shift", "table"),
    [
        ("month", Shift(years=1), "calls_monthly"),
        ("month", Shift(back=7 * (datetime(2026, 2, 1) - datetime(2026, 1, 31))), "calls_daily"),  # noqa: DTZ001
        ("week", Shift(years=1), "calls_daily"),
        ("week", Shift(back=7 * (datetime(2026, 2, 1) - datetime(2026, 1, 31))), "calls_weekly"),  # noqa: DTZ001
        ("day", Shift(back=(datetime(2026, 2, 1, 5) - datetime(2026, 1, 31))), "calls_hourly"),  # noqa: DTZ001
    ],
)
def test_a_comparison_is_read_where_it_cuts_no_row_either(step: str, shift: Shift, table: str) -> None:
    bounds = {"month": ("2026-03-01", "2026-05-01")}.get(step, ("2026-03-02", "2026-03-16"))
    assert Routing(asked(*bounds, step=step, by="gateway"), CALLS, shift).rollup.name == table


@pytest.mark.parametrize(
    ("shift", "grain"),
    [(Shift(years=1), "day"), (Shift(back=timedelta(days=30)), "day"), (Shift(back=timedelta(hours=30)), "hour")],
)
@pytest.mark.parametrize("step", ["day", "week", "month"])
def test_so_it_is_without_lines(step: str, shift: Shift, grain: Literal["hour", "day"]) -> None:
    found = Routing(asked("2026-03-02", "2026-03-16", step=step), CALLS, shift).rollup
    assert found.name == CALLS.by_service[grain]
