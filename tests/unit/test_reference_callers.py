"""The separate calculation of `pulse verify` holds the definitions of new and unknown callers."""

from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import orjson
import pytest

from streams.contracts.directory import Entities
from streams.contracts.records import CallRecord
from streams.contracts.times import format_time, parse_time
from tests.unit.net_facts import net_facts

MARKS = ("new_callers_service", "new_callers_organisation", "unknown_callers_service", "unknown_callers_organisation")
NEW_BOTH, NEW_SERVICE, NOTHING = (1, 1, 0, 0), (1, 0, 0, 0), (0, 0, 0, 0)
UNKNOWN_BOTH, UNKNOWN_SERVICE = (0, 0, 1, 1), (0, 0, 1, 0)


def directory(**organisation: Any) -> Entities:
    lines = {"A": "a", "B": "b", "OTHER": "x"}
    return Entities.model_validate(
        {
            "organisations": [
                {"id": "one", "name": "-", "time_zone": "Europe/Moscow", "region": "RU", **organisation},
                {"id": "two", "name": "-", "time_zone": "Europe/Moscow", "region": "RU"},
            ],
            "services": [
                {"id": "a", "organisation": "one", "name": "-"},
                {"id": "b", "organisation": "one", "name": "-"},
                {"id": "x", "organisation": "two", "name": "-"},
            ],
            "servers": [{"id": "p1", "time_zone": "UTC"}, {"id": "p2", "time_zone": "UTC"}],
            "gateways": [
                {"server": server, "account": account, "lines": [{"service": service, "numbers": ["1"]}]}
                for server in ("p1", "p2")
                for account, service in lines.items()
            ],
        }
    )


def call(
    call_id: str, at: str, gateway: str = "A", server: str = "p1", caller: str = "+79161234567", **fields: Any
) -> CallRecord:
    record = {
        "v": 1,
        "server": server,
        "record_id": call_id,
        "call_id": call_id,
        "direction": "inbound",
        "gateway": gateway,
        "caller": caller,
        "callee": "",
        "started_at": at,
        "ended_at": at,
        "observed_at": at,
        **fields,
    }
    return CallRecord.model_validate_json(orjson.dumps(record))


def marks(calls: list[CallRecord], entities: Entities | None = None) -> dict[str, tuple[int, ...]]:
    """call id -> its four marks; the same in any order of the records."""
    found = [
        {f"{fact['server']}/{fact['id']}": tuple(fact[mark] for mark in MARKS) for fact in facts}  # type: ignore[literal-required]
        for facts in (net_facts(order, entities or directory()).calls for order in permutations(calls))
    ]
    assert all(each == found[0] for each in found)
    return found[0]


def test_the_first_counted_call_is_new_in_service_and_organisation() -> None:
    calls = [
        call("1", "2026-03-01T10:00:00Z"),
        call("2", "2026-03-01T11:00:00Z"),
        call("3", "2026-03-01T12:00:00Z", "B"),
        call("4", "2026-03-01T13:00:00Z", "OTHER"),
    ]
    assert marks(calls) == {"p1/1": NEW_BOTH, "p1/2": NOTHING, "p1/3": NEW_SERVICE, "p1/4": NEW_BOTH}


def test_calls_of_one_moment_go_by_server_then_id() -> None:
    at = "2026-03-01T10:00:00Z"
    calls = [call("1", at, server="p2"), call("2", at), call("10", at)]
    assert marks(calls) == {"p2/1": NOTHING, "p1/2": NOTHING, "p1/10": NEW_BOTH}


def test_the_first_is_by_instant_not_by_wall_clock() -> None:
    calls = [call("1", "2026-03-01T13:00:00+03:00"), call("2", "2026-03-01T11:00:00+00:00")]
    assert marks(calls) == {"p1/1": NEW_BOTH, "p1/2": NOTHING}


@pytest.mark.parametrize(
    "fields",
    [
        {"gateway": "unmapped"},
        {"direction": "outbound", "callee": "+79161234567"},
        {"direction": "internal"},
        {"caller": "anonymous"},
    ],
)
def test_what_is_not_counted_or_has_no_number_is_nobodys_first(fields: dict[str, Any]) -> None:
    calls = [call("1", "2026-03-01T10:00:00Z", **fields), call("2", "2026-03-01T11:00:00Z")]
    assert marks(calls) == {"p1/1": NOTHING, "p1/2": NEW_BOTH}


def test_a_staff_call_makes_no_caller() -> None:
    staffed = directory(staff_numbers=["+79161234567"])
    assert marks([call("1", "2026-03-01T10:00:00Z")], staffed) == {"p1/1": NOTHING}


def test_spellings_of_one_phone_are_one_caller() -> None:
    calls = [call("1", "2026-03-01T10:00:00Z", caller="8 916 123-45-67"), call("2", "2026-03-01T11:00:00Z")]
    assert marks(calls)["p1/2"] == NOTHING


def test_a_phone_first_seen_within_28_days_of_the_beginning_is_unknown_ever_after() -> None:
    """The beginning is midnight in the organisation's zone; the 28 days are 28 times 24 hours, the end excluded."""
    begun = directory(history_from="2026-01-01")
    edge = parse_time("2025-12-31T21:00:00Z") + 28 * 24 * 3_600_000
    before, at = format_time(edge - 1), format_time(edge)
    late = "2026-12-01T00:00:00Z"
    assert marks([call("1", at), call("2", late, "B")], begun) == {"p1/1": NEW_BOTH, "p1/2": NEW_SERVICE}
    assert marks([call("1", before), call("2", late, "B")], begun) == {"p1/1": UNKNOWN_BOTH, "p1/2": UNKNOWN_SERVICE}


def test_calls_before_the_beginning_are_unknown_too() -> None:
    assert marks([call("1", "2020-01-01T00:00:00Z")], directory(history_from="2026-01-01"))["p1/1"] == UNKNOWN_BOTH


def test_unknown_in_one_organisation_is_new_in_another() -> None:
    calls = [call("1", "2026-01-02T00:00:00Z"), call("2", "2026-01-03T00:00:00Z", "OTHER")]
    assert marks(calls, directory(history_from="2026-01-01")) == {"p1/1": UNKNOWN_BOTH, "p1/2": NEW_BOTH}


def test_the_threshold_is_a_setting() -> None:
    short = directory(history_from="2026-01-01", settings={"unknown_age_ms": 3_600_000})
    start = datetime(2025, 12, 31, 21, tzinfo=UTC)
    calls = [call("1", (start + timedelta(hours=1)).isoformat())]
    assert marks(calls, short)["p1/1"] == NEW_BOTH


def test_without_a_beginning_nobody_is_unknown() -> None:
    assert marks([call("1", "2001-01-01T00:00:00Z")])["p1/1"] == NEW_BOTH
