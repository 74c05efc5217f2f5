"""Definitions, "reactivated_clients": who came back after a long time."""

from typing import Any

import pytest

from tests.unit.rule_chain import CLIENT, Chain, Raw, call, chain_of, directory_with, known, order

LONG_AGO = "2025-06-01T00:00:00Z"
HALF_A_YEAR_LATER = "2025-11-28T00:00:00Z"
A_MOMENT_LATER = "2025-11-28T00:00:00.001Z"


def done(name: str, created: str, **fields: Any) -> Raw:
    """A completed order that operators did not take, so that no call brought it."""
    return order(name, created, **({"state": "completed", "source": "website"} | fields))


def reactivated(*records: Raw, name: str = "back") -> bool:
    """Whether the order counts, whatever the order of arrival."""
    found = chain_of(*records).order(name)["reactivated_clients"]
    for arrivals in (records, records[::-1]):
        chain = Chain()
        for record in arrivals:
            chain.take(record)
        assert chain.order(name)["reactivated_clients"] == found
    return bool(found)


class TestCameBack:
    @pytest.mark.parametrize(("created", "expected"), [(HALF_A_YEAR_LATER, False), (A_MOMENT_LATER, True)])
    def test_created_more_than_180_days_after_the_latest_activity(self, created: str, expected: bool) -> None:
        assert reactivated(done("first", LONG_AGO), done("back", created)) == expected

    def test_the_time_is_a_setting(self) -> None:
        records = done("first", "10:00:00"), done("back", "10:01:00")
        for quiet_ms, expected in ((59_999, 1), (60_000, 0)):
            chain = chain_of(*records, directory=directory_with({"reactivation_ms": quiet_ms}))
            assert chain.order("back")["reactivated_clients"] == expected

    def test_only_a_completed_order_with_an_earlier_completed_one(self) -> None:
        assert not reactivated(done("first", LONG_AGO), order("back", A_MOMENT_LATER))
        assert not reactivated(order("first", LONG_AGO), done("back", A_MOMENT_LATER))
        assert not reactivated(call("a", LONG_AGO), done("back", A_MOMENT_LATER))

    def test_earlier_is_by_creation_and_id(self) -> None:
        records = done("first", LONG_AGO), done("x", A_MOMENT_LATER), done("y", A_MOMENT_LATER)
        assert (reactivated(*records, name="x"), reactivated(*records, name="y")) == (True, False)

    def test_in_any_service_of_the_organisation_but_in_no_other(self) -> None:
        assert reactivated(done("first", LONG_AGO, service="night"), done("back", A_MOMENT_LATER))
        theirs = done("first", LONG_AGO, organisation="volna", service="wave")
        assert not reactivated(theirs, done("back", A_MOMENT_LATER))

    def test_another_phone_or_one_of_the_staff_does_not_come_back(self) -> None:
        assert not reactivated(done("first", LONG_AGO, phone="89160000009"), done("back", A_MOMENT_LATER))
        staff = {"phone": "+79160000001"}
        assert not reactivated(done("first", LONG_AGO, **staff), done("back", A_MOMENT_LATER, **staff))

    @pytest.mark.parametrize(
        ("between", "expected"),
        [
            (order("o2", "2025-08-01T00:00:00Z", state="cancelled"), False),
            (order("o2", "2025-08-01T00:00:00Z", service="night"), False),
            (call("a", "2025-08-01T00:00:00Z"), False),
            (call("a", "2025-08-01T00:00:00Z", gateway="GSM2"), False),
            (call("a", "2025-08-01T00:00:00Z", "2025-08-01T00:00:01Z"), False),
            (call("a", "2025-08-01T00:00:00Z", direction="outbound", callee=CLIENT, answered=True), True),
            (call("a", "2025-08-01T00:00:00Z", caller="89160000009"), True),
            (call("a", "2025-08-01T00:00:00Z", server="pbx-2"), True),
            (call("a", "2025-12-01T00:00:00Z"), True),
            (order("o2", "2025-12-01T00:00:00Z"), True),
        ],
    )
    def test_any_order_created_and_any_counted_call_before_it_is_activity(self, between: Raw, expected: bool) -> None:
        assert reactivated(done("first", LONG_AGO), between, done("back", A_MOMENT_LATER)) == expected

    def test_an_entry_of_the_client_base_is_none(self) -> None:
        entry = known("2025-08-01T00:00:00Z")
        assert reactivated(done("first", LONG_AGO), entry, done("back", A_MOMENT_LATER))


