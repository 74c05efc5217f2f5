"""The marks of a client: which of its firsts count as new, which as of unknown age, and which not, being known before.

Comes in: the first call or order of a client in each service, and its age. Goes out: their marks. Pure.
"""

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

from streams.rules.client_base import Age


class Ref(NamedTuple):
    """A call among those of its phone; refs sort as "first" is defined: by (start, server, id)."""

    start: int
    server: str
    id: str


class OrderRef(NamedTuple):
    """An order among those of its phone; refs sort as "first" is defined: by (created, id)."""

    created: int
    id: str


R = TypeVar("R", Ref, OrderRef)
Firsts = Mapping[str, R]
"""Service -> the client's first in it."""


class Marks(NamedTuple):
    """The 0/1 measures of a fact, in its order."""

    new_service: int = 0
    new_organisation: int = 0
    unknown_service: int = 0
    unknown_organisation: int = 0


NO_MARKS = Marks()


def marks_of(firsts: Firsts[R], age: Age) -> dict[R, Marks]:
    """Each first is marked in its service; one of them is the first in the organisation, and is marked there too."""
    if not firsts:
        return {}
    first = min(firsts.values())
    return {ref: _marks(ref[0], service, ref is first, age) for service, ref in firsts.items()}


def _marks(moment: int, service: str, is_first: bool, age: Age) -> Marks:
    in_service = int(not age.is_known_in(service, moment))
    in_organisation = int(is_first and not age.is_known(moment))
    return Marks(0, 0, in_service, in_organisation) if age.unknown else Marks(in_service, in_organisation, 0, 0)
