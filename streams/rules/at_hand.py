"""A client's keys in memory for one chunk, where they are few: most clients are searched without the store.

Comes in: a state and the prefix of the keys. Goes out: a state for these keys only, which writes through.
"""

from bisect import bisect_left, insort
from itertools import islice

from streams.chunks import MemoryState, State
from streams.rules.keys import END

FEW = 40


def at_hand(state: State, prefix: bytes) -> State:
    """The state itself where the keys are many."""
    pairs = dict(islice(state.range(prefix, prefix + END), FEW + 1))
    return state if len(pairs) > FEW else KeysAtHand(state, pairs)


class KeysAtHand(MemoryState):
    def __init__(self, state: State, ordered: dict[bytes, bytes]) -> None:
        self._state = state
        self._values = ordered
        self._keys = list(ordered)

    def put(self, key: bytes, value: bytes) -> None:
        if key not in self._values:
            insort(self._keys, key)
        self._values[key] = value
        self._state.put(key, value)

    def delete(self, key: bytes) -> None:
        super().delete(key)
        self._state.delete(key)

    def first(self, start: bytes, end: bytes) -> tuple[bytes, bytes] | None:
        keys = self._keys
        at = bisect_left(keys, start)
        if at == len(keys) or keys[at] >= end:
            return None
        return keys[at], self._values[keys[at]]

    def last(self, start: bytes, end: bytes) -> tuple[bytes, bytes] | None:
        at = bisect_left(self._keys, end) - 1
        if at < 0 or (key := self._keys[at]) < start:
            return None
        return key, self._values[key]
