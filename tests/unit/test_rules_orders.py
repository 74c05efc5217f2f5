"""Definitions, "Order metrics": which events are an order, what it says, when it closed, and how it counts."""

from itertools import permutations
from typing import Any

import orjson
import pytest

from streams.contracts.activity import OrderActivity
from streams.contracts.facts import OrderFact
from tests.unit.rule_chain import DIRECTORY, Chain, Raw, at, chain_of, directory_with, leg, order


def fact(*events: Raw) -> OrderFact:
    (only,) = chain_of(*events).net_orders()
    return only


def images(chain: Chain, *events: Raw) -> list[OrderActivity]:
    return [orjson.loads(value) for _, _, value in chain.take(*events).emitted]


class TestWinner:
    def test_the_highest_revision_gives_state_price_phone_and_service(self) -> None:
        events = [
            order(revision=1, state="completed", price=1, currency="RUB", phone="+79160000002"),
            order(revision=10, state="cancelled", service="night", phone="+79160000003"),
            order(revision=2, state="completed", price=3, currency="RUB"),
        ]
        for these in permutations(events):
            row = fact(*these)
            assert (row["state"], row["price"], row["phone"], row["service"]) == (
                "cancelled",
                None,
                "+79160000003",
                "night",
            )

    def test_at_equal_revision_the_greatest_canonical_form_wins(self) -> None:
        events = [order(phone="+79160000009", cancel_reason="a"), order(phone="+79160000002", cancel_reason="я")]
        assert {fact(*these)["phone"] for these in permutations(events)} == {"+79160000002"}

    def test_an_event_read_again_is_no_change_whenever_it_was_seen(self) -> None:
        chain = chain_of(order())
        assert images(chain, order(observed_at="2026-03-02T00:00:00Z"), order()) == []

    def test_an_order_id_is_unique_only_within_its_organisation(self) -> None:
        rows = chain_of(order(), order(organisation="volna", service="wave")).net_orders()
        assert [row["organisation"] for row in rows] == ["orbita", "volna"]

    def test_a_correction_takes_back_exactly_what_was_stated(self) -> None:
        chain = chain_of(order())
        chain.take(order(revision=1, state="completed"))
        stated, taken_back, anew = chain.order_facts
        assert (stated["sign"], taken_back["sign"], anew["sign"]) == (1, -1, 1)
        assert {**taken_back, "sign": 1, "observed_at": stated["observed_at"]} == stated

    def test_what_makes_no_difference_is_not_told_again(self) -> None:
        chain = chain_of(order(revision=2))
        assert images(chain, order(revision=1), order(revision=2)) == []


class TestClosed:
    def closed_at(self, *states: str) -> int | None:
        """Of revisions one minute after the other from 10:00 on."""
        events = [order(revision=n, occurred=f"10:{n:02}:00", state=state) for n, state in enumerate(states)]
        (closed,) = {fact(*these)["closed_at"] for these in permutations(events)}
        return closed

    def test_it_closed_at_the_first_revision_from_which_on_all_are_terminal(self) -> None:
        assert self.closed_at("created", "completed", "completed") == at("10:01:00")
        assert self.closed_at("cancelled", "waiting", "no_car", "cancelled") == at("10:02:00")
        assert self.closed_at("no_show") == at("10:00:00")

    def test_it_is_open_while_the_latest_revision_is_not_terminal(self) -> None:
        assert self.closed_at("completed", "waiting") is None
        assert self.closed_at("other") is None

    def test_the_organisations_own_words_tell_what_is_terminal(self) -> None:
        assert self.closed_at("waiting", "выполнен") == at("10:01:00")


