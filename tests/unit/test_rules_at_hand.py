"""A client's keys in memory answer as the state does, whatever is written, and write through."""

from hypothesis import given
from hypothesis import strategies as st

from streams.chunks import MemoryState
from streams.rules.at_hand import FEW, at_hand

KEYS = st.integers(0, 9).map(lambda number: b"c%d" % number)
WRITES = st.lists(st.tuples(KEYS, st.one_of(st.none(), st.binary(max_size=2))), max_size=12)


def written(state: MemoryState, writes: list[tuple[bytes, bytes | None]]) -> MemoryState:
    for key, value in writes:
        if value is None:
            state.delete(key)
        else:
            state.put(key, value)
    return state


@given(WRITES, WRITES, KEYS, KEYS)
def test_keys_at_hand_answer_as_the_state_behind_it(
    before: list[tuple[bytes, bytes | None]],
    after: list[tuple[bytes, bytes | None]],
    start: bytes,
    end: bytes,
) -> None:
    state = written(MemoryState(), [(b"b", b"1"), (b"d", b"1"), *before])
    near = at_hand(state, b"c")
    assert isinstance(near, MemoryState)
    assert near is not state
    written(near, after)
    assert (near.get(start), near.first(start, end)) == (state.get(start), state.first(start, end))
    assert near.last(start, end) == state.last(start, end)
    assert list(near.range(start, end)) == list(state.range(start, end))
    assert list(near.range(b"c", b"d")) == list(state.range(b"c", b"d"))


def test_where_the_keys_are_many_the_state_is_asked() -> None:
    state = written(MemoryState(), [(b"c%03d" % number, b"") for number in range(FEW)])
    assert at_hand(state, b"c") is not state
    state.put(b"c999", b"")
    assert at_hand(state, b"c") is state
