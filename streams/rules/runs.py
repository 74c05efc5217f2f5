"""Spans of time in runs: how a phone's calls and orders in a service are kept, so that few are read to find some.

A run holds the spans of one kind whose lengths are of one class, in the order of their beginnings. What holds a moment
began at most a run's longest length before it, so one call of a day makes no search longer than that of its own run.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from streams.chunks import State

Moment = bytes
"""When a span begins and whose it is (`keys.moment`, `keys.creation`); sorts as "first" is defined."""
Lengths = Mapping[str, int]
"""How many spans there are of each length class but the shortest; a class without any is absent."""

AFTER = b"\0"
"""Behind a moment: before the next one."""
_SHORTEST_BITS = 22
_KIND = 16
_BEGIN = bytes(8)
_RUNS = [bytes((number,)) for number in range(256)]


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
    return ms.to_bytes(8, "big") if ms > 0 else _BEGIN


def length_class(length_ms: int) -> int:
    """0 up to 70 minutes; each class holds eight times longer ones than the one before."""
    return max(0, (length_ms.bit_length() - _SHORTEST_BITS + 2) // 3)


def longest_ms(length: int) -> int:
    return 1 << (_SHORTEST_BITS + 3 * length)


def run(kind: int, length: int) -> bytes:
    return _RUNS[kind * _KIND + length]


def length_in(key: bytes, moment: Moment) -> int:
    """The class of the length in the run that stands before the moment in a key."""
    return key[-len(moment) - 1] % _KIND


@dataclass(slots=True)
class Runs:
    """The runs behind a prefix of state keys; a value begins with the end of its span, in eight bytes."""

    state: State
    prefix: bytes
    lengths: Lengths

    def first(self, kinds: Iterable[int], since: Moment = b"") -> Moment | None:
        """The first span of these kinds that begins at this moment or later."""
        found: Moment | None = None
        for prefix in self._of(kinds):
            pair = self.state.first(prefix + since, prefix + b"\xff")
            if pair is not None and (found is None or pair[0][len(prefix) :] < found):
                found = pair[0][len(prefix) :]
        return found

    def last(self, kinds: Iterable[int], before: Moment) -> Moment | None:
        """The last span of these kinds that begins before this moment."""
        found: Moment | None = None
        for prefix in self._of(kinds):
            pair = self.state.last(prefix, prefix + before)
            if pair is not None and (found is None or pair[0][len(prefix) :] > found):
                found = pair[0][len(prefix) :]
        return found

    def between(self, kinds: Iterable[int], since: int, until: int) -> Iterator[Moment]:
        """The spans of these kinds that begin in [since, until], run by run."""
        start, end = at(since), at(until + 1)
        for prefix in self._of(kinds):
            pair = self.state.first(prefix + start, prefix + end)
            while pair is not None:
                moment = pair[0][len(prefix) :]
                yield moment
                pair = self.state.first(prefix + moment + AFTER, prefix + end)

    def holding(self, kinds: Iterable[int], since: int, until: int) -> Iterator[Iterator[Span]]:
        """Of each run the spans that begin at `until` or before and end at `since` or later, the latest first."""
        end = at(until + 1)
        for prefix in self._of(kinds):
            earliest = at(since - longest_ms(prefix[-1] % _KIND))
            yield self._ending_from(since, prefix, prefix + earliest, prefix + end)

    def _ending_from(self, since: int, prefix: bytes, start: bytes, end: bytes) -> Iterator[Span]:
        pair = self.state.last(start, end)
        while pair is not None:
            span = Span(pair[0][len(prefix) :], int.from_bytes(pair[1][:8], "big"))
            if span.end >= since:
                yield span
            pair = self.state.last(start, pair[0])

    def _of(self, kinds: Iterable[int]) -> list[bytes]:
        """The prefixes of the runs."""
        if not self.lengths:
            return [self.prefix + _RUNS[kind * _KIND] for kind in kinds]
        lengths = (0, *map(int, self.lengths))
        return [self.prefix + run(kind, length) for kind in kinds for length in lengths]
