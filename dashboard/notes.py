"""What people note on the page (incidents, saved views) and the last verifications, as they are kept in the store.

Comes in: the client that keeps, a clock in epoch milliseconds. Goes out: entries by key, and what holds of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final
from urllib.parse import parse_qsl

from clickhouse.kept import Keeping
from clickhouse.verify.left import Outcome

NAMELESS: Final = frozenset(
    {"m", "view", "range", "from", "to", "step", "by", "top", "compare", "kind", "values", "smooth"}
)
"""Parameters of the page that name nothing of the directory."""


@dataclass(frozen=True)
class Incident:
    """`began` and `until` are wall clocks of whole hours; `until` '' is a moment."""

    TABLE: ClassVar[str] = "incidents"
    id: str
    title: str
    began: str
    until: str
    service: str
    organisation: str
    author: str
    updated_at: int

    @property
    def key(self) -> str:
        return self.id


@dataclass(frozen=True)
class View:
    """`state` is the query string of the page."""

    TABLE: ClassVar[str] = "saved_views"
    id: str
    name: str
    state: str
    shared: bool
    owner: str
    organisation: str
    updated_at: int

    @property
    def key(self) -> str:
        return self.id

    def names(self) -> set[str]:
        """The values that it filters by, and those of the series that it hides (metric|value)."""
        given = [value for name, value in parse_qsl(self.state.removeprefix("?")) if name not in NAMELESS]
        return {part for value in given for part in value.split("|", 1)}


class Notes:
    def __init__(self, keeping: Keeping, clock: Callable[[], int]) -> None:
        self.clock = clock
        self.incidents = keeping.of(Incident)
        self.views = keeping.of(View)
        self.verifications = keeping.of(Outcome)
