"""The separate calculation of `pulse verify` holds every sentence of the definitions of orders and attribution."""

from typing import Any

import pytest

from streams.contracts.facts import OrderFact
from streams.contracts.records import Record
from tests.unit.reference_world import (
    CLIENT,
    DAY,
    MS,
    OTHER,
    call,
    derived,
    directory,
    marked,
    ms,
    order,
    orders,
    reached,
)


def only(*records: Record, **organisation: Any) -> OrderFact:
    (fact,) = orders(*records, entities=directory(**organisation)).values()
    return fact


def _all(*records: Record) -> list[OrderFact]:
    return derived(*records).orders


class TestOrder:
    def test_the_highest_revision_gives_state_price_phone_and_service(self) -> None:
        first = order("1", state="created", price=100, currency="RUB")
        later = order("1", revision=2, occurred=5, phone=OTHER, service="b", price=200, currency="RUB")
        fact = only(first, later, order("1", revision=1, state="assigned"))
        assert (fact["state"], fact["price"], fact["phone"], fact["service"]) == ("completed", 200, OTHER, "b")

    def test_of_equal_revisions_the_greater_canonical_form_wins(self) -> None:
        assert only(order("1", state="cancelled"), order("1", state="no_car"))["state"] == "no_car"

    def test_one_order_id_in_two_organisations_is_two_orders(self) -> None:
        found = [order("1"), order("1", organisation="two", service="x")]
        assert len(orders(*found)) == 1  # by id
        assert {fact["organisation"] for fact in _all(*found)} == {"one", "two"}

    def test_two_unknown_organisations_are_two_orders_as_well(self) -> None:
        facts = _all(order("1", organisation="ghost"), order("1", organisation="phantom"))
        assert [fact["organisation"] for fact in facts] == ["", ""]

    def test_it_closed_with_the_first_revision_from_which_on_all_are_terminal(self) -> None:
        said = [
            order("1", state="completed", revision=0, occurred=1),
            order("1", state="assigned", revision=1, occurred=2),
            order("1", state="cancelled", revision=2, occurred=3),
            order("1", state="completed", revision=3, occurred=4),
        ]
        assert only(*said)["closed_at"] == ms(3)
        assert only(*said[:2])["closed_at"] is None

    @pytest.mark.parametrize(
        ("word", "state", "measure"),
        [
            ("completed", "completed", "orders_completed"),
            ("no_car", "no_car", "orders_no_car"),
            ("no_show", "no_show", "orders_no_show"),
            ("cancelled", "cancelled", "orders_cancelled"),
            ("searching", "searching", "orders_open"),
            ("fertig", "completed", "orders_completed"),
            ("waiting", "cancelled", "orders_cancelled"),
            ("Completed", "other", "orders_open"),
            ("", "other", "orders_open"),
        ],
    )
    def test_states_add_up(self, word: str, state: str, measure: str) -> None:
        """The organisation's own word goes first, a fixed word means itself, any other is other."""
        fact = only(order("1", state=word), order_states={"fertig": "completed", "waiting": "cancelled"})
        kinds = ("completed", "cancelled", "no_car", "no_show", "open")
        found = [kind for kind in kinds if fact[f"orders_{kind}"]]  # type: ignore[literal-required]
        assert (fact["state"], fact["orders"], [f"orders_{kind}" for kind in found]) == (state, 1, [measure])

    @pytest.mark.parametrize(
        ("word", "source"), [("operator", "operator"), ("kpk", "handheld"), ("?", "other"), (None, "unknown")]
    )
    def test_sources(self, word: str | None, source: str) -> None:
        assert only(order("1", source=word), order_sources={"kpk": "handheld"})["source"] == source

    @pytest.mark.parametrize(("word", "service"), [("a", "a"), ("Alpha", "a"), ("alpha", ""), ("x", ""), ("", "")])
    def test_the_service_is_an_id_or_an_alias_of_its_own_organisation(self, word: str, service: str) -> None:
        fact = only(order("1", service=word))
        assert (fact["organisation"], fact["service"]) == ("one", service)

    def test_an_unknown_organisation_is_nobodys_and_uses_the_clock_of_the_server(self) -> None:
        fact = only(order("1", organisation="ghost", card="c1"))
        assert (fact["organisation"], fact["service"], fact["utc_offset_min"]) == ("", "", 330)
        assert (fact["attribution"], fact["new_clients_organisation"], fact["orders"]) == ("", 0, 1)
        assert only(order("1", organisation="ghost"))["utc_offset_min"] == 0

    def test_the_wall_clock_and_the_area_code_are_the_services_else_the_organisations(self) -> None:
        of_service = only(order("1", service="b", phone="2345678"))
        assert (of_service["utc_offset_min"], of_service["phone"]) == (300, "+73432345678")
        of_organisation = only(order("1", service="?", phone="2345678"))
        assert (of_organisation["utc_offset_min"], of_organisation["phone"]) == (180, "+74952345678")

    @pytest.mark.parametrize(
        ("fields", "revenue"),
        [
            ({"price": 500, "currency": "RUB"}, 500),
            ({"price": 500, "currency": "EUR"}, 0),
            ({"price": 500, "currency": "RUB", "state": "cancelled"}, 0),
            ({}, 0),
        ],
    )
    def test_revenue_is_of_completed_orders_in_the_organisations_currency(
        self, fields: dict[str, Any], revenue: int
    ) -> None:
        assert only(order("1", **fields))["revenue"] == revenue


