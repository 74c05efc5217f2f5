"""Definitions, "Winner" and "Call": which records count, and which of them are one call."""

from itertools import permutations

import orjson
import pytest

from streams.contracts.activity import CallActivity, read_activity
from streams.contracts.records import MAX_ID_BYTES
from tests.unit.rule_chain import Chain, Raw, at, fact, facts, leg


def ids(*records: Raw) -> list[str]:
    return [row["id"] for row in facts(*records)]


def activity(chain: Chain, *records: Raw) -> list[tuple[bytes, CallActivity]]:
    told = [(key, read_activity(value)) for _, key, value in chain.take(*records).emitted]
    return [(key, activity) for key, activity in told if activity["kind"] == "call"]


class TestWinner:
    def test_of_the_records_with_one_identity_the_highest_revision_wins(self) -> None:
        records = [leg(revision=1, gateway="GSM2"), leg(revision=10), leg(revision=2, gateway="GSM2")]
        assert {fact(*order)["gateway"] for order in permutations(records)} == {"GSM1"}

    def test_at_equal_revision_the_greatest_canonical_form_wins(self) -> None:
        """Keys are sorted: `callee` decides before `caller`; 'я' is above every ASCII letter."""
        records = [leg(callee="z", caller="+79161234569"), leg(callee="я", caller="+79161234561")]
        assert {fact(*order)["phone"] for order in permutations(records)} == {"+79161234561"}

    def test_a_null_is_compared_as_the_text_null(self) -> None:
        records = [leg(agent="z", caller="+79161234569"), leg(agent=None, caller="+79161234561")]
        assert {fact(*order)["phone"] for order in permutations(records)} == {"+79161234561"}

    def test_a_record_read_again_is_no_change_whenever_it_was_seen(self) -> None:
        chain = Chain()
        chain.take(leg())
        again = leg(observed_at="2026-03-02T00:00:00Z", started_at="2026-03-01T13:00:00+03:00", channel_ids=None)
        assert chain.take(again, leg()).emitted == []

    def test_a_revision_that_says_the_same_changes_no_fact(self) -> None:
        chain = Chain()
        chain.take(leg())
        assert chain.take(leg(revision=3)).emitted == []
        assert chain.take(leg(revision=2, gateway="GSM2")).emitted == []

    def test_record_ids_are_unique_only_within_a_server(self) -> None:
        assert [row["server"] for row in facts(leg(), leg(server="pbx-2"))] == ["pbx-1", "pbx-2"]


class TestCall:
    def test_records_are_joined_by_call_id(self) -> None:
        assert ids(leg("r1"), leg("r2")) == ["c1"]

    def test_records_are_joined_by_a_shared_channel_id(self) -> None:
        assert ids(leg("r1", call_id="b", channel_ids=["x"]), leg("r2", call_id="a", channel_ids=["y", "x"])) == ["a"]

    def test_a_third_record_bridges_two_calls(self) -> None:
        chain = Chain()
        chain.take(leg("r1", call_id="a", channel_ids=["x"]), leg("r2", call_id="b", channel_ids=["y"]))
        chain.take(leg("r3", call_id="c", channel_ids=["x", "y"]))
        assert [row["id"] for row in chain.net()] == ["a"]

    def test_a_call_id_equal_to_another_calls_channel_id_links_nothing(self) -> None:
        assert ids(leg("r1", call_id="a", channel_ids=["b"]), leg("r2", call_id="b")) == ["a", "b"]

    def test_channels_of_two_servers_link_nothing(self) -> None:
        records = leg(call_id="a", channel_ids=["x"]), leg(call_id="b", channel_ids=["x"], server="pbx-2")
        assert sorted(ids(*records)) == ["a", "b"]

    def test_a_redial_of_the_same_phone_is_another_call(self) -> None:
        assert ids(leg("r1"), leg("r2", call_id="c2", start="10:01:01", end="10:02:00")) == ["c1", "c2"]

    def test_the_id_is_the_smallest_by_code_point(self) -> None:
        """'10' < '9' < 'Z' < 'a' < 'я' < an emoji."""
        names = ["a", "Z", "я", "9", "10", "😀"]
        records = [leg(name, call_id=name, channel_ids=["x"]) for name in names]
        for smallest in ("10", "9", "Z", "a", "я", "😀"):
            assert ids(*records) == [smallest]
            records = [record for record in records if orjson.loads(record.value or b"")["call_id"] != smallest]

    def test_only_winners_link(self) -> None:
        chain = Chain()
        chain.take(leg("r1", call_id="a", channel_ids=["x"]), leg("r2", call_id="b", channel_ids=["x"]))
        assert [row["id"] for row in chain.net()] == ["a"]
        chain.take(leg("r2", call_id="b", channel_ids=["z"], revision=1))
        assert [row["id"] for row in chain.net()] == ["a", "b"]
        assert chain.take(leg("r2", call_id="b", channel_ids=["x"])).emitted == []

    def test_a_revision_that_takes_the_bridge_away_splits_the_call_into_all_its_parts(self) -> None:
        chain = Chain()
        parts = [leg(name, call_id=name, channel_ids=[f"x{name}"]) for name in "bcd"]
        chain.take(*parts, leg("bridge", call_id="z", channel_ids=["xb", "xc", "xd"]))
        assert [row["id"] for row in chain.net()] == ["b"]
        chain.take(leg("bridge", call_id="z", channel_ids=["xc"], revision=1))
        assert [row["id"] for row in chain.net()] == ["b", "c", "d"]

    def test_a_link_that_another_leg_makes_too_holds(self) -> None:
        chain = Chain()
        chain.take(leg("r1", call_id="a", channel_ids=["x"]), leg("r2", call_id="b", channel_ids=["x"]))
        chain.take(leg("r3", call_id="b", channel_ids=["x"]), leg("r2", call_id="b", channel_ids=[], revision=1))
        assert [row["id"] for row in chain.net()] == ["a"]

    def test_a_revision_moves_a_record_to_another_call(self) -> None:
        chain = Chain()
        chain.take(leg("r1", call_id="a"), leg("r2", call_id="b"))
        chain.take(leg("r1", call_id="b", revision=1))
        assert [row["id"] for row in chain.net()] == ["b"]
        chain.take(leg("r1", call_id="c", revision=2))
        assert [row["id"] for row in chain.net()] == ["b", "c"]


