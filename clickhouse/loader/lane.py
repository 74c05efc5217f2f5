"""What the loader knows of one partition it owns: how far it is in the store, what waits, what is still to be repeated.

Pure: no Kafka, no store, no clock. Comes in: entries in offset order. Goes out: the next batch.
"""

from dataclasses import dataclass, field

from clickhouse.loader.batch import INSERTED_TOGETHER, Batch, Entry, fitting, up_to
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.mapping import FactsMapping


@dataclass(frozen=True)
class Limits:
    """When a batch is cut. Few large batches cost the store far less than many small ones."""

    most_rows: int = 20_000
    quiet_s: float = 1.0
    """How long the first row waits where nothing more comes in."""
    flowing_s: float = 3.0
    """How long it waits where more keeps coming."""

    def __post_init__(self) -> None:
        if self.most_rows > INSERTED_TOGETHER:
            raise ValueError(
                f"a batch of {self.most_rows} rows may fall apart in the views: {INSERTED_TOGETHER} at most"
            )


@dataclass
class Lane:
    partition: int
    next_offset: int
    """Everything below is in the store."""
    announced_last: int | None = None
    """A former owner announced next_offset..announced_last; whether it is in, nobody knows."""
    confirmed: bool = True
    """Whether Kafka knows next_offset."""
    waiting: list[Entry] = field(default_factory=list)
    waiting_since: float = 0.0
    flowing: bool = False
    """Whether the last poll brought something: then a full batch may be near."""

    def receive(self, entries: list[Entry], now: float) -> None:
        if not self.waiting:
            self.waiting_since = now
        self.flowing = bool(entries)
        self.waiting.extend(entries)

    @property
    def lacks_announced(self) -> bool:
        """Whether records of the announced batch are still to be read."""
        last = self.announced_last
        return last is not None and (not self.waiting or self.waiting[-1].offset < last)

    def repeated(self) -> Batch | None:
        """The announced batch as it was, as soon as its last record has been read again."""
        last = self.announced_last
        if last is None or self.lacks_announced:
            return None
        entries = list(up_to(self.waiting, last))
        if not entries or entries[-1].offset != last:
            raise LoaderError(
                f"partition {self.partition}: offset {last} was announced by a former loader and is not in the topic "
                "any more, so its batch cannot be repeated: the broker's data was changed or lost"
            )
        return Batch(self.partition, self.next_offset, last, entries)

    def due(self, mapping: FactsMapping, limits: Limits, now: float) -> Batch | None:
        """The next batch, where it is full or has waited long enough."""
        count = fitting(self.waiting, mapping, limits.most_rows)
        full = count == limits.most_rows or count < len(self.waiting)
        waited = now - self.waiting_since
        if not count or not (full or waited >= (limits.flowing_s if self.flowing else limits.quiet_s)):
            return None
        return Batch(self.partition, self.next_offset, self.waiting[count - 1].offset, self.waiting[:count])

    def settle(self, batch: Batch, now: float) -> None:
        """The batch is in."""
        del self.waiting[: len(batch.entries)]
        self.waiting_since = now
        self.next_offset = batch.next_offset
        self.announced_last = None
        self.confirmed = False