class TestCallsOfItsContact:
    """The call that brought the order, and what belongs to its contact, is how the client came back."""

    FIRST = done("first", LONG_AGO)
    BACK = done("back", "2026-03-01T10:20:00Z", source="operator")

    def test_they_are_set_aside(self) -> None:
        assert reactivated(self.FIRST, call("a", "10:00:00"), call("b", "10:10:00"), self.BACK)

    def test_in_another_service_too(self) -> None:
        assert reactivated(self.FIRST, call("a", "10:10:00", gateway="GSM2"), self.BACK)

    def test_but_not_those_of_an_earlier_contact(self) -> None:
        assert not reactivated(self.FIRST, call("a", "09:00:00"), call("b", "10:10:00"), self.BACK)

    def test_nor_those_of_another_services_contact(self) -> None:
        assert not reactivated(self.FIRST, call("a", "10:09:00", gateway="GSM2"), call("b", "10:10:00"), self.BACK)

    def test_nor_of_the_phone_of_somebody_else_that_called(self) -> None:
        by_card = done("back", "10:20:00", source="operator", server="pbx-1", call_id="x")
        theirs = call("x", "10:15:00", caller="89160000009")
        assert reactivated(self.FIRST, theirs, by_card)
        assert not reactivated(self.FIRST, theirs, call("a", "10:00:00"), by_card)

    def test_calls_after_the_order_change_nothing(self) -> None:
        assert reactivated(self.FIRST, call("b", "10:10:00"), self.BACK, call("c", "10:25:00"), call("d", "12:00:00"))

    def test_a_late_call_that_joins_two_contacts_sets_the_earlier_one_aside(self) -> None:
        records = self.FIRST, call("a", "09:50:00"), call("b", "10:10:00"), self.BACK
        chain = chain_of(*records)
        assert chain.order("back")["reactivated_clients"] == 0
        chain.take(call("c", "10:00:00"))
        assert chain.order("back")["reactivated_clients"] == 1
        chain.take(call("c", "10:00:00", caller="", revision=1))
        assert chain.order("back")["reactivated_clients"] == 0

    def test_so_does_a_call_that_turns_out_longer_and_no_more_when_it_is_shorter(self) -> None:
        chain = chain_of(self.FIRST, call("a", "09:50:00"), call("b", "10:10:00"), self.BACK)
        chain.take(call("a", "09:50:00", "10:00:00", revision=1))
        assert chain.order("back")["reactivated_clients"] == 1
        chain.take(call("a", "09:50:00", revision=2))
        assert chain.order("back")["reactivated_clients"] == 0


class TestMoves:
    def test_a_first_completed_order_that_goes_leaves_nobody_to_come_back(self) -> None:
        chain = chain_of(done("first", LONG_AGO), done("back", A_MOMENT_LATER))
        chain.take(done("first", LONG_AGO, state="cancelled", revision=1))
        assert chain.order("back")["reactivated_clients"] == 0

    def test_a_late_activity_takes_it_back_and_its_going_gives_it_again(self) -> None:
        chain = chain_of(done("first", LONG_AGO), done("back", A_MOMENT_LATER))
        chain.take(call("a", "2025-08-01T00:00:00Z"))
        assert chain.order("back")["reactivated_clients"] == 0
        chain.take(call("a", "2025-08-01T00:00:00Z", caller="101", revision=1))
        assert chain.order("back")["reactivated_clients"] == 1
