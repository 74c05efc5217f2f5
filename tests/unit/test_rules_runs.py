"""Runs find what a plain search over all spans finds, and read few others."""

from itertools import chain
from typing import NamedTuple

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.chunks import MemoryState
from streams.rules.clients import count
from streams.rules.runs import Lengths, Runs, Span, at, length_class, longest_ms, run

KINDS = (0, 1)


class Kept(NamedTuple):
    kind: int
    span: Span


def runs_of(kept: list[Kept]) -> Runs:
    state = MemoryState()
    lengths: Lengths = {}
    for kind, span in kept:
        length = length_class(span.end - span.start)
        state.put(b"x" + run(kind, length) + span.moment, span.end.to_bytes(8, "big") + b"more")
        if length:
            lengths = count(lengths, str(length), +1)
    state.put(b"w", b"")
    state.put(b"y", b"")
    return Runs(state, b"x", lengths)


TIMES = st.one_of(st.integers(0, 20), st.sampled_from([1 << 22, 1 << 25, (1 << 28) + 1])).map(lambda ms: ms + 10**12)
LASTS = st.one_of(st.integers(0, 20), st.sampled_from([(1 << bits) + by for bits in (22, 25, 28) for by in (-1, 0, 1)]))
SPANS = st.builds(
    lambda kind, start, lasts, name: Kept(kind, Span(at(start) + name, start + lasts)),
    st.sampled_from(KINDS),
    TIMES,
    LASTS,
    st.sampled_from([b"", b"a", b"b"]),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(SPANS, max_size=12, unique_by=lambda each: each.span.moment), TIMES, st.integers(0, 10))
@example([Kept(0, Span(at(10**12), 10**12 + (1 << 22)))], 10**12 + (1 << 22), 0)
def test_runs_find_what_a_plain_search_finds(kept: list[Kept], moment: int, window: int) -> None:
    runs = runs_of(kept)
    for kinds in ((0,), (1,), KINDS):
        spans = sorted(span for kind, span in kept if kind in kinds)
        starts = [span.moment for span in spans]
        assert runs.first(kinds) == min(starts, default=None)
        assert runs.first(kinds, at(moment)) == min((s for s in starts if s >= at(moment)), default=None)
        assert runs.last(kinds, at(moment)) == max((s for s in starts if s < at(moment)), default=None)
        until = moment + window
        assert sorted(runs.between(kinds, moment, until)) == [s.moment for s in spans if moment <= s.start <= until]
        held = [list(found) for found in runs.holding(kinds, moment, until)]
        assert sorted(chain.from_iterable(held)) == [s for s in spans if s.start <= until and s.end >= moment]
        assert all(found == sorted(found, reverse=True) for found in held)


@given(st.integers(0, 1 << 44))
def test_a_length_class_holds_its_lengths(length_ms: int) -> None:
    assert length_ms < longest_ms(length_class(length_ms)) <= max(1 << 22, length_ms * 8)
