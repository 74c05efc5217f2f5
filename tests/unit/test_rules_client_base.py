"""Definitions, "client base": since when a phone is known, and what that makes of its marks."""

from typing import Any, ClassVar

import orjson
import pytest

from streams.contracts.activity import ClientActivity
from tests.unit.rule_chain import Chain, at, call, chain_of, directory_with, known, order

BEFORE_HISTORY = "2020-01-01T00:00:00Z"


def told(chain: Chain, *entries: Any) -> list[ClientActivity]:
    return [orjson.loads(value) for _, _, value in chain.take(*entries).emitted]


def marks(chain: Chain, name: str) -> set[str]:
    """The marks of a call or an order by their names."""
    row: dict[str, Any] = {**(chain.order(name) if name.startswith("o") else chain.call(name))}
    return {each for each in row if each.startswith(("new_", "unknown_")) and row[each]}


BOTH = {"new_callers_service", "new_callers_organisation"}


class TestEntries:
    def test_of_the_entries_of_a_phone_and_service_the_earliest_date_holds(self) -> None:
        chain = Chain()
        images = [each["image"] for each in told(chain, known("12:00:00"), known("11:00:00"))]
        assert [image and image["first_order_at"] for image in images] == [at("12:00:00"), at("11:00:00")]
        assert told(chain, known("13:00:00"), known("11:00:00")) == []

    def test_a_service_is_called_by_its_id_or_alias_and_an_unknown_one_means_every_service(self) -> None:
        entries = [known("12:00:00", service=word) for word in ("city", "1", "?", None)]
        assert [each["id"] for each in told(Chain(), *entries)] == ["+79161234567/city", "+79161234567/"]

    @pytest.mark.parametrize("fields", [{"phone": "anonymous"}, {"phone": "101"}, {"organisation": "ghost"}])
    def test_an_entry_that_makes_nobody_a_client_has_no_effect(self, fields: dict[str, Any]) -> None:
        assert told(Chain(), known("12:00:00", **fields)) == []

    def test_the_phone_is_read_in_the_numbering_of_its_service(self) -> None:
        (activity,) = told(Chain(), known("12:00:00", phone="2345678", service="city"))
        assert activity["id"] == "+74952345678/city"

    def test_an_entry_is_no_order(self) -> None:
        assert chain_of(known("12:00:00")).net_orders() == []


class TestKnown:
    def test_from_its_date_on_a_phone_is_neither_new_nor_unknown(self) -> None:
        assert marks(chain_of(known("10:00:00"), call("a", "10:00:00")), "a") == set()
        assert marks(chain_of(known(BEFORE_HISTORY), call("a", "2026-01-02T00:00:00Z")), "a") == set()

    def test_before_it_it_is_new(self) -> None:
        assert marks(chain_of(known("10:00:00.001"), call("a", "10:00:00")), "a") == BOTH

    def test_with_any_entry_it_is_never_unknown(self) -> None:
        assert marks(chain_of(known("10:00:00"), call("a", "2026-01-02T00:00:00Z")), "a") == BOTH
        entry = known("2026-01-02T00:00:00Z", service="night")
        assert marks(chain_of(entry, call("a", "2026-01-02T00:00:00Z")), "a") == {"new_callers_service"}

    def test_with_a_service_it_is_known_there_and_in_the_organisation(self) -> None:
        chain = chain_of(
            known(BEFORE_HISTORY, service="night"), call("a", "10:00:00"), call("b", "10:01:00", gateway="GSM2")
        )
        assert (marks(chain, "a"), marks(chain, "b")) == ({"new_callers_service"}, set())

    def test_without_one_in_every_service_too(self) -> None:
        chain = chain_of(known(BEFORE_HISTORY), call("a", "10:00:00"), call("b", "10:01:00", gateway="GSM2"), order())
        assert marks(chain, "a") | marks(chain, "b") | marks(chain, "o1") == set()

    def test_the_earlier_of_both_holds_in_the_service(self) -> None:
        for entries in (
            [known("11:00:00"), known("09:00:00", service="city")],
            [known("09:00:00"), known("11:00:00", service="city")],
        ):
            assert marks(chain_of(*entries, call("a", "10:00:00")), "a") == set()

    def test_its_first_orders_likewise(self) -> None:
        chain = chain_of(known("10:00:00"), order("o1", "09:00:00"), order("o2", "10:00:00", state="completed"))
        assert marks(chain, "o1") == {"new_ordering_clients_service", "new_ordering_clients_organisation"}
        assert marks(chain, "o2") == set()

    def test_a_late_entry_takes_the_marks_back(self) -> None:
        chain = chain_of(call("a", "2026-01-02T00:00:00Z"), order("o1", "10:00:00", state="completed"))
        assert marks(chain, "a") == {"unknown_callers_service", "unknown_callers_organisation"}
        chain.take(known(BEFORE_HISTORY))
        assert marks(chain, "a") | marks(chain, "o1") == set()
        assert {row["observed_at"] for row in chain.facts[1:]} == {1772409600000}

    def test_another_organisation_knows_nothing_of_it(self) -> None:
        assert marks(chain_of(known(BEFORE_HISTORY), call("a", "10:00:00", server="pbx-2")), "a") == BOTH


