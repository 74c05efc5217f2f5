"""The marks of a phone: which of its counted calls count as a new caller, or as one of unknown age.

Comes in: the phone's first counted call in each service. Goes out: the marks of those calls. Pure.
"""

from collections.abc import Mapping
from typing import NamedTuple

from streams.contracts.facts import CallFact


class Ref(NamedTuple):
    """A call among those of its phone; refs sort as "first" is defined: by (start, server, id)."""

    start: int
    server: str
    id: str


class Marks(NamedTuple):
    """The 0/1 measures of a fact, in its order."""

    new_service: int = 0
    new_organisation: int = 0
    unknown_service: int = 0
    unknown_organisation: int = 0


NO_MARKS = Marks()
NEW_IN_SERVICE = Marks(new_service=1)
NEW_IN_BOTH = Marks(new_service=1, new_organisation=1)
UNKNOWN_IN_SERVICE = Marks(unknown_service=1)
UNKNOWN_IN_BOTH = Marks(unknown_service=1, unknown_organisation=1)

Firsts = dict[str, Ref]
"""Service -> the phone's first counted call in it."""


def marks_of(firsts: Mapping[str, Ref], known_from: int | None) -> dict[Ref, Marks]:
    """One of the calls is the first in the organisation; where that one lies before `known_from`, all are unknown."""
    if not firsts:
        return {}
    first = min(firsts.values())
    unknown = known_from is not None and first.start < known_from
    marks = dict.fromkeys(firsts.values(), UNKNOWN_IN_SERVICE if unknown else NEW_IN_SERVICE)
    marks[first] = UNKNOWN_IN_BOTH if unknown else NEW_IN_BOTH
    return marks


def differing(former: Mapping[Ref, Marks], marks: Mapping[Ref, Marks]) -> set[Ref]:
    """The calls whose marks are not what they were."""
    return {ref for ref in former.keys() | marks.keys() if former.get(ref) != marks.get(ref)}


def mark(fact: CallFact, marks: Marks) -> None:
    fact["new_callers_service"] = marks.new_service
    fact["new_callers_organisation"] = marks.new_organisation
    fact["unknown_callers_service"] = marks.unknown_service
    fact["unknown_callers_organisation"] = marks.unknown_organisation
