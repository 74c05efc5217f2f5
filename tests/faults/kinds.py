"""All kinds of faults, and the order in which a run goes through them.

A new kind is a function of a `Fault`, named in the KINDS of its file.
"""

import random
from collections.abc import Iterator, Sequence

from tests.faults import disks, kills, loaders, membership, pauses, steps, stores, verifying, volume
from tests.faults.round import Kind

KINDS: tuple[Kind, ...] = tuple(
    kind
    for file in (kills, pauses, membership, steps, verifying, disks, stores, loaders, volume)
    for kind in file.KINDS
)
FIRST = frozenset(
    {
        "kill -9 worker",
        "kill -9 loader",
        "kill -9 broker",
        "SIGSTOP worker",
        "SIGSTOP loader",
        "two workers at once",
        "1-2-3-1 workers",
        "change within a rebalance",
        "long chunk during a join",
        "transaction time-out as owner",
        "last chunk hangs",
        "replay with forgotten tokens",
        "broker data wiped",
        "verify under load",
    }
)
"""What no run may leave out, however short: together with one exception in a takeover they open every pass."""
IN_A_TAKEOVER = frozenset(f"failing at {step}" for step in steps.TAKEOVER)


def in_order(kinds: Sequence[Kind], rounds: int, chance: random.Random) -> Iterator[Kind]:
    """Each kind once in every pass over them, each in another order, but the FIRST before the others."""
    left: list[Kind] = []
    for _ in range(rounds):
        left = left or _one_pass(kinds, chance)
        yield left.pop(0)


def _one_pass(kinds: Sequence[Kind], chance: random.Random) -> list[Kind]:
    first = [kind for kind in kinds if kind.name in FIRST]
    takeovers = [kind for kind in kinds if kind.name in IN_A_TAKEOVER]
    first += chance.sample(takeovers, min(1, len(takeovers)))
    others = [kind for kind in kinds if kind not in first]
    return [*chance.sample(first, len(first)), *chance.sample(others, len(others))]