class TestAttribution:
    def test_a_by_any_call_id_of_a_counted_call_whatever_the_phone(self) -> None:
        legs = [call("c1", 0, channel_ids=["x"]), call("c2", 0, gateway=None, channel_ids=["x"])]
        fact = only(*legs, order("1", DAY, card="c2", phone=OTHER, service="b"))
        assert (fact["attribution"], fact["call"]) == ("A", "p1/c1")
        assert (fact["server"], fact["gateway"], fact["number"]) == ("p1", "A", "11")

    @pytest.mark.parametrize(
        "card",
        [
            call("c1", direction="outbound", callee=CLIENT),
            call("c1", gateway="X"),
            call("c1", gateway="unmapped"),
            call("c1", server="p2"),
        ],
    )
    def test_a_card_that_names_no_counted_call_of_the_organisation_is_none(self, card: Record) -> None:
        assert only(card, order("1", DAY, card="c1"))["attribution"] == "D"

    def test_of_staff_orders_only_the_card_is_followed(self) -> None:
        staffed = {"staff_numbers": [OTHER]}
        said = [call("c1"), call("c2", caller="+79160000000")]
        assert only(*said, order("1", 1, phone=OTHER, card="c1"), **staffed)["attribution"] == "A"
        assert only(*said, order("1", 1, phone=OTHER), **staffed)["attribution"] == "D"

    @pytest.mark.parametrize(
        ("created", "level"), [(-1, "B"), (-1 - MS, "D"), (16, "B"), (16 + MS, "D"), (0, "B"), (1, "B")]
    )
    def test_b_from_a_minute_before_the_start_to_15_minutes_after_the_end(self, created: float, level: str) -> None:
        fact = only(call("c1"), order("1", created))
        assert (fact["attribution"], fact["gateway"]) == (level, "A" if level == "B" else "")

    def test_the_window_is_a_setting(self) -> None:
        assert only(call("c1"), order("1", 2), settings={"attribution_ms": 59_999})["attribution"] == "D"

    def test_answered_calls_go_first(self) -> None:
        calls = [call("c1", 3), call("c2", 0, answered=True), call("c3", 3)]
        assert only(*calls, order("1", 3))["call"] == "p1/c2"

    def test_then_the_nearest_start_before_or_after(self) -> None:
        assert only(call("c1", 0), call("c2", 3), order("1", 2))["call"] == "p1/c2"
        assert only(call("c1", 0, 9), call("c2", 3), order("1", 1))["call"] == "p1/c1"

    def test_a_tie_in_the_distance_goes_to_the_later_start(self) -> None:
        assert only(call("c1", 0, 0), call("c2", 1, 0), order("1", 0.5))["call"] == "p1/c2"

    def test_then_the_smallest_id_of_server_and_call(self) -> None:
        calls = [call("c2"), call("c10"), call("c0", server="p2")]
        assert only(*calls, order("1"))["call"] == "p1/c10"

    def test_c_is_another_service_and_names_no_gateway(self) -> None:
        fact = only(call("c1", gateway="B"), order("1", 1))
        assert (fact["attribution"], fact["call"], fact["gateway"], fact["number"]) == ("C", "p1/c1", "", "")

    def test_c_is_every_service_where_the_orders_own_is_unknown(self) -> None:
        assert only(call("c1"), order("1", 1, service="?"))["attribution"] == "C"

    def test_b_goes_before_an_answered_c(self) -> None:
        fact = only(call("c1"), call("c2", 1, answered=True, gateway="B"), order("1", 1))
        assert (fact["attribution"], fact["call"]) == ("B", "p1/c1")

    @pytest.mark.parametrize(
        "record",
        [
            call("c1", gateway="X"),
            reached("c1", 0),
            call("c1", caller=OTHER),
            call("c1", caller="anonymous"),
        ],
    )
    def test_else_d(self, record: Record) -> None:
        """Calls to other organisations, outbound ones, those of other phones or of none bring nothing."""
        assert only(record, order("1"))["attribution"] == "D"

    def test_other_sources_have_no_level(self) -> None:
        fact = only(call("c1"), order("1", card="c1", source="app"))
        assert (fact["attribution"], fact["call"], fact["gateway"]) == ("", "", "")

    def test_each_level_has_its_measure(self) -> None:
        levels = [
            only(call("c1"), order("1", card="c1")),
            only(call("c1"), order("1")),
            only(call("c1", gateway="B"), order("1")),
            only(order("1")),
        ]
        measures = [[level for level in "abcd" if fact[f"attributed_{level}"]] for fact in levels]  # type: ignore[literal-required]
        assert measures == [["a"], ["b"], ["c"], ["d"]]