class TestActivity:
    def test_a_call_that_is_gone_becomes_a_null(self) -> None:
        chain = Chain()
        chain.take(leg("r2", call_id="b", channel_ids=["x"]))
        messages = activity(chain, leg("r1", call_id="a", channel_ids=["x"]))
        images = {message["id"]: message["image"] and message["image"]["call_ids"] for _, message in messages}
        assert images == {"pbx-1/b": None, "pbx-1/a": ["a", "b"]}

    def test_what_moves_to_another_organisation_is_a_null_to_the_one_and_an_image_to_the_other(self) -> None:
        chain = Chain()
        chain.take(leg(server="pbx-2"))
        messages = activity(chain, leg(server="pbx-2", gateway="GSM2", revision=1))
        found = [(key, message["organisation"], message["image"] is None) for key, message in messages]
        assert found == [(b"volna", "volna", True), (b"orbita", "orbita", False)]

    def test_calls_without_an_organisation_meet_under_their_server(self) -> None:
        ((key, message),) = activity(Chain(), leg(gateway="unknown"))
        assert (key, message["organisation"]) == (b"pbx-1", "")

    def test_each_message_carries_the_oldest_observation_behind_it_in_the_chunk(self) -> None:
        chain = Chain()
        chain.take(leg("r0", call_id="b", observed_at="2026-03-01T09:00:00Z"))
        chunk = [
            leg("r1", observed_at="2026-03-01T12:00:00Z"),
            leg("r2", observed_at="2026-03-01T11:00:00Z"),
            leg("r3", call_id="b", answered="10:00:10", observed_at="2026-03-01T13:00:00Z"),
        ]
        observed = {message["id"]: message["observed_at"] for _, message in activity(chain, *chunk)}
        assert observed == {"pbx-1/c1": at("11:00:00"), "pbx-1/b": at("13:00:00")}
        assert [row["observed_at"] for row in chain.facts[-2:]] == [at("13:00:00")] * 2

    def test_a_call_that_a_chunk_touches_often_is_emitted_once(self) -> None:
        assert len(Chain().take(*(leg(f"r{number}") for number in range(20))).emitted) == 1


class TestRefused:
    @pytest.mark.parametrize(
        ("record", "reason"),
        [
            (leg(direction="sideways"), "bad_value"),
            (leg(end="09:00:00"), "times_out_of_order"),
            (leg(started_at="1990-01-01T00:00:00Z"), "time_out_of_range"),
            (Raw(b"pbx-1", b"\x00\xff"), "not_utf8"),
            (Raw(b"pbx-1", None), "not_json"),
            (leg()._replace(key=b"pbx-2"), "bad_value"),
        ],
    )
    def test_what_the_contract_does_not_allow_is_refused_and_the_rest_goes_through(
        self, record: Raw, reason: str
    ) -> None:
        outputs = Chain().take(leg("r1"), record, leg("r2", call_id="c2"))
        assert [(message, why) for message, why, _ in outputs.refused] == [(record, reason)]
        assert len(outputs.emitted) == 2

    def test_ids_of_the_greatest_length_are_taken(self) -> None:
        longest = ["я" * (MAX_ID_BYTES // 2), "\0" * MAX_ID_BYTES, "x" * MAX_ID_BYTES]
        chain = Chain()
        chain.take(*(leg(name, call_id=name, channel_ids=[name], server=name) for name in longest))
        assert {row["server"] for row in chain.net()} == set(longest)
        assert all(len(key) <= 511 for state in (chain.calls, chain.clients) for key, _ in state.range(b"", b"\xff"))
