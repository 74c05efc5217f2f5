"""The separate calculation of `pulse verify` holds every sentence of the definitions of contacts."""

from typing import Any

import pytest

from streams.contracts.facts import CallFact
from streams.contracts.records import Record
from tests.unit.reference_world import CLIENT, DAY, MS, OTHER, call, calls, directory, marked, order, reached

CONTACTS = (
    "contacts",
    "contacts_missed",
    "contacts_recovered",
    "contacts_lost",
    "contacts_demand",
    "contacts_converted",
)


def of(*records: Record, **organisation: Any) -> dict[str, set[str]]:
    """Call -> its contact measures, without the word before; only of the calls that carry any."""
    found = calls(*records, entities=directory(**organisation))
    return {id_: _measures(fact) for id_, fact in found.items() if _measures(fact)}


def _measures(fact: CallFact) -> set[str]:
    return {name.removeprefix("contacts_") for name in CONTACTS if fact[name]}  # type: ignore[literal-required]


class TestContact:
    def test_starts_at_most_15_minutes_after_the_latest_end_so_far(self) -> None:
        assert list(of(call("c1", 0, 1), call("c2", 16, 1))) == ["c1"]
        assert list(of(call("c1", 0, 1), call("c2", 16 + MS, 1))) == ["c1", "c2"]

    def test_the_latest_end_may_be_of_an_earlier_call(self) -> None:
        assert list(of(call("c1", 0, 60), call("c2", 1, 1), call("c3", 75))) == ["c1"]

    def test_a_call_between_two_contacts_makes_them_one(self) -> None:
        apart = [call("c1", 0, 1), call("c3", 30, 1)]
        assert list(of(*apart)) == ["c1", "c3"]
        assert list(of(*apart, call("c2", 15, 1))) == ["c1"]

    @pytest.mark.parametrize(
        "other",
        [
            call("c2", 2, gateway="B"),
            call("c2", 2, caller=OTHER),
            call("c2", 2, gateway="X"),
        ],
    )
    def test_is_of_one_phone_and_one_service(self, other: Record) -> None:
        assert list(of(call("c1"), other)) == ["c1", "c2"]

    @pytest.mark.parametrize(
        "record",
        [
            call("c1", caller="anonymous"),
            call("c1", caller="+79160000001"),
            call("c1", gateway="unmapped"),
            reached("c1", 0),
        ],
    )
    def test_has_counted_calls_of_a_phone_only(self, record: Record) -> None:
        assert of(record, staff_numbers=["+79160000001"]) == {}

    def test_its_measures_stand_on_its_first_call_by_start_and_id(self) -> None:
        assert list(of(call("c2"), call("c1"), call("c0", server="p2"))) == ["c1"]

    def test_the_gap_is_a_setting(self) -> None:
        assert list(of(call("c1"), call("c2", 2), settings={"contact_gap_ms": 59_999})) == ["c1", "c2"]


class TestMissed:
    def test_a_missed_call_and_none_answered(self) -> None:
        assert "missed" in of(call("c1"))["c1"]
        assert "missed" not in of(call("c1"), call("c2", 5, answered=True))["c1"]
        assert "missed" not in of(call("c1", 0, 0.01))["c1"]
        assert "missed" in of(call("c1", 0, 0.01), call("c2", 5))["c1"]

    @pytest.mark.parametrize(
        "rescue",
        [
            call("r", 31, answered=True, gateway="B"),
            call("r", 0, answered=True, gateway="B"),
            reached("r", 31),
            reached("r", 31, gateway="B"),
            order("r", 31),
            order("r", 0, source="app", state="cancelled", service="b"),
        ],
    )
    def test_recovered_from_its_first_start_until_30_minutes_after_its_last_end(self, rescue: Record) -> None:
        """By an answered call to any service, an answered call to the phone, or an order with it, from any source."""
        assert {"missed", "recovered"} <= of(call("c1", 0, 1), rescue)["c1"]

    @pytest.mark.parametrize(
        "rescue",
        [
            call("r", 31 + MS, answered=True, gateway="B"),
            call("r", -MS, answered=True, gateway="B"),
            call("r", 5, gateway="B"),
            call("r", 5, answered=True, gateway="X"),
            call("r", 5, answered=True, caller=OTHER),
            reached("r", 31 + MS),
            call("r", 5, direction="outbound", callee=CLIENT),
            reached("r", 5, gateway="X"),
            order("r", 31 + MS),
            order("r", -MS),
            order("r", 5, phone=OTHER),
            order("r", 5, organisation="two", service="x"),
        ],
    )
    def test_else_lost(self, rescue: Record) -> None:
        assert {"missed", "lost"} <= of(call("c1", 0, 1), rescue)["c1"]

    def test_the_last_end_is_the_latest_one(self) -> None:
        late = [call("c1", 0, 60), call("c2", 1, 1), order("r", 90)]
        assert "recovered" in of(*late)["c1"]

    def test_a_staff_order_recovers_nothing(self) -> None:
        """A staff phone makes no client in orders either; here it is one as written only."""
        said = [call("c1", caller="+74952345678"), order("r", 1, phone="2345678")]
        assert "recovered" in of(*said)["c1"]
        assert "lost" in of(*said, staff_numbers=["2345678"])["c1"]


