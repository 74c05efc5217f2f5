"""Definitions, "contacts_missed" to "contacts_converted": what a contact counts as, on its first call."""

from typing import Any

import pytest

from tests.unit.rule_chain import Chain, Raw, call, chain_of, directory_with, order

OTHER = "+79160000009"


def measures(chain: Chain, name: str = "a") -> dict[str, int]:
    """Those that are not 0."""
    row = chain.call(name)
    names = (
        "contacts",
        "contacts_missed",
        "contacts_recovered",
        "contacts_lost",
        "contacts_demand",
        "contacts_converted",
    )
    return {each.removeprefix("contacts_"): row[each] for each in names if row[each]}  # type: ignore[literal-required]


def of(*records: Raw, name: str = "a") -> set[str]:
    """What the contact counts as, whatever the order of arrival."""
    found = measures(chain_of(*records), name)
    for arrivals in (records, records[::-1]):
        chain = Chain()
        for record in arrivals:
            chain.take(record)
        assert measures(chain, name) == found
    return set(found) - {"contacts"}


def outbound(name: str, start: str, **fields: Any) -> Raw:
    to = {"direction": "outbound", "callee": "+79161234567", "caller": ""}
    return call(name, start, answered=True, **(to | fields))


class TestMissed:
    def test_a_contact_is_missed_with_a_missed_call_and_none_answered(self) -> None:
        assert of(call("a", "10:00:00")) == {"missed", "lost", "demand"}
        assert of(call("a", "10:00:00"), call("b", "10:05:00", answered=True)) == {"demand"}

    def test_short_calls_alone_are_neither_missed_nor_answered(self) -> None:
        assert of(call("a", "10:00:00", "10:00:04")) == {"demand"}

    def test_it_stands_on_the_first_call_only(self) -> None:
        chain = chain_of(call("a", "10:00:00", "10:00:01"), call("b", "10:05:00"))
        assert measures(chain) == {"contacts": 1, "missed": 1, "lost": 1, "demand": 1}
        assert measures(chain, "b") == {}

    def test_an_answer_that_is_taken_back_makes_it_missed(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("b", "10:05:00", answered=True))
        chain.take(call("b", "10:05:00", revision=1))
        assert measures(chain) == {"contacts": 1, "missed": 1, "lost": 1, "demand": 1}


class TestRecovered:
    """The contact lasts from 10:00:00 to 10:01:00; it can be recovered until 10:31:00."""

    MISSED = call("a", "10:00:00")

    @pytest.mark.parametrize(
        ("moment", "recovered"),
        [("09:59:59.999", False), ("10:00:00", True), ("10:31:00", True), ("10:31:00.001", False)],
    )
    def test_by_an_order_created_from_its_first_start_to_30_minutes_after_its_last_end(
        self, moment: str, recovered: bool
    ) -> None:
        assert ("recovered" in of(self.MISSED, order(created=moment, source="website"))) == recovered
        assert ("lost" in of(self.MISSED, order(created=moment, source="website"))) != recovered

    @pytest.mark.parametrize(("moment", "recovered"), [("10:00:00", True), ("10:31:00", True), ("10:31:00.001", False)])
    def test_by_an_answered_outbound_call_to_it(self, moment: str, recovered: bool) -> None:
        assert ("recovered" in of(self.MISSED, outbound("b", moment))) == recovered

    @pytest.mark.parametrize(
        ("moment", "recovered"), [("10:16:00.001", True), ("10:31:00", True), ("10:31:00.001", False)]
    )
    def test_by_an_answered_call_of_the_phone_in_a_later_contact(self, moment: str, recovered: bool) -> None:
        assert ("recovered" in of(self.MISSED, call("b", moment, answered=True))) == recovered

    def test_by_an_answered_call_to_another_service_of_the_organisation(self) -> None:
        assert "recovered" in of(self.MISSED, call("b", "10:00:00", gateway="GSM2", answered=True))
        assert "lost" in of(self.MISSED, call("b", "10:00:00", server="pbx-2", answered=True))

    def test_the_time_is_a_setting(self) -> None:
        records = self.MISSED, order(created="10:02:00")
        assert "recovered" in measures(chain_of(*records, directory=directory_with({"recovery_ms": 60_000})))
        assert "lost" in measures(chain_of(*records, directory=directory_with({"recovery_ms": 59_999})))

    @pytest.mark.parametrize(
        "record",
        [
            call("b", "10:05:00", caller=OTHER, answered=True),
            outbound("b", "10:05:00", callee=OTHER),
            call("b", "10:05:00", direction="outbound", callee="+79161234567", caller=""),
            outbound("b", "10:05:00", gateway="nobody"),
            outbound("b", "10:05:00", gateway="peer"),
            outbound("b", "10:05:00", server="pbx-2"),
            order(created="10:05:00", phone=OTHER),
            order(created="10:05:00", organisation="volna", service="wave"),
        ],
    )
    def test_nothing_else_recovers_it(self, record: Raw) -> None:
        assert "lost" in of(self.MISSED, record)

    def test_it_is_lost_at_once_and_taken_back_when_it_is_recovered(self) -> None:
        chain = chain_of(self.MISSED)
        chain.take(outbound("b", "10:20:00"))
        assert [(row["contacts_lost"], row["sign"]) for row in chain.facts if row["id"] == "a"] == [
            (1, 1),
            (1, -1),
            (0, 1),
        ]

    def test_a_later_redial_lengthens_the_time(self) -> None:
        late = order(created="10:40:00", source="website")
        assert "lost" in of(self.MISSED, late)
        assert "recovered" in of(self.MISSED, late, call("c", "10:12:00"))


