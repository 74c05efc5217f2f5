"""Which differences are real, on a system that goes on meanwhile. Pure: rounds of pairs in, wrong and undecided out.

Records are read up to some offsets. Once the flow has passed these, every table holds what follows from them, or from
them and some later records. So a row that equals the calculation is verified, and one that differs is not yet wrong:
later records may have changed it. It is looked at again in the next round, with the records read on, and is wrong if
- the round was quiet: no record came after the offsets until the tables were read, so they hold what follows; or
- two rounds running the calculation says the same of it, and the store holds the same other value. Whatever records
  between the rounds put there for a moment, the flow has passed them by the second one.
A row that differs anew in every round is neither: it stays undecided, and no verdict is good with it.
"""

from collections.abc import Iterable
from itertools import islice

from clickhouse.verify.pairs import Pair, Place

MOST = 20_000
"""Differences that a round collects: where there are more, everything is wrong, and the first ones show it."""


class Suspects:
    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._wrong: dict[Place, Pair] = {}
        self._open: dict[Place, Pair] = {}
        self.all = True
        """Every row is looked at in the next round; else only what is undecided."""

    @property
    def wrong(self) -> list[Pair]:
        return [*self._wrong.values()]

    @property
    def undecided(self) -> list[Pair]:
        return [*self._open.values()]

    def look(self, pairs: Iterable[Pair], quiet: bool) -> None:
        """A round: all rows of all tables. After the first one only those that differed in it are looked at."""
        differing = (pair for pair in pairs if not pair.agrees and self._is_watched(pair))
        now = {pair.place: pair for pair in islice(differing, self._most)}
        real = {place: pair for place, pair in now.items() if quiet or self._open.get(place) == pair}
        self._wrong |= real
        self._open = {place: pair for place, pair in now.items() if place not in real}
        self.all = len(now) == self._most

    def _is_watched(self, pair: Pair) -> bool:
        return pair.place not in self._wrong and (self.all or pair.place in self._open)