class TestWords:
    @pytest.mark.parametrize(
        ("word", "state"),
        [("выполнен", "completed"), ("on_board", "on_board"), ("other", "other"), ("Waiting", "other"), ("", "other")],
    )
    def test_the_organisations_word_goes_first_and_a_fixed_word_means_itself(self, word: str, state: str) -> None:
        assert fact(order(state=word))["state"] == state

    @pytest.mark.parametrize(
        ("word", "source"),
        [("КПК", "handheld"), ("app", "partner"), ("website", "website"), ("?", "other"), (None, "unknown")],
    )
    def test_sources_likewise_and_none_is_unknown(self, word: str | None, source: str) -> None:
        assert fact(order(source=word))["source"] == source

    @pytest.mark.parametrize(("word", "service"), [("city", "city"), ("1", "city"), ("night", "night"), ("wave", "")])
    def test_a_service_is_called_by_its_id_else_by_an_alias_within_its_organisation(
        self, word: str, service: str
    ) -> None:
        """'night' is an alias of the one and the id of the other; 'wave' is another organisation's."""
        assert fact(order(service=word))["service"] == service

    def test_the_quality_page_is_told_which_words_nobody_knows(self) -> None:
        (activity,) = images(Chain(), order(service="?", state="?", source="?"))
        assert activity["image"] is not None
        assert activity["image"]["unmapped"] == '{"service":"?","state":"?","source":"?"}'
        (activity,) = images(Chain(), order(service="1", state="выполнен", source=None))
        assert activity["image"] is not None
        assert activity["image"]["unmapped"] == ""
        (activity,) = images(Chain(), order(organisation="ghost", service="x" * 99, state="completed", source=None))
        assert activity["image"] is not None
        assert activity["image"]["unmapped"] == f'{{"organisation":"ghost","service":"{"x" * 64}"}}'

    def test_an_order_of_an_unknown_organisation_counts_for_nobody_in_utc(self) -> None:
        row = fact(order(organisation="ghost", state="выполнен", price=100, currency="RUB"))
        assert (row["organisation"], row["service"], row["state"], row["orders"]) == ("", "", "other", 1)
        assert (row["utc_offset_min"], row["phone"], row["revenue"]) == (0, "+79161234567", 0)
        assert fact(order(organisation="ghost", server="pbx-1", call_id="c1"))["utc_offset_min"] == 180
        assert fact(order(organisation="ghost", phone="89161234567"))["phone"] == ""

    def test_nobodys_orders_have_no_attribution_and_no_marks(self) -> None:
        row = fact(order(organisation="ghost", server="pbx-1", call_id="c1", state="completed"))
        assert (row["attribution"], row["attributed_d"], row["call"]) == ("", 0, "")
        assert row["new_clients_service"] == row["new_ordering_clients_organisation"] == 0

    def test_orders_of_two_unknown_organisations_with_one_id_are_two(self) -> None:
        chain = Chain()
        chain.take(order(organisation="ghost"), order(organisation="phantom"))
        assert [row["sign"] for row in chain.order_facts] == [1, 1]


class TestFact:
    @pytest.mark.parametrize(
        ("state", "measure"),
        [
            ("completed", "orders_completed"),
            ("cancelled", "orders_cancelled"),
            ("no_car", "orders_no_car"),
            ("no_show", "orders_no_show"),
            ("waiting", "orders_open"),
            ("other", "orders_open"),
        ],
    )
    def test_the_states_add_up_to_orders(self, state: str, measure: str) -> None:
        row: dict[str, Any] = {**fact(order(state=state))}
        counts = ("orders_completed", "orders_cancelled", "orders_no_car", "orders_no_show", "orders_open")
        assert {name for name in counts if row[name]} == {measure}
        assert row["orders"] == row[measure] == 1

    @pytest.mark.parametrize(
        ("fields", "revenue"),
        [
            ({"price": 350_00, "currency": "RUB", "state": "completed"}, 350_00),
            ({"price": 350_00, "currency": "RUB", "state": "cancelled"}, 0),
            ({"price": 350_00, "currency": "USD", "state": "completed"}, 0),
            ({"currency": "RUB", "state": "completed"}, 0),
        ],
    )
    def test_revenue_is_the_price_of_completed_orders_in_the_organisations_currency(
        self, fields: dict[str, Any], revenue: int
    ) -> None:
        row = fact(order(**fields))
        assert row["revenue"] == revenue
        assert (row["price"], row["currency"]) == (fields.get("price"), fields["currency"] if "price" in fields else "")

    def test_an_order_belongs_to_its_creation_in_the_wall_clock_of_its_service(self) -> None:
        day = at("2026-03-01T00:00:00Z") // 1_000
        assert (fact(order())["local_time"], fact(order())["utc_offset_min"]) == (day + 13 * 3_600, 180)
        assert fact(order(service="night"))["utc_offset_min"] == 330
        assert fact(order(service="?"))["utc_offset_min"] == 180

    def test_the_phone_is_read_in_the_services_numbering(self) -> None:
        assert fact(order(phone="2345678"))["phone"] == "+74952345678"
        assert fact(order(phone="anonymous"))["phone"] == fact(order(phone=None))["phone"] == ""

    def test_a_staff_phone_is_shown_but_makes_no_client(self) -> None:
        row = fact(order(phone="8 916 000-00-01", state="completed"))
        assert (row["phone"], row["orders"], row["new_clients_service"]) == ("+79160000001", 1, 0)

    def test_pickup_and_end_are_those_of_the_latest_revision(self) -> None:
        row = fact(order(), order(revision=1, pickup="12:00:00", state="cancelled", occurred="11:00:00"))
        assert (row["pickup_at"], row["closed_at"]) == (at("12:00:00"), at("11:00:00"))

    def test_facts_have_every_field_of_the_contract_in_its_order(self) -> None:
        assert list(chain_of(order()).order_facts[0]) == [*OrderFact.__annotations__, "sign", "observed_at"]


def test_a_refused_event_says_why() -> None:
    outputs = Chain().take(order(price=5))
    assert [reason for _, reason, _ in outputs.refused] == ["bad_value"]
    assert outputs.emitted == []


def test_a_chunk_of_calls_alone_emits_nothing_on_the_other_side() -> None:
    assert chain_of(leg()).order_facts == []
    assert chain_of(order(), directory=directory_with()).facts == []
    assert DIRECTORY.service_called("orbita", "") is None
