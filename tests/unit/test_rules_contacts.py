"""Definitions, "contacts": which calls are one contact, also when calls come late, change or go."""

from collections.abc import Sequence
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.chunks import MemoryState
from streams.contracts.directory import Settings
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS
from streams.rules import clients, contacts, keys
from streams.rules.clients import Client, count
from streams.rules.contacts import Contact
from streams.rules.marks import Ref
from streams.rules.runs import Span, length_class, run
from streams.rules.stored_calls import ANSWERED, MISSED, OUTCOMES
from tests.unit.rule_chain import Chain, call, chain_of, directory_with


def first_calls(chain: Chain) -> list[str]:
    return sorted(row["id"] for row in chain.net() if row["contacts"])


class TestWhichCallsAreOne:
    @pytest.mark.parametrize(("second", "expected"), [("10:16:00", ["a"]), ("10:16:00.001", ["a", "b"])])
    def test_a_call_that_starts_at_most_15_minutes_after_the_latest_end_is_part_of_it(
        self, second: str, expected: list[str]
    ) -> None:
        assert first_calls(chain_of(call("a", "10:00:00"), call("b", second))) == expected

    def test_the_gap_is_a_setting(self) -> None:
        calls = call("a", "10:00:00"), call("b", "10:02:00")
        assert first_calls(chain_of(*calls, directory=directory_with({"contact_gap_ms": 60_000}))) == ["a"]
        assert first_calls(chain_of(*calls, directory=directory_with({"contact_gap_ms": 59_999}))) == ["a", "b"]

    def test_the_latest_end_so_far_counts_not_that_of_the_call_before(self) -> None:
        calls = call("a", "10:00:00", "10:30:00"), call("b", "10:05:00", "10:05:01"), call("c", "10:45:00")
        assert first_calls(chain_of(*calls)) == ["a"]

    def test_every_service_and_every_phone_has_its_own(self) -> None:
        calls = (
            call("a", "10:00:00"),
            call("b", "10:01:00", gateway="GSM2"),
            call("c", "10:02:00", caller="89160000009"),
        )
        assert first_calls(chain_of(*calls)) == ["a", "b", "c"]

    def test_calls_that_are_not_counted_or_have_no_phone_make_none(self) -> None:
        calls = [
            call("a", "10:00:00", caller="101"),
            call("b", "10:00:00", caller="anonymous"),
            call("c", "10:00:00", gateway="nobody"),
            call("d", "10:00:00", direction="outbound", callee="+79161234567"),
        ]
        assert first_calls(chain_of(*calls)) == []

    def test_it_stands_on_its_first_call_by_start_server_and_id(self) -> None:
        calls = call("b", "10:00:00"), call("a", "10:00:00", server="pbx-2", gateway="GSM2"), call("c", "09:59:59")
        assert first_calls(chain_of(*calls[:2])) == ["b"]
        assert first_calls(chain_of(*calls)) == ["c"]


class TestMoves:
    def test_a_late_call_between_two_makes_them_one(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("c", "10:20:00"))
        assert first_calls(chain) == ["a", "c"]
        chain.take(call("b", "10:10:00"))
        assert first_calls(chain) == ["a"]

    def test_and_without_it_they_are_two_again(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("b", "10:10:00"), call("c", "10:20:00"))
        chain.take(call("b", "10:10:00", caller="", revision=1))
        assert first_calls(chain) == ["a", "c"]

    def test_a_call_that_turns_out_shorter_lets_the_next_one_go(self) -> None:
        chain = chain_of(call("a", "10:00:00", "10:30:00"), call("b", "10:40:00"))
        chain.take(call("a", "10:00:00", "10:20:00", revision=1))
        assert first_calls(chain) == ["a", "b"]

    def test_one_that_turns_out_longer_reaches_it(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("b", "10:40:00"), call("c", "11:20:00"))
        chain.take(call("a", "10:00:00", "11:10:00", revision=1))
        assert first_calls(chain) == ["a"]

    def test_an_earlier_leg_moves_the_contact_to_the_calls_new_start(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("b", "10:05:00"))
        chain.take(call("b2", "09:59:00", "10:00:30", call_id="b"))
        assert first_calls(chain) == ["b"]

    def test_a_call_that_changes_its_phone_leaves_one_and_joins_another(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("b", "10:01:00"), call("x", "10:02:00", caller="89160000009"))
        chain.take(call("a", "10:00:00", caller="89160000009", revision=1))
        assert first_calls(chain) == ["a", "b"]

    def test_a_first_call_told_again_with_another_number_keeps_its_contact(self) -> None:
        chain = chain_of(call("a", "10:00:00"), call("b", "10:05:00"))
        chain.take(call("a", "10:00:00", agent="7", revision=1), call("a2", "10:00:00", call_id="a", gateway=None))
        assert first_calls(chain) == ["a"]


