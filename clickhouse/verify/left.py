"""What a verification leaves behind for the quality page: an entry of the table that keeps the last of each kind."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Outcome:
    TABLE: ClassVar[str] = "verifications"
    kind: str
    finished_at: int
    generation: int
    records: int
    rows: int
    differences: int
    undecided: int

    @property
    def key(self) -> str:
        return self.kind
