"""Which derivation is read, which is being filled, and which are on their way out: the one record of `generations`.

Everything derived carries the number of its generation in its name. `pulse rebuild` alone writes this record; every
process follows it. A number is never used twice.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

GENERATIONS_KEY = b"generations"

Generation = Annotated[int, Field(ge=1)]


class Generations(BaseModel):
    """Where there is no record yet, the first generation is read and nothing else is there."""

    model_config = ConfigDict(frozen=True)

    v: Literal[1] = 1
    current: Generation = 1
    """The one that is read."""
    next: Generation | None = None
    """The one that a rebuild is filling beside it."""
    basis: str | None = None
    """What the next one is derived with, later the current one: directory, definitions, version; None before any
    rebuild, and after one that was given up."""
    former: tuple[Generation, ...] = ()
    """Read no more or given up, to be removed."""
    kept: tuple[Generation, ...] = ()
    """Read no more, left on request, until a rebuild without that request."""

    @property
    def filled(self) -> tuple[int, ...]:
        """Those that loaders fill."""
        return (self.current,) if self.next is None else (self.current, self.next)

    @property
    def stored(self) -> frozenset[int]:
        """Those whose tables are there."""
        return frozenset((*self.filled, *self.former, *self.kept))

    @property
    def swapped(self) -> bool:
        """What was read before is still to be removed; what was given up alone waits for the next swap, and keeps its
        number from being used again."""
        return self.next is None and any(generation < self.current for generation in self.former)

    def begun(self, basis: str) -> Self:
        """The next one is under way; one that was begun with something else is given up for it."""
        if self.next is not None and self.basis == basis:
            return self
        left = self.given_up()
        return left.model_copy(update={"next": max(left.stored) + 1, "basis": basis})

    def given_up(self) -> Self:
        """The next one is not gone on with."""
        if self.next is None:
            return self
        return self.model_copy(update={"next": None, "basis": None, "former": (*self.former, self.next)})

    def switched(self) -> Self:
        if self.next is None:
            raise ValueError("no next generation to switch to")
        return self.model_copy(update={"current": self.next, "next": None, "former": (*self.former, self.current)})

    def finished(self, *, keep: bool) -> Self:
        """`keep` keeps the one that was read before, beside those that are kept; one that was given up half filled is
        of no use to anybody. Without it nothing is kept any more."""
        return self.model_copy(update={"former": (), "kept": (*self.kept, *self.former[-1:]) if keep else ()})
