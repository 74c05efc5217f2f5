"""Chance that falls the same on every machine: from a seed and a path of names, with `random()` and products only.

`random.Random.random` is the one method whose sequence Python promises to keep; logarithms, sines and `hash` are left
to others, because their last digits depend on the machine.
"""

from collections.abc import Sequence
from hashlib import sha256
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


class Dice:
    """A stream of chance of its own for each path, so that one part of the city never shifts another."""

    __slots__ = ("random",)

    def __init__(self, *path: object) -> None:
        self.random = Random(digest(*path)).random  # noqa: S311

    def below(self, count: int) -> int:
        return int(self.random() * count)

    def between(self, least: int, most: int) -> int:
        """Both included."""
        return least + int(self.random() * (most - least + 1))

    def chance(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, choices: Sequence[T]) -> T:
        return choices[int(self.random() * len(choices))]


class Weighted(Generic[T]):
    """Choices with whole-number weights."""

    def __init__(self, weights: dict[T, int]) -> None:
        self._choices = tuple(weights)
        self._bounds = tuple(accumulate(weights.values()))

    def roll(self, dice: Dice) -> T:
        mark = dice.below(self._bounds[-1])
        return next(choice for choice, bound in zip(self._choices, self._bounds, strict=True) if mark < bound)


def digest(*path: object) -> int:
    """A number of 128 bits that belongs to the path."""
    return int.from_bytes(sha256("/".join(map(str, path)).encode()).digest()[:16], "big")