class TestDemand:
    def open_order(self, created: str, **fields: Any) -> Raw:
        """Of another source, so that it is attributed to no call."""
        return order(created=created, source="website", **fields)

    @pytest.mark.parametrize(("created", "demand"), [("10:00:00", False), ("10:00:00.001", True), ("09:00:00", False)])
    def test_a_contact_is_demand_unless_an_order_is_open_at_its_first_start(self, created: str, demand: bool) -> None:
        assert ("demand" in of(call("a", "10:00:00", answered=True), self.open_order(created))) == demand

    @pytest.mark.parametrize(("closed", "demand"), [("10:00:00", True), ("10:00:00.001", False), ("09:00:00", True)])
    def test_an_order_is_open_until_it_closed_that_moment_not_included(self, closed: str, demand: bool) -> None:
        done = order("o1", "09:00:00", occurred=closed, source="website", state="completed", revision=1)
        assert ("demand" in of(call("a", "10:00:00"), self.open_order("09:00:00"), done)) == demand

    @pytest.mark.parametrize(
        ("created", "pickup", "demand"),
        [
            ("2026-02-28T10:00:00Z", None, True),
            ("2026-02-28T10:00:00.001Z", None, False),
            ("2026-02-20T10:00:00Z", "2026-02-28T10:00:00Z", True),
            ("2026-02-20T10:00:00Z", "2026-02-28T10:00:00.001Z", False),
            ("2026-02-28T10:00:00.001Z", "2026-02-01T10:00:00Z", False),
        ],
    )
    def test_at_most_24_hours_after_its_creation_or_its_pickup(
        self, created: str, pickup: str | None, demand: bool
    ) -> None:
        """Whichever of the two is later."""
        opened = self.open_order(created, pickup=pickup)
        assert ("demand" in of(call("a", "10:00:00"), opened)) == demand

    def test_an_order_of_another_phone_or_organisation_or_of_the_staff_is_none(self) -> None:
        for fields in ({"phone": OTHER}, {"organisation": "volna", "service": "wave"}, {"phone": "101"}):
            assert "demand" in of(call("a", "10:00:00"), self.open_order("09:30:00", **fields))

    def test_an_order_in_another_service_is_one(self) -> None:
        assert "demand" not in of(call("a", "10:00:00"), self.open_order("09:30:00", service="night"))
        assert "demand" not in of(call("a", "10:00:00"), self.open_order("09:30:00", service="unknown word"))

    def test_orders_attributed_to_the_contact_are_set_aside(self) -> None:
        """Created half a minute before the call that brought it."""
        assert "demand" in of(call("a", "10:00:00"), order(created="09:59:30"))
        assert "demand" in of(call("a", "10:00:00"), order(created="09:59:30", service="night"))
        carded = order(created="09:00:00", server="pbx-1", call_id="b")
        assert "demand" in of(call("a", "10:00:00"), call("b", "10:05:00"), carded)

    def test_but_not_those_attributed_to_another_contact(self) -> None:
        assert "demand" not in of(call("b", "09:30:00"), call("a", "10:00:00"), order(created="09:31:00"))

    def test_nor_where_the_tie_is_of_another_phone(self) -> None:
        """An order for somebody else: it is open for that phone, and brought by a call of this one."""
        theirs = order(created="09:00:00", phone=OTHER, server="pbx-1", call_id="a")
        records = call("a", "10:00:00"), call("b", "10:00:00", caller=OTHER), theirs
        assert "demand" in of(*records)
        assert "demand" not in of(*records, name="b")

    def test_one_open_order_among_many_is_enough(self) -> None:
        closed = [
            order(f"o{n}", f"09:{n}:00", source="website", state="completed", occurred="09:59:00")
            for n in range(10, 15)
        ]
        opened = order("early", "2026-02-28T12:00:00Z", source="website")
        assert "demand" not in of(call("a", "10:00:00"), *closed, opened)
        assert "demand" in of(call("a", "10:00:00"), *closed)


class TestConverted:
    def test_demand_with_an_order_attributed_to_any_of_its_calls_by_card_or_phone(self) -> None:
        assert "converted" in of(call("a", "10:00:00"), call("b", "10:10:00"), order(created="10:11:00"))
        by_card = order(created="2026-05-01T00:00:00Z", phone=OTHER, server="pbx-1", call_id="b")
        assert "converted" in of(call("a", "10:00:00"), call("b", "10:10:00"), by_card)

    def test_level_c_does_not_convert(self) -> None:
        assert "converted" not in of(call("a", "10:00:00"), order(created="10:01:00", service="night"))

    def test_nor_does_an_order_of_another_source(self) -> None:
        assert "converted" not in of(call("a", "10:00:00"), order(created="10:01:00", source="website"))

    def test_without_demand_nothing_is_converted(self) -> None:
        opened = order("o0", "09:00:00", source="website")
        assert "converted" not in of(call("a", "10:00:00"), order(created="10:01:00"), opened)

    def test_an_order_that_goes_to_a_nearer_call_takes_its_conversion_along(self) -> None:
        chain = chain_of(call("a", "10:00:00"), order(created="10:10:00"))
        assert "converted" in measures(chain)
        chain.take(call("b", "10:20:00"), order(created="10:20:00", revision=1))
        assert ("converted" in measures(chain), "converted" in measures(chain, "b")) == (False, True)

    def test_an_order_whose_phone_is_corrected_takes_it_back(self) -> None:
        chain = chain_of(call("a", "10:00:00"), order(created="10:10:00"))
        chain.take(order(created="10:10:00", revision=1, phone=OTHER))
        assert "converted" not in measures(chain)
