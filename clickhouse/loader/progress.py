"""How far the loader is, as plain numbers: for the metrics page and for freshness. Written by the loader's thread only.

Readers in other threads see each number as of some moment, not all of the same one.
"""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class PartitionProgress:
    next_offset: int
    """Everything below is in the store."""
    waiting: int
    """Rows read and not yet in the store."""
    oldest_observed_ms: int | None
    """observed_at of the first of them."""
    end: int | None
    """The end of the partition, as far as known."""


@dataclass
class LoaderProgress:
    rows: int = 0
    batches: int = 0
    repeated_batches: int = 0
    """Batches that had been announced before and were not known to be in."""
    retries: int = 0
    last_insert_at: float | None = None
    """Unix time of the last batch that went in."""
    last_error: str = ""
    """Why the current batch did not go in; empty once it has."""
    partitions: dict[int, PartitionProgress] = field(default_factory=dict)

    def inserted(self, rows: int, at: float) -> None:
        self.rows += rows
        self.batches += 1
        self.last_insert_at = at
        self.last_error = ""

    def failed(self, why: str) -> None:
        self.retries += 1
        self.last_error = why
