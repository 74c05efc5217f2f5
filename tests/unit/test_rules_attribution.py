"""Definitions, "Attribution": which call brought an order, and how sure that is."""

from itertools import permutations
from typing import Any

import pytest

from tests.unit.rule_chain import Chain, Raw, at, call, chain_of, directory_with, leg, order

OTHER = "+79160000009"


def carded(call_id: str, server: str = "pbx-1", **fields: Any) -> Raw:
    return order(server=server, call_id=call_id, **fields)


def tied(*records: Raw) -> tuple[str, str]:
    """(level, id of the call) of the only order, whatever the order of arrival."""
    row = chain_of(*records).order("o1")
    chain = Chain()
    for record in records:
        chain.take(record)
    assert chain.order("o1") == row
    chain = Chain()
    for record in reversed(records):
        chain.take(record)
    assert chain.order("o1") == row
    return row["attribution"], row["call"].rpartition("/")[2]


class TestA:
    def test_the_card_names_the_call_whatever_the_phone_and_the_time(self) -> None:
        assert tied(call("a", "10:00:00"), carded("a", created="2026-06-01T00:00:00Z", phone=OTHER)) == ("A", "a")

    def test_the_call_id_of_any_leg_names_it(self) -> None:
        joined = leg("r2", call_id="b", channel_ids=["x"], gateway=None)
        assert tied(leg("r1", call_id="a", channel_ids=["x"]), joined, carded("b", phone=OTHER)) == ("A", "a")

    def test_a_hidden_caller_can_be_named(self) -> None:
        assert tied(call("a", "10:00:00", caller="anonymous"), carded("a")) == ("A", "a")

    @pytest.mark.parametrize(
        "fields",
        [{"caller": "101"}, {"direction": "outbound", "callee": OTHER}, {"gateway": "nobody"}, {"gateway": None}],
    )
    def test_a_call_that_is_not_counted_brings_nothing(self, fields: dict[str, Any]) -> None:
        assert tied(call("a", "10:00:00", **fields), carded("a")) == ("D", "")

    def test_nor_does_one_of_another_organisation_or_server(self) -> None:
        theirs = call("a", "10:00:00", server="pbx-2", caller=OTHER)
        assert tied(theirs, carded("a", server="pbx-2")) == ("D", "")
        assert tied(call("a", "10:00:00", caller=OTHER), carded("a", server="pbx-2")) == ("D", "")

    def test_it_goes_before_a_nearer_call_of_the_phone(self) -> None:
        records = call("a", "09:00:00", caller=OTHER), call("b", "10:00:00", answered=True), carded("a")
        assert {tied(*these) for these in permutations(records)} == {("A", "a")}

    def test_without_such_a_call_the_phone_and_the_time_decide(self) -> None:
        assert tied(call("b", "10:00:00"), carded("gone")) == ("B", "b")

    def test_a_card_whose_call_is_told_apart_later_leads_to_the_part(self) -> None:
        chain = chain_of(
            leg("r1", call_id="a", channel_ids=["x"]), leg("r2", call_id="b", channel_ids=["x"]), carded("b")
        )
        chain.take(leg("r2", call_id="b", channel_ids=[], revision=1))
        assert chain.order("o1")["call"] == "pbx-1/b"

    def test_a_call_that_stops_counting_lets_its_order_go(self) -> None:
        chain = chain_of(call("a", "10:00:00", caller=OTHER), carded("a"))
        chain.take(call("a", "10:00:00", caller="101", revision=1))
        assert chain.order("o1")["attribution"] == "D"


