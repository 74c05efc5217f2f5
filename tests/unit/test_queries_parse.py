"""Parameters of the API: what is wrong is refused with its name, nothing is ignored or guessed."""

from datetime import datetime

import pytest

from clickhouse.families import Step
from clickhouse.queries.parse import MAX_BUCKETS, parse
from clickhouse.queries.query import BadParameter, Bound

GOOD = {"metric": ["calls"], "from": ["2026-03-01"], "to": ["2026-03-03T08:00"]}


def asked(**changes: str | list[str]) -> dict[str, list[str]]:
    """`_` at the end of a name is for Python's own words."""
    given = {name.rstrip("_"): [value] if isinstance(value, str) else value for name, value in changes.items()}
    return GOOD | given


def test_a_question_is_read_as_it_was_asked() -> None:
    query = parse(asked(step="week", by="gateway", top="3", gateway=["pbx-1/GSM1", "pbx-2/a/b"], compare="year"))
    assert [metric.name for metric in query.metrics] == ["calls"]
    assert (query.start, query.end) == (Bound(datetime(2026, 3, 1)), Bound(datetime(2026, 3, 3, 8)))  # noqa: DTZ001
    assert (query.step, query.by, query.top, query.compare) == ("week", "gateway", 3, "year")
    assert query.filters == {"gateway": ("pbx-1/GSM1", "pbx-2/a/b")}
    assert query.organisation is None


@pytest.mark.parametrize(
    "text", ["2026-03-01T08", "2026-03-01T08:00", "2026-03-01T08:00:00", "2026-03-01T08:00:00.000"]
)
def test_whole_hours_may_be_written_in_several_ways(text: str) -> None:
    assert str(parse(asked(from_=text)).start) == "2026-03-01T08:00"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-01T08:00Z", "2026-03-01T08:00+00:00"),
        ("2026-03-01T08:00-03:30", "2026-03-01T08:00-03:30"),
        ("2026-03-01T08:00 05:30", "2026-03-01T08:00+05:30"),  # a plus that came unencoded through an address
    ],
)
def test_an_offset_is_allowed(text: str, shown: str) -> None:
    assert str(parse(asked(from_=text)).start) == shown


def test_a_plus_of_a_number_that_came_unencoded_through_an_address_is_one() -> None:
    assert parse(asked(number=[" 7495", "+7812", "02"])).filters == {"number": ("+7495", "+7812", "02")}


@pytest.mark.parametrize(
    ("parameter", "changes"),
    [
        ("metric", {"metric": []}),
        ("metric", {"metric": "nonsense"}),
        ("from", {"from_": []}),
        ("from", {"from_": ["2026-03-01", "2026-03-02"]}),
        ("from", {"from_": "yesterday"}),
        ("from", {"from_": "2026-02-30"}),
        ("from", {"from_": "2026-03-01T24:00"}),
        ("from", {"from_": "2026-03-01T08:30"}),
        ("from", {"from_": "2026-03-01T08:00:01"}),
        ("from", {"from_": "2026-03-01T08:00:00.001"}),
        ("from", {"from_": "2026-03-01T08:00+15:00"}),
        ("from", {"from_": "1979-03-01"}),
        ("from", {"from_": "٢٠٢٦-03-01"}),
        ("to", {"to": "2102-03-01"}),
        ("to", {"to": "2026-03-01"}),
        ("to", {"to": "2026-02-01"}),
        ("to", {"from_": "2026-03-01T08:00+00:00", "to": "2026-03-01T09:00+01:00"}),
        ("step", {"step": "minute"}),
        ("step", {"step": "hour", "from_": "2000-01-01", "to": "2020-01-01"}),
        ("by", {"by": "organisation"}),
        ("by", {"by": "source"}),
        ("by", {"by": ["gateway", "number"]}),
        ("state", {"state": "completed"}),
        ("top", {"top": "3"}),
        ("top", {"top": "0", "by": "gateway"}),
        ("top", {"top": "many", "by": "gateway"}),
        ("gateway", {"gateway": "GSM1"}),
        ("compare", {"compare": "month"}),
        ("organisation", {"organisation": ["a", "b"]}),
        ("metrics", {"metrics": "calls"}),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_name(parameter: str, changes: dict[str, str | list[str]]) -> None:
    with pytest.raises(BadParameter) as refused:
        parse(asked(**changes))
    assert refused.value.parameter == parameter


@pytest.mark.parametrize(
    ("end", "step"),
    [("2026-03-04", "hour"), ("2026-03-05", "day"), ("2026-07-01", "week"), ("2029-01-01", "month")],
)
def test_auto_takes_as_many_buckets_as_a_chart_shows_well(end: str, step: Step) -> None:
    assert parse(asked(to=end, step="auto")).step == step
    assert parse(asked(to=end)).step == step


def test_a_hundred_years_of_days_can_be_asked() -> None:
    longest = parse(asked(from_="2000-01-01", to="2100-01-01", step="day"))
    assert (longest.end.wall - longest.start.wall).days < MAX_BUCKETS
