"""Definitions, "new_callers_*" and "Unknown age": which call of a phone carries its marks."""

from datetime import date
from typing import Any, get_args

import orjson
import pytest

from streams.chunks import MemoryState
from streams.contracts.activity import NotCounted
from streams.contracts.facts import CallFact, read_call_fact
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls
from tests.unit.rule_chain import DIRECTORY, Chain, Raw, at, call, directory_with, leg

MARKS = (
    "new_callers_service",
    "new_callers_organisation",
    "unknown_callers_service",
    "unknown_callers_organisation",
)
NEW_BOTH, NEW_SERVICE, UNKNOWN_BOTH, UNKNOWN_SERVICE, NONE = (
    (1, 1, 0, 0),
    (1, 0, 0, 0),
    (0, 0, 1, 1),
    (0, 0, 1, 0),
    (0, 0, 0, 0),
)


def marks(chain: Chain) -> dict[str, tuple[int, ...]]:
    return {row["id"]: marks_of(row) for row in chain.net()}


def marks_of(row: CallFact) -> tuple[int, ...]:
    return tuple(row[name] for name in MARKS)  # type: ignore[literal-required]


class TestNew:
    def test_the_first_counted_call_ever_is_new_in_its_service_and_in_the_organisation(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00"))
        assert marks(chain) == {"a": NEW_BOTH, "b": NONE}

    def test_the_first_call_to_another_service_is_new_there_only(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00", gateway="GSM2"), call("c", "12:00:00", gateway="GSM2"))
        assert marks(chain) == {"a": NEW_BOTH, "b": NEW_SERVICE, "c": NONE}

    def test_every_organisation_sees_its_own_callers_only(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00", server="pbx-2"))
        assert marks(chain) == {"a": NEW_BOTH, "b": NEW_BOTH}

    @pytest.mark.parametrize("order", [(0, 1), (1, 0)])
    def test_of_calls_that_start_together_the_smallest_server_and_id_is_first(self, order: tuple[int, int]) -> None:
        """The servers are pbx-1 and pbx-2, so the id of the other call may be smaller."""
        chain = Chain()
        pair = [call("z", "10:00:00"), call("a", "10:00:00", server="pbx-2", gateway="GSM2")]
        for place in order:
            chain.take(pair[place])
        assert marks(chain) == {"z": NEW_BOTH, "a": NONE}

    @pytest.mark.parametrize(
        "fields",
        [
            {"caller": "anonymous"},
            {"caller": "101"},
            {"direction": "outbound", "callee": "+79161234567"},
            {"gateway": "nobody"},
            {"gateway": "peer"},
            {"gateway": None},
        ],
    )
    def test_a_call_that_is_not_counted_or_has_no_phone_is_nobodys_first(self, fields: dict[str, Any]) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00", **fields), call("b", "11:00:00"))
        assert marks(chain) == {"a": NONE, "b": NEW_BOTH}

    def test_organisation_nobody_has_no_marks(self) -> None:
        chain = Chain()
        chain.take(*(call(f"c{number}", "10:00:00", gateway="nobody") for number in range(3)))
        assert set(marks(chain).values()) == {NONE}


class TestMoves:
    def test_a_late_earlier_call_moves_the_mark_by_minus_one_and_plus_one(self) -> None:
        chain = Chain()
        chain.take(call("b", "11:00:00"))
        before = chain.net()
        chain.take(call("a", "10:00:00"))
        assert marks(chain) == {"a": NEW_BOTH, "b": NONE}
        stated = [(row["id"], marks_of(row), row["sign"]) for row in chain.facts[1:]]
        assert sorted(stated) == [("a", NEW_BOTH, 1), ("b", NONE, 1), ("b", NEW_BOTH, -1)]
        taken_back = next(row for row in chain.facts if row["sign"] == -1)
        assert {name: value for name, value in taken_back.items() if name in before[0]} == before[0]

    def test_a_late_earlier_call_to_another_service_moves_the_mark_of_the_organisation_only(self) -> None:
        chain = Chain()
        chain.take(call("b", "11:00:00"))
        chain.take(call("a", "10:00:00", gateway="GSM2"))
        assert marks(chain) == {"a": NEW_BOTH, "b": NEW_SERVICE}

    def test_a_first_call_that_stops_counting_hands_its_mark_to_the_next(self) -> None:
        chain = Chain()
        chain.take(*(call(name, f"1{hour}:00:00") for hour, name in enumerate("abc")))
        chain.take(call("a", "10:00:00", caller="101", revision=1))
        assert marks(chain) == {"a": NONE, "b": NEW_BOTH, "c": NONE}

    def test_calls_that_go_away_together_are_passed_over(self) -> None:
        chain = Chain()
        chain.take(*(call(name, f"1{hour}:00:00") for hour, name in enumerate("abcd")))
        chain.take(*(call(name, f"1{hour}:00:00", gateway="nobody", revision=1) for hour, name in enumerate("abc")))
        assert marks(chain) == {"a": NONE, "b": NONE, "c": NONE, "d": NEW_BOTH}

    def test_a_first_call_that_turns_out_to_be_another_phones_is_that_ones_first(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00"), call("c", "12:00:00", caller="89160000009"))
        chain.take(call("a", "10:00:00", caller="89160000009", revision=1))
        assert marks(chain) == {"a": NEW_BOTH, "b": NEW_BOTH, "c": NONE}

    def test_whichever_of_the_two_phones_the_chunk_comes_to_first(self) -> None:
        chain = Chain()
        other = "+79160000009"
        chain.take(call("a", "10:00:00"), call("b", "11:00:00", caller=other))
        chain.take(
            call("b", "11:00:00", caller=other, gateway="GSM2", revision=1),
            call("a", "10:00:00", caller=other, revision=1),
        )
        assert marks(chain) == {"a": NEW_BOTH, "b": NEW_SERVICE}

    def test_a_first_call_that_moves_to_another_service_keeps_the_mark_of_the_organisation(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00"))
        chain.take(call("a", "10:00:00", gateway="GSM2", revision=1))
        assert marks(chain) == {"a": NEW_BOTH, "b": NEW_SERVICE}

    def test_an_earlier_leg_that_moves_a_call_forward_makes_it_the_first(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00"))
        chain.take(leg("early", call_id="b", start="09:00:00"))
        assert marks(chain) == {"a": NONE, "b": NEW_BOTH}

    def test_a_revision_of_a_first_call_keeps_its_marks(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"), call("b", "11:00:00"))
        chain.take(leg("a2", call_id="a", gateway=None, answered="10:00:10"))
        assert marks(chain) == {"a": NEW_BOTH, "b": NONE}
        assert chain.net()[0]["calls_answered"] == 1

    def test_a_phone_whose_last_call_goes_away_leaves_nothing_behind(self) -> None:
        chain = Chain()
        chain.take(call("a", "10:00:00"))
        chain.take(leg("a", call_id="b", gateway=None, revision=1))
        assert [key[:1] for key, _ in chain.clients.range(b"", b"\xff")] == [b"i"]

    def test_a_correction_of_a_neighbour_carries_the_observation_that_caused_it(self) -> None:
        chain = Chain()
        chain.take(call("b", "11:00:00"))
        chain.take(call("a", "10:00:00", observed_at="2026-03-02T00:00:00Z"))
        assert {row["observed_at"] for row in chain.facts[1:]} == {at("2026-03-02T00:00:00Z")}

    def test_and_of_several_the_oldest(self) -> None:
        chain = Chain()
        chain.take(call("c", "12:00:00"))
        later, earlier = "2026-03-02T01:00:00Z", "2026-03-02T00:00:00Z"
        chain.take(call("a", "10:00:00", observed_at=later), call("b", "11:00:00", observed_at=earlier))
        assert {row["observed_at"] for row in chain.facts[1:] if row["id"] == "c"} == {at(earlier)}

    def test_of_several_images_of_a_call_the_last_counts_and_the_oldest_observation(self) -> None:
        calls, clients = MemoryState(), MemoryState()
        records = (
            call("a", "10:00:00"),
            call("a", "10:00:00", gateway="GSM2", revision=1, observed_at="2026-03-02T00:00:00Z"),
        )
        outputs = [deduplicate_calls([record], calls, DIRECTORY) for record in records]
        chunk = [Raw(key, value) for output in outputs for _, key, value in output.emitted]
        (stated,) = classify_clients(chunk, clients, DIRECTORY).emitted
        row = read_call_fact(stated[2])
        assert (row["service"], row["observed_at"]) == ("night", at("10:01:00"))

    def test_a_call_that_ends_the_chunk_as_it_began_is_not_stated_again(self) -> None:
        chain = Chain()
        outputs = chain.take(call("a", "10:00:00"))
        gone = orjson.loads(outputs.emitted[0][2]) | {"image": None}
        chunk = [Raw(b"orbita", orjson.dumps(gone)), Raw(b"orbita", outputs.emitted[0][2])]
        assert classify_clients(chunk, chain.clients, DIRECTORY).emitted == []


class TestUnknownAge:
    """`history_from` is the 1st of January 2026 in Moscow; 28 days later it is known who is new."""

    BORDER = "2026-01-28T21:00:00Z"
    LAST_UNKNOWN = "2026-01-28T20:59:59.999Z"

    def test_a_phone_first_seen_before_the_border_is_unknown_at_it_new(self) -> None:
        chain = Chain()
        chain.take(call("a", self.LAST_UNKNOWN), call("b", self.BORDER, caller="89160000009"))
        assert marks(chain) == {"a": UNKNOWN_BOTH, "b": NEW_BOTH}

    def test_all_its_marks_ever_are_unknown(self) -> None:
        chain = Chain()
        chain.take(call("a", self.LAST_UNKNOWN), call("b", "11:00:00", gateway="GSM2"))
        assert marks(chain) == {"a": UNKNOWN_BOTH, "b": UNKNOWN_SERVICE}

    def test_a_late_call_before_the_border_turns_new_into_unknown(self) -> None:
        chain = Chain()
        chain.take(call("b", "11:00:00"), call("c", "12:00:00", gateway="GSM2"))
        assert marks(chain) == {"b": NEW_BOTH, "c": NEW_SERVICE}
        chain.take(call("a", self.LAST_UNKNOWN))
        assert marks(chain) == {"a": UNKNOWN_BOTH, "b": NONE, "c": UNKNOWN_SERVICE}

    def test_and_back_where_that_call_goes_away(self) -> None:
        chain = Chain()
        chain.take(call("a", self.LAST_UNKNOWN), call("b", "11:00:00"), call("c", "12:00:00", gateway="GSM2"))
        chain.take(call("a", self.LAST_UNKNOWN, caller="", revision=1))
        assert marks(chain) == {"a": NONE, "b": NEW_BOTH, "c": NEW_SERVICE}

    @pytest.mark.parametrize(("days", "expected"), [(0, NEW_BOTH), (60, UNKNOWN_BOTH)])
    def test_the_border_is_a_setting_of_the_organisation(self, days: int, expected: tuple[int, ...]) -> None:
        chain = Chain(directory_with(settings={"unknown_age_ms": days * 86_400_000}))
        chain.take(call("a", "2026-02-28T00:00:00Z"))
        assert marks(chain) == {"a": expected}

    def test_the_other_organisation_without_a_beginning_has_no_unknown_callers(self) -> None:
        chain = Chain()
        chain.take(call("a", "2020-01-01T00:00:00Z", server="pbx-2"))
        assert marks(chain) == {"a": NEW_BOTH}

    def test_the_beginning_is_midnight_of_the_organisations_zone_not_of_the_services(self) -> None:
        chain = Chain(directory_with(history_from=date(2026, 1, 1)))
        chain.take(call("a", self.LAST_UNKNOWN, gateway="GSM2"))
        assert marks(chain) == {"a": UNKNOWN_BOTH}


def test_facts_have_every_field_of_the_contract_in_its_order_and_every_reason_is_known() -> None:
    chain = Chain()
    outputs = chain.take(call("a", "10:00:00"))
    stated = classify_clients([Raw(key, value) for _, key, value in outputs.emitted], MemoryState(), DIRECTORY)
    row = read_call_fact(stated.emitted[0][2])
    assert list(row) == [*CallFact.__annotations__, "sign", "observed_at"]
    assert row["reason"] in get_args(NotCounted)
