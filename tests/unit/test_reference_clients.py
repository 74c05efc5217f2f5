"""The separate calculation of `pulse verify` holds the definitions of new, unknown and known clients."""

from collections.abc import Mapping
from typing import Any

import pytest

from streams.contracts.facts import CallFact, OrderFact
from streams.contracts.records import Record
from streams.contracts.times import parse_time
from tests.unit.reference_world import CLIENT, DAY, MS, OTHER, TEN, call, derived, directory, known, order

BEGUN = {"history_from": "2026-02-01"}
EDGE = (parse_time("2026-01-31T21:00:00Z") - TEN) / 60_000 + 28 * DAY
"""28 days after midnight in Moscow, in minutes."""


def of(*records: Record, **organisation: Any) -> dict[str, set[str]]:
    """Call or order -> its marks; only of those that carry any."""
    facts = derived(*records, entities=directory(**organisation))
    every = {fact["id"]: _marks(fact) for fact in facts.calls} | {fact["id"]: _marks(fact) for fact in facts.orders}
    return {id_: marks for id_, marks in every.items() if marks}


def _marks(fact: CallFact | OrderFact) -> set[str]:
    found: Mapping[str, Any] = fact
    return {name for name in found if name.startswith(("new_", "unknown_")) and found[name]}


def marks(age: str, *kinds: str, scopes: tuple[str, ...] = ("service", "organisation")) -> set[str]:
    return {f"{age}_{kind}_{scope}" for kind in kinds for scope in scopes}


BOTH = marks("new", "clients", "ordering_clients")
SERVICE = marks("new", "clients", "ordering_clients", scopes=("service",))


class TestNewClients:
    def test_the_first_completed_and_the_first_created_order_in_each_scope(self) -> None:
        said = [
            order("1", 0, state="cancelled"),
            order("2", 1, source="app"),
            order("3", 2, service="b"),
            order("4", 3),
            order("5", 4, organisation="two", service="x"),
        ]
        assert of(*said) == {
            "1": marks("new", "ordering_clients"),
            "2": marks("new", "clients"),
            "3": SERVICE,
            "5": BOTH,
        }

    def test_of_one_moment_by_order_id(self) -> None:
        assert of(order("2"), order("10")) == {"10": BOTH}

    def test_orders_of_no_known_service_have_their_scope_too(self) -> None:
        """New in the organisation is at most the sum of new in its services: invariant 2."""
        assert of(order("1", service="?"), order("2", 1)) == {"1": BOTH, "2": SERVICE}

    @pytest.mark.parametrize("phone", [None, "", "112", OTHER])
    def test_no_number_and_staff_are_no_clients(self, phone: str | None) -> None:
        assert of(order("1", phone=phone), staff_numbers=[OTHER]) == {}


class TestUnknownAge:
    @pytest.mark.parametrize(("first", "age"), [(EDGE - MS, "unknown"), (EDGE, "new")])
    def test_the_first_created_order_or_counted_call_decides_for_all_marks_ever(self, first: float, age: str) -> None:
        later = [order("2", 300 * DAY, service="b"), call("c1", 300 * DAY)]
        scoped = marks(age, "clients", "ordering_clients", scopes=("service",))
        assert of(order("1", first), *later, **BEGUN) == {
            "1": marks(age, "clients", "ordering_clients"),
            "2": scoped,
            "c1": marks(age, "callers"),
        }
        assert of(call("c0", first), *later, **BEGUN)["2"] == marks(age, "clients", "ordering_clients")

    def test_what_makes_no_client_decides_nothing(self) -> None:
        before = [
            call("c0", EDGE - 1, direction="outbound", callee=CLIENT),
            order("0", EDGE - 1, organisation="two", service="x"),
        ]
        assert of(*before, order("1", EDGE), **BEGUN)["1"] == BOTH


class TestClientBase:
    @pytest.mark.parametrize(
        ("entry", "call_marks", "other_marks"),
        [
            (known(0), set(), set()),
            (known(0, "?"), set(), set()),
            (known(0, "a"), set(), {"new_callers_service"}),
            (known(0, "Alpha"), set(), {"new_callers_service"}),
            (known(0, "b"), {"new_callers_service"}, set()),
            (known(MS), marks("new", "callers"), set()),
            (known(MS, "a"), marks("new", "callers"), {"new_callers_service"}),
            (known(0, phone=OTHER), marks("new", "callers"), {"new_callers_service"}),
            (known(0, organisation="two"), marks("new", "callers"), {"new_callers_service"}),
            (known(0, organisation="ghost"), marks("new", "callers"), {"new_callers_service"}),
        ],
    )
    def test_from_its_date_on_a_phone_is_known_there(
        self, entry: Record, call_marks: set[str], other_marks: set[str]
    ) -> None:
        """In its service and the organisation; without a service, or with an unknown one, in every service."""
        found = of(call("c1", 0), call("c2", 1, gateway="B"), entry)
        assert found.get("c1", set()) == call_marks
        assert found.get("c2", set()) == other_marks

    def test_the_earliest_date_holds(self) -> None:
        assert of(call("c1"), known(5), known(0, phone="8 916 123-45-67"), known(9)) == {}

    def test_holds_for_orders_as_well(self) -> None:
        assert of(order("1"), known(0)) == {}
        assert of(order("1"), known(0, "b")) == {"1": SERVICE}
        assert of(order("1"), known(MS)) == {"1": BOTH}

    def test_a_phone_with_any_entry_is_never_unknown(self) -> None:
        assert of(order("1", EDGE - 1), **BEGUN)["1"] == marks("unknown", "clients", "ordering_clients")
        assert of(order("1", EDGE - 1), known(EDGE), **BEGUN) == {"1": BOTH}
        assert of(order("1", EDGE - 1), known(EDGE - 1, "b"), **BEGUN) == {"1": SERVICE}

    def test_an_entry_is_no_order(self) -> None:
        """It opens nothing, recovers nothing, and nobody comes back to it."""
        facts = derived(call("c1"), known(0), order("1", 200 * DAY))
        assert (facts.calls[0]["contacts_lost"], facts.orders[0]["reactivated_clients"]) == (1, 0)

    @pytest.mark.parametrize("phone", ["112", OTHER])
    def test_staff_and_what_is_no_phone_are_not_known(self, phone: str) -> None:
        assert of(call("c1"), known(0, phone=phone), staff_numbers=[OTHER]) == {"c1": marks("new", "callers")}
