"""A row of a list is read in the wall clock of its service, and says no more than the definitions do."""

from typing import Any

import pytest

from clickhouse.queries.list_rows import call_row, order_row
from streams.contracts.directory import Entities, Organisation, Service
from streams.contracts.times import parse_time
from streams.directory import Directory
from tests.integration.fact_rows import fact, order

CREATED = "2026-03-08T05:30:00Z"
"""In New York half past midnight; at two the clock is put forward."""
LATER = {"closed_at": parse_time("2026-03-08T08:00:00Z"), "pickup_at": parse_time("2026-03-08T06:30:00Z")}
NEW_YORK = Directory(
    Entities(
        organisations=(Organisation(id="north", name="North", time_zone="America/New_York", region="US"),),
        services=(Service(id="city", organisation="north", name="City"),),
    )
)


def test_what_comes_after_a_change_of_the_clock_is_shown_as_the_clock_showed_it() -> None:
    fact = order(1) | LATER | {"created_at": parse_time(CREATED), "utc_offset_min": -300}
    row = order_row(fact, NEW_YORK)
    assert row["time"] == "2026-03-08T00:30:00.000-05:00"
    assert row["pickup"] == "2026-03-08T01:30:00.000-05:00"
    assert row["closed"] == "2026-03-08T04:00:00.000-04:00"


def test_an_order_of_nobody_keeps_the_clock_that_it_was_counted_in() -> None:
    fact = order(1, organisation="") | LATER | {"created_at": parse_time(CREATED), "utc_offset_min": 60}
    assert order_row(fact, NEW_YORK)["closed"] == "2026-03-08T09:00:00.000+01:00"


UNCOUNTED: dict[str, Any] = {"counted": 0, "calls": 0, "calls_answered": 0, "talk_ms": 0}


@pytest.mark.parametrize(
    ("changed", "waited", "talked"),
    [
        ({}, 7_000, 83_000),
        ({"answered_at": None, "talk_ms": 0}, 89_877, 0),
        (UNCOUNTED | {"reason": "staff", "answered_at": None, "calls_staff": 1}, None, None),
        (UNCOUNTED | {"reason": "outbound", "direction": "outbound", "calls_outbound": 1}, None, None),
        (UNCOUNTED | {"reason": "unmapped", "organisation": "", "service": ""}, None, None),
    ],
)
def test_a_call_that_does_not_count_has_no_wait_and_no_talk_time(
    changed: dict[str, Any], waited: int | None, talked: int | None
) -> None:
    row = call_row(fact(1) | changed, NEW_YORK)
    assert (row["wait_ms"], row["talk_ms"]) == (waited, talked)
