"""Spans of time in runs: how a phone's calls and orders in a service are kept, so that few are read to find some.

A run holds the spans of one kind whose lengths are of one class, in the order of their beginnings. What holds a moment
began at most a run's longest length before it, so one call of a day makes no search longer than that of its own run.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from streams.chunks import State

Moment = bytes
"""When a span begins and whose it is (`keys.moment`, `keys.creation`); sorts as "first" is defined."""
Lengths = dict[str, int]
"""How many spans there are of each length class but the shortest; a class without any is absent."""

_SHORTEST_BITS = 22
_KIND = 16


class Span(NamedTuple):
    moment: Moment
    end: int

    @property
    def start(self) -> int:
        return start_of(self.moment)


def start_of(moment: Moment) -> int:
    return int.from_bytes(moment[:8], "big")


def at(ms: int) -> Moment:
    """Before everything that begins in this millisecond, behind all that begins before it."""
    return max(0, ms).to_bytes(8, "big")


def length_class(length_ms: int) -> int:
    """0 up to 70 minutes; each class holds eight times longer ones than the one before."""
    return max(0, (length_ms.bit_length() - _SHORTEST_BITS + 2) // 3)


def longest_ms(length: int) -> int:
    return 1 << (_SHORTEST_BITS + 3 * length)


class Run(NamedTuple):
    kind: int
    length: int


def run(kind: int, length: int) -> bytes:
    return bytes((kind * _KIND + length,))


def run_of(key: bytes, moment: Moment) -> Run:
    """The run that stands before the moment in a key."""
    return Run(*divmod(key[-len(moment) - 1], _KIND))


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs behind a prefix of state keys; a value begins with the end of its span, in eight bytes."""

    state: State
    prefix: bytes
    lengths: Lengths

    def first(self, kinds: Iterable[int], since: Moment = b"") -> Moment | None:
        """The first span of these kinds that begins at this moment or later."""
        firsts = (next(self._spans(kind, length, since, b"\xff"), None) for kind, length in self._of(kinds))
        return min((span.moment for span in firsts if span is not None), default=None)

    def last(self, kinds: Iterable[int], before: Moment) -> Moment | None:
        """The last span of these kinds that begins before this moment."""
        lasts = (next(self._spans(kind, length, b"", before, True), None) for kind, length in self._of(kinds))
        return max((span.moment for span in lasts if span is not None), default=None)

    def between(self, kinds: Iterable[int], since: int, until: int) -> Iterator[Moment]:
        """The spans of these kinds that begin in [since, until], run by run."""
        for kind, length in self._of(kinds):
            for span in self._spans(kind, length, at(since), at(until + 1)):
                yield span.moment

    def holding(self, kinds: Iterable[int], since: int, until: int) -> Iterator[Iterator[Span]]:
        """Of each run the spans that begin at `until` or before and end at `since` or later, the latest first."""
        for kind, length in self._of(kinds):
            earliest = at(since - longest_ms(length))
            yield (span for span in self._spans(kind, length, earliest, at(until + 1), True) if span.end >= since)

    def _of(self, kinds: Iterable[int]) -> Iterator[tuple[int, int]]:
        lengths = (0, *map(int, self.lengths)) if self.lengths else (0,)
        return ((kind, length) for kind in kinds for length in lengths)

    def _spans(self, kind: int, length: int, start: Moment, end: Moment, reverse: bool = False) -> Iterator[Span]:
        prefix = self.prefix + run(kind, length)
        for key, value in self.state.range(prefix + start, prefix + end, reverse=reverse):
            yield Span(key[len(prefix) :], int.from_bytes(value[:8], "big"))
