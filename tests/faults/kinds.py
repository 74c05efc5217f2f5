"""All kinds of faults, and the order in which a run goes through them.

A new kind is a function of a `Fault`, named in the KINDS of its file.
"""

import random
from collections.abc import Iterator

from tests.faults import disks, kills, loaders, membership, pauses, steps, stores, volume
from tests.faults.round import Kind

KINDS: tuple[Kind, ...] = tuple(
    kind for file in (kills, pauses, membership, steps, disks, stores, loaders, volume) for kind in file.KINDS
)


def in_order(kinds: tuple[Kind, ...], rounds: int, chance: random.Random) -> Iterator[Kind]:
    """Each kind once in every pass over them, each pass in another order."""
    left: list[Kind] = []
    for _ in range(rounds):
        if not left:
            left = chance.sample(kinds, len(kinds))
        yield left.pop()
