"""What is kept of calls for what comes later: any call_id of a call's legs leads to the call, and to no other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.chunks import MemoryState
from streams.rules import keys
from tests.unit.rule_chain import Chain, Raw, leg, order


def member(chain: Chain, call_id: str) -> str | None:
    value = chain.clients.get(keys.member("orbita", "pbx-1", call_id))
    return None if value is None else value.decode()


def contents(state: MemoryState) -> dict[bytes, bytes]:
    return dict(state.range(b"", b"\xff" * 512))


def test_every_call_id_of_a_call_leads_to_it_and_no_longer_after_a_split() -> None:
    chain = Chain()
    chain.take(leg("r1", call_id="a", channel_ids=["x"]), leg("r2", call_id="b", channel_ids=["x"]))
    assert (member(chain, "a"), member(chain, "b")) == (None, "a")
    chain.take(leg("r2", call_id="b", channel_ids=[], revision=1))
    assert member(chain, "b") is None


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_call_id_that_changes_its_call_leads_to_the_new_one(order: tuple[int, int]) -> None:
    chain = Chain()
    chain.take(leg("r1", call_id="a", channel_ids=["x"]), leg("r2", call_id="b"))
    chain.take(leg("r3", call_id="c", channel_ids=["x"]))
    assert member(chain, "c") == "a"
    pair = [
        leg("r3", call_id="c", channel_ids=["y"], revision=1),
        leg("r2", call_id="b", channel_ids=["y"], revision=1),
    ]
    chain.take(*(pair[place] for place in order))
    assert member(chain, "c") == "b"


LEGS = st.builds(
    leg,
    st.sampled_from(["r1", "r2", "r3"]),
    call_id=st.sampled_from(["a", "b", "c"]),
    channel_ids=st.lists(st.sampled_from(["x", "y"]), max_size=2),
    revision=st.integers(0, 3),
    gateway=st.sampled_from(["GSM1", "GSM2", "nobody"]),
    caller=st.sampled_from(["+79161234567", "+79160000009", ""]),
)


ORDERS = st.builds(
    order,
    st.sampled_from(["o1", "o2"]),
    st.sampled_from(["09:59:30", "10:00:00", "10:20:00"]),
    revision=st.integers(0, 3),
    phone=st.sampled_from(["+79161234567", "+79160000009", "101"]),
    state=st.sampled_from(["completed", "waiting"]),
    source=st.sampled_from(["operator", "website"]),
    server=st.just("pbx-1"),
    call_id=st.sampled_from(["a", "b", "z"]),
    pickup=st.sampled_from([None, "2026-03-05T00:00:00Z"]),
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(LEGS, LEGS, ORDERS), max_size=12).flatmap(
        lambda feed: st.tuples(st.just(feed), st.permutations(feed))
    )
)
def test_state_too_is_a_function_of_the_set_of_records(orders: tuple[list[Raw], list[Raw]]) -> None:
    """So nothing is left behind by what was corrected, however often."""
    together, one_by_one = Chain(), Chain()
    together.take(*orders[0])
    for record in orders[1]:
        one_by_one.take(record)
    for one, other in zip(one_by_one.states, together.states, strict=True):
        assert contents(one) == contents(other)