class TestB:
    @pytest.mark.parametrize(
        ("created", "level"),
        [("09:58:59.999", "D"), ("09:59:00", "B"), ("10:16:00", "B"), ("10:16:00.001", "D")],
    )
    def test_created_from_a_minute_before_the_start_to_15_minutes_after_the_end(self, created: str, level: str) -> None:
        assert tied(call("a", "10:00:00"), order(created=created))[0] == level

    def test_the_window_is_a_setting(self) -> None:
        records = call("a", "10:00:00"), order(created="10:02:00")
        chain = chain_of(*records, directory=directory_with({"attribution_ms": 60_000}))
        assert chain.order("o1")["attribution"] == "B"
        chain = chain_of(*records, directory=directory_with({"attribution_ms": 59_999}))
        assert chain.order("o1")["attribution"] == "D"

    def test_answered_calls_go_first_then_the_nearest_start(self) -> None:
        missed, answered = call("a", "10:09:00"), call("b", "10:00:00", answered=True)
        assert tied(missed, answered, order(created="10:10:00")) == ("B", "b")
        assert tied(missed, call("b", "10:00:00"), order(created="10:10:00")) == ("B", "a")
        assert tied(call("a", "10:00:00"), call("b", "10:08:00"), order(created="10:07:30")) == ("B", "b")

    def test_a_short_call_is_as_good_as_a_missed_one(self) -> None:
        assert tied(call("a", "10:00:00"), call("b", "10:05:00", end="10:05:01"), order(created="10:06:00"))[1] == "b"

    def test_of_two_equally_near_the_later_start_wins(self) -> None:
        assert tied(call("a", "10:00:00"), call("b", "10:01:00"), order(created="10:00:30")) == ("B", "b")

    def test_then_the_smallest_server_and_id(self) -> None:
        both = call("z", "10:00:00"), call("a", "10:00:00", server="pbx-2", gateway="GSM2"), call("y", "10:00:00")
        assert tied(*both, order()) == ("B", "y")

    def test_a_long_call_that_began_long_ago_still_brings_orders(self) -> None:
        begin, created = "2026-02-28T14:00:00Z", order(created="10:15:00")
        assert tied(call("a", begin, "10:00:00"), created) == ("B", "a")
        nearer = call("b", "09:00:00", "10:00:00")
        assert tied(call("a", begin, "10:00:00"), nearer, created) == ("B", "b")
        assert tied(call("a", begin, "10:00:00", answered=True), nearer, created) == ("B", "a")

    def test_a_phone_of_the_staff_or_none_at_all_is_nobodys(self) -> None:
        for phone in ("101", "8 916 000-00-01", None, "anonymous"):
            assert tied(call("a", "10:00:00"), order(phone=phone)) == ("D", "")

    def test_another_phones_call_brings_nothing(self) -> None:
        assert tied(call("a", "10:00:00", caller=OTHER), order()) == ("D", "")


class TestC:
    def test_as_b_in_another_service_of_the_organisation(self) -> None:
        assert tied(call("a", "10:00:00", gateway="GSM2"), order()) == ("C", "a")
        assert tied(call("a", "10:00:00"), order(service="unknown word")) == ("C", "a")

    def test_the_own_service_goes_first_however_far(self) -> None:
        near = call("a", "10:10:00", gateway="GSM2", answered=True)
        assert tied(near, call("b", "10:00:00"), order(created="10:10:00")) == ("B", "b")

    def test_another_organisations_service_does_not_count(self) -> None:
        assert tied(call("a", "10:00:00", server="pbx-2"), order()) == ("D", "")


class TestFact:
    def test_a_and_b_give_the_order_its_gateway_and_number(self) -> None:
        row = chain_of(call("a", "10:00:00"), order()).order("o1")
        assert (row["server"], row["gateway"], row["number"]) == ("pbx-1", "GSM1", "+74951110001")
        row = chain_of(call("a", "10:00:00", caller=OTHER), carded("a")).order("o1")
        assert (row["server"], row["gateway"], row["number"]) == ("pbx-1", "GSM1", "+74951110001")

    def test_c_gives_the_call_only(self) -> None:
        row = chain_of(call("a", "10:00:00", gateway="GSM2"), order()).order("o1")
        assert (row["server"], row["gateway"], row["number"], row["call"]) == ("", "", "", "pbx-1/a")

    @pytest.mark.parametrize("source", ["КПК", "website", "?", None])
    def test_orders_of_other_sources_have_no_level(self, source: str | None) -> None:
        row = chain_of(call("a", "10:00:00"), carded("a", source=source)).order("o1")
        assert (row["attribution"], row["call"], row["gateway"]) == ("", "", "")
        assert row["attributed_a"] + row["attributed_b"] + row["attributed_c"] + row["attributed_d"] == 0

    def test_each_operators_order_has_exactly_one_level(self) -> None:
        for records in ([], [call("a", "10:00:00")], [call("a", "10:00:00", gateway="GSM2")]):
            row = chain_of(*records, order()).order("o1")
            levels = [row["attributed_a"], row["attributed_b"], row["attributed_c"], row["attributed_d"]]
            assert sum(levels) == 1
            assert levels["ABCD".index(row["attribution"])] == 1

    def test_a_late_call_and_its_change_of_gateway_reach_the_order(self) -> None:
        chain = chain_of(order())
        assert chain.order("o1")["attribution"] == "D"
        chain.take(call("a", "10:00:00"))
        assert chain.order("o1")["gateway"] == "GSM1"
        chain.take(call("a", "10:00:00", gateway="GSM2", revision=1, server="pbx-2"))
        assert chain.order("o1")["gateway"] == "GSM1"
        chain.take(call("a", "10:00:00", server="pbx-1", gateway=None, revision=1))
        assert (chain.order("o1")["gateway"], chain.order("o1")["number"]) == ("GSM2", "+74951110004")

    def test_the_correction_carries_the_observation_that_caused_it(self) -> None:
        chain = chain_of(order())
        chain.take(call("a", "10:00:00", observed_at="2026-03-02T00:00:00Z"))
        assert {row["observed_at"] for row in chain.order_facts[1:]} == {at("2026-03-02T00:00:00Z")}
