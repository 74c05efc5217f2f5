"""What the loader knows of one partition it owns: how far it is in the store, what waits, what is still to be repeated.

Pure: no Kafka, no store, no clock. Comes in: entries in offset order. Goes out: the next batch.
"""

from dataclasses import dataclass, field

from clickhouse.loader.batch import Batch, Entry, fitting, up_to
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.mapping import FactsMapping


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

    def receive(self, entries: list[Entry], now: float) -> None:
        if not self.waiting:
            self.waiting_since = now
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

    def due(self, mapping: FactsMapping, most_rows: int, since: float) -> Batch | None:
        """The next batch, where it is full or its first row has waited since then."""
        count = fitting(self.waiting, mapping, most_rows)
        if not count or (count == len(self.waiting) < most_rows and self.waiting_since > since):
            return None
        return Batch(self.partition, self.next_offset, self.waiting[count - 1].offset, self.waiting[:count])

    def settle(self, batch: Batch) -> None:
        """The batch is in."""
        del self.waiting[: len(batch.entries)]
        self.next_offset = batch.next_offset
        self.announced_last = None
        self.confirmed = False