class Call(NamedTuple):
    start: int
    lasts: int
    outcome: int
    id: str

    @property
    def span(self) -> Span:
        return Span(keys.moment(self.start, "s", self.id), self.start + self.lasts)


class Line:
    """A client's calls to one service as the rules keep them: each call in its run, contacts beside them."""

    def __init__(self, gap_ms: int) -> None:
        self.client: Client = clients.load(MemoryState(), "o", "+7", 0, Settings(contact_gap_ms=gap_ms))

    def key(self, call: Call) -> bytes:
        in_run = run(call.outcome, length_class(call.lasts)) + call.span.moment
        return self.client.key + keys.calls("s") + in_run

    def come(self, call: Call) -> None:
        self.count(call, +1)
        self.client.state.put(self.key(call), call.span.end.to_bytes(8, "big"))
        contacts.join(self.client, "s", call.span, call.outcome)
        self.client.header = self.client.header._replace(first={"s": Ref(0, "", "")})

    def go(self, call: Call) -> None:
        self.count(call, -1)
        self.client.state.delete(self.key(call))
        contacts.part(self.client, "s", call.span)

    def count(self, call: Call, by: int) -> None:
        if length_class(call.lasts):
            header = self.client.header
            lengths = count(header.long_calls.get("s", {}), str(length_class(call.lasts)), by)
            self.client.header = header._replace(long_calls={"s": lengths})

    def contacts(self) -> list[Contact]:
        return list(contacts.backwards(self.client, "s", 1 << 50))[::-1]


def plainly(calls: Sequence[Call], gap_ms: int) -> list[Contact]:
    """As the definition says, over all calls in their order."""
    found: list[Contact] = []
    for each in sorted(calls, key=lambda each: each.span.moment):
        if not found or each.start > found[-1].end + gap_ms:
            found.append(Contact(each.span.moment, each.span.end, False, False))
        found[-1].end = max(found[-1].end, each.span.end)
        found[-1].answered |= each.outcome == ANSWERED
        found[-1].missed |= each.outcome == MISSED
    return found


LASTS = st.one_of(st.integers(0, 20), st.sampled_from([HOUR_MS, HOUR_MS + 10 * MINUTE_MS, 5 * HOUR_MS, 3 * DAY_MS]))
CALLS = st.builds(
    Call,
    st.one_of(st.integers(0, 60), st.sampled_from([HOUR_MS + 1, 5 * HOUR_MS, 3 * DAY_MS + 7])).map(
        lambda ms: ms + 10**12
    ),
    LASTS,
    st.sampled_from(OUTCOMES),
    st.just(""),
)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(CALLS, min_size=1, max_size=12).flatmap(
        lambda calls: st.tuples(st.just(calls), st.permutations(range(len(calls))))
    ),
    st.sampled_from([0, 1, 5, HOUR_MS]),
)
def test_calls_that_come_and_go_one_by_one_leave_the_contacts_that_the_definition_says(
    given_calls: tuple[list[Call], list[int]], gap_ms: int
) -> None:
    calls = [each._replace(id=str(number)) for number, each in enumerate(given_calls[0])]
    line = Line(gap_ms)
    for each in calls:
        line.come(each)
    assert line.contacts() == plainly(calls, gap_ms)
    left = list(calls)
    for number in given_calls[1]:
        line.go(calls[number])
        left.remove(calls[number])
        assert line.contacts() == plainly(left, gap_ms)
        assert line.client.header.missed.get("s", 0) == sum(contact.was_missed for contact in plainly(left, gap_ms))