class TestReactivated:
    def test_completed_more_than_180_days_after_the_latest_activity(self) -> None:
        def back(after: float, *others: Record) -> list[str]:
            said = orders(order("1", 0), order("2", after), *others)
            return marked(said.values(), "reactivated_clients")

        assert back(180 * DAY) == []
        assert back(180 * DAY + MS) == ["2"]
        assert back(200 * DAY, order("0", 100 * DAY, state="cancelled")) == []
        assert back(200 * DAY, call("c1", 100 * DAY)) == []
        assert back(200 * DAY, call("c1", 100 * DAY, caller=OTHER), reached("c2", 150 * DAY)) == ["2"]
        assert back(200 * DAY, call("c1", 200 * DAY + MS)) == ["2"]

    def test_the_calls_of_the_contact_that_brought_it_aside(self) -> None:
        said = [order("1", 0), call("c1", 200 * DAY - 10), call("c2", 200 * DAY - 5), order("2", 200 * DAY, card="c2")]
        assert marked(orders(*said).values(), "reactivated_clients") == ["2"]
        asked = [order("1", 0), call("c0", 200 * DAY - 60), *said[1:]]
        assert marked(orders(*asked).values(), "reactivated_clients") == []

    def test_needs_an_earlier_completed_order(self) -> None:
        said = [order("1", 0, state="cancelled"), order("2", 200 * DAY), order("3", 400 * DAY, state="no_car")]
        assert marked(orders(*said).values(), "reactivated_clients") == []