class TestOrderMarks:
    FIRST: ClassVar = {"new_ordering_clients_service", "new_ordering_clients_organisation"}
    COMPLETED: ClassVar = {"new_clients_service", "new_clients_organisation"}

    def test_new_ordering_clients_are_first_created_and_new_clients_first_completed_orders(self) -> None:
        chain = chain_of(order("o1", "10:00:00"), order("o2", "11:00:00", state="completed"), order("o3", "12:00:00"))
        assert (marks(chain, "o1"), marks(chain, "o2"), marks(chain, "o3")) == (self.FIRST, self.COMPLETED, set())

    def test_from_any_source_and_in_both_scopes(self) -> None:
        chain = chain_of(
            order("o1", source="website", state="completed"),
            order("o2", "11:00:00", service="night", state="completed"),
        )
        assert marks(chain, "o1") == self.FIRST | self.COMPLETED
        assert marks(chain, "o2") == {"new_ordering_clients_service", "new_clients_service"}

    def test_first_is_by_creation_and_id(self) -> None:
        chain = chain_of(order("o10", "10:00:00"), order("o2", "10:00:00"), order("o1", "10:00:00.001"))
        assert (marks(chain, "o10"), marks(chain, "o2"), marks(chain, "o1")) == (self.FIRST, set(), set())

    def test_an_order_under_no_known_service_is_in_a_scope_of_its_own(self) -> None:
        chain = chain_of(order("o1", service="?"), order("o2", "11:00:00"))
        assert (marks(chain, "o1"), marks(chain, "o2")) == (self.FIRST, {"new_ordering_clients_service"})

    def test_calls_and_orders_have_marks_of_their_own(self) -> None:
        chain = chain_of(call("a", "10:00:00"), order("o1", "10:01:00", state="completed"))
        assert (marks(chain, "a"), marks(chain, "o1")) == (BOTH, self.FIRST | self.COMPLETED)

    def test_an_order_that_is_completed_late_moves_the_mark(self) -> None:
        chain = chain_of(order("o1"), order("o2", "11:00:00", state="completed"))
        chain.take(order("o1", revision=1, state="completed"))
        assert (marks(chain, "o1"), marks(chain, "o2")) == (self.FIRST | self.COMPLETED, set())

    def test_and_one_that_is_completed_no_more_hands_it_on(self) -> None:
        chain = chain_of(order("o1", state="completed"), order("o2", "11:00:00", state="completed"))
        chain.take(order("o1", revision=1, state="cancelled"))
        assert (marks(chain, "o1"), marks(chain, "o2")) == (self.FIRST, self.COMPLETED)

    def test_an_order_that_changes_its_phone_is_the_others_first(self) -> None:
        chain = chain_of(order("o1"), order("o2", "11:00:00"))
        chain.take(order("o1", revision=1, phone="89160000009"))
        assert (marks(chain, "o1"), marks(chain, "o2")) == (self.FIRST, self.FIRST)

    def test_an_order_told_again_keeps_its_marks(self) -> None:
        chain = chain_of(order("o1"))
        chain.take(order("o1", revision=1, price=5, currency="RUB"))
        assert marks(chain, "o1") == self.FIRST

    def test_orders_without_a_client_have_none(self) -> None:
        for phone in (None, "101", "anonymous"):
            assert marks(chain_of(order(state="completed", phone=phone)), "o1") == set()


class TestUnknownAge:
    """`history_from` is the 1st of January 2026 in Moscow, the unknown age lasts 28 days."""

    LAST_UNKNOWN, BORDER = "2026-01-28T20:59:59.999Z", "2026-01-28T21:00:00Z"

    @pytest.mark.parametrize(("first", "twin"), [(LAST_UNKNOWN, "unknown"), (BORDER, "new")])
    def test_a_first_created_order_before_the_border_makes_all_marks_unknown(self, first: str, twin: str) -> None:
        chain = chain_of(order("o1", first), call("a", "10:00:00"), order("o2", "11:00:00", state="completed"))
        assert marks(chain, "a") == {f"{twin}_callers_service", f"{twin}_callers_organisation"}
        assert marks(chain, "o1") == {f"{twin}_ordering_clients_service", f"{twin}_ordering_clients_organisation"}
        assert marks(chain, "o2") == {f"{twin}_clients_service", f"{twin}_clients_organisation"}

    def test_so_does_a_first_call_for_the_orders(self) -> None:
        chain = chain_of(order("o1", state="completed"))
        chain.take(call("a", self.LAST_UNKNOWN))
        assert marks(chain, "o1") == {
            "unknown_ordering_clients_service",
            "unknown_ordering_clients_organisation",
            "unknown_clients_service",
            "unknown_clients_organisation",
        }

    def test_an_order_that_goes_to_another_phone_makes_it_new_again(self) -> None:
        chain = chain_of(order("o1", self.LAST_UNKNOWN), call("a", "10:00:00"))
        chain.take(order("o1", self.LAST_UNKNOWN, revision=1, phone="101"))
        assert marks(chain, "a") == BOTH

    def test_without_a_beginning_nobody_is_unknown(self) -> None:
        chain = chain_of(order("o1", "2001-01-01T00:00:00Z"), directory=directory_with(history_from=None))
        assert marks(chain, "o1") == TestOrderMarks.FIRST
