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
    """What the next one is derived with, later the current one: directory and definitions; None before any rebuild."""
    former: tuple[Generation, ...] = ()
    """Read no more, to be removed."""
    kept: tuple[Generation, ...] = ()
    """Read no more, left on request."""

    @property
    def filled(self) -> tuple[int, ...]:
        """Those that loaders fill."""
        return (self.current,) if self.next is None else (self.current, self.next)

    @property
    def stored(self) -> frozenset[int]:
        """Those whose tables are there."""
        return frozenset((*self.filled, *self.former, *self.kept))

    def begun(self, basis: str) -> Self:
        """The next one is under way; one that was begun with another directory is given up for it."""
        if self.next is not None and self.basis == basis:
            return self
        given_up = () if self.next is None else (self.next,)
        return self.model_copy(
            update={"next": max(self.stored) + 1, "basis": basis, "former": (*self.former, *given_up)}
        )

    def switched(self) -> Self:
        if self.next is None:
            raise ValueError("no next generation to switch to")
        return self.model_copy(update={"current": self.next, "next": None, "former": (*self.former, self.current)})

    def finished(self, *, keep: bool) -> Self:
        """`keep` keeps the one that was read before; one that was given up half filled is of no use to anybody."""
        kept = (*self.kept, *self.former[-1:]) if keep else self.kept
        return self.model_copy(update={"former": (), "kept": kept})
