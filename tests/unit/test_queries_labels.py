"""What a gateway is called: its account, and a number of the line that it had when it was asked about."""

from datetime import date

import pytest

from clickhouse.queries.labels import label
from streams.contracts.directory import Entities, Gateway, Line
from streams.directory import Directory

LINES = (
    Line(service="s", numbers=("+2",), start=date(2026, 2, 1), until=date(2026, 3, 1)),
    Line(service="s", numbers=("+1",), until=date(2026, 2, 1)),
    Line(service="s", numbers=("+3",), start=date(2026, 5, 1)),
)
DIRECTORY = Directory(Entities(gateways=(Gateway(server="pbx", account="GSM1", lines=LINES),)))


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        (date(2025, 1, 1), date(2026, 1, 31), "+1"),
        (date(2025, 1, 1), date(2026, 2, 1), "+2"),
        (date(2026, 2, 28), date(2026, 4, 30), "+2"),
        (date(2026, 3, 1), date(2026, 4, 30), "+3"),
        (date(2026, 3, 1), date(2026, 5, 1), "+3"),
    ],
    ids=["the only one", "the last of several", "half-open", "none: the newest", "the newest"],
)
def test_a_gateway_shows_the_line_in_force_in_the_days_asked_for(first: date, last: date, number: str) -> None:
    assert label("gateway", "pbx/GSM1", DIRECTORY, (first, last)) == f"GSM1 · {number}"


def test_without_days_it_shows_the_newest() -> None:
    assert label("gateway", "pbx/GSM1", DIRECTORY) == "GSM1 · +3"