class TestDemand:
    @pytest.mark.parametrize(
        ("placed", "open_"),
        [
            (order("1", -60, state="assigned"), True),
            (order("1", 0, state="assigned", source="app"), True),
            (order("1", -60, occurred=0), False),
            (order("1", -60, occurred=MS), True),
            (order("1", -DAY, state="assigned"), False),
            (order("1", -DAY + MS, state="assigned"), True),
            (order("1", -3 * DAY, state="assigned", pickup=-DAY + 5), True),
            (order("1", -3 * DAY, state="assigned", pickup=-DAY), False),
            (order("1", -60, state="assigned", pickup=-3 * DAY), True),
            (order("1", -60, state="assigned", service="b"), True),
            (order("1", -60, state="assigned", phone=OTHER), False),
            (order("1", -60, state="assigned", organisation="two", service="x"), False),
        ],
    )
    def test_is_of_phones_without_an_open_order_when_the_first_call_starts(self, placed: Record, open_: bool) -> None:
        """Open from created_at until it closed, at most until max(created_at, pickup_at) + 24 h, that excluded."""
        assert ("demand" in of(call("c1"), placed)["c1"]) != open_

    def test_what_is_attributed_to_the_contact_itself_aside(self) -> None:
        """At the levels A to C; here each order is a minute or less older than the contact."""
        own = order("1", -0.5, state="assigned")
        assert "demand" in of(call("c1"), own)["c1"]
        assert "demand" in of(call("c1", gateway="B"), own)["c1"]
        assert "demand" in of(call("c1"), call("c2", 5), order("1", -60, state="assigned", card="c2"))["c1"]
        assert "demand" not in of(call("c1"), own, order("2", -60, state="assigned"))["c1"]

    def test_attributed_to_another_contact_it_is_open(self) -> None:
        said = [call("c1", -60), order("1", -60, state="assigned"), call("c2")]
        assert "demand" not in of(*said)["c2"]

    def test_one_that_closed_before_it_was_made_was_never_open(self) -> None:
        moved = [
            order("1", -60, state="cancelled", revision=0, occurred=-60),
            order("1", -30, state="cancelled", revision=1, occurred=-30),
        ]
        assert "demand" in of(call("c1"), *moved)["c1"]


class TestConverted:
    def test_by_an_order_attributed_at_a_or_b_to_any_of_its_calls(self) -> None:
        assert "converted" in of(call("c1"), call("c2", 10), order("1", 10))["c1"]
        assert "converted" in of(call("c1"), order("1", DAY, card="c1", phone=OTHER))["c1"]
        assert "converted" not in of(call("c1", gateway="B"), order("1"))["c1"]
        assert "converted" not in of(call("c1"), order("1", 60))["c1"]
        assert "converted" not in of(call("c1"), order("1", source="app"))["c1"]

    def test_only_demand_is(self) -> None:
        said = [call("c1"), order("1", 0), order("2", -60, state="assigned")]
        assert of(*said)["c1"] & {"demand", "converted"} == set()

    def test_an_order_of_the_staff_converts_by_its_card(self) -> None:
        said = [call("c1"), order("1", 5, phone=OTHER, card="c1")]
        assert marked(calls(*said, entities=directory(staff_numbers=[OTHER])).values(), "contacts_converted") == ["c1"]
