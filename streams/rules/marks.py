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

Firsts = dict[str, Ref]
"""Service -> the phone's first counted call in it."""


def marks_of(firsts: Mapping[str, Ref], history_known_from: int | None) -> dict[Ref, Marks]:
    """One call is first in the organisation; a phone whose first call is too old to tell has only `unknown` marks."""
    if not firsts:
        return {}
    first = min(firsts.values())
    unknown = history_known_from is not None and first.start < history_known_from
    return {ref: _marks(unknown, int(ref == first)) for ref in firsts.values()}


def mark(fact: CallFact, marks: Marks) -> None:
    fact["new_callers_service"] = marks.new_service
    fact["new_callers_organisation"] = marks.new_organisation
    fact["unknown_callers_service"] = marks.unknown_service
    fact["unknown_callers_organisation"] = marks.unknown_organisation


def _marks(unknown: bool, organisation: int) -> Marks:
    return Marks(0, 0, 1, organisation) if unknown else Marks(1, organisation, 0, 0)
