"""Tells a few bad records among good ones from a feed that is bad as a whole, which is stopped at, not swallowed.

Comes in: how much was refused before a chunk, and what of it. Goes out: the tally after it, or a `FeedRefusedError`. It
is a function of the partition's records alone and part of each chunk's mark: neither a restart nor another cut into
chunks moves the record at which it stops.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from aiokafka import TopicPartition

from streams.chunks import Message, Outputs

SHOWN_CHARACTERS = 160


@dataclass(frozen=True)
class Tolerance:
    """How much of a partition may be refused. What is 0 is not looked at, and not counted meanwhile."""

    run: int = 1_000
    """So many in a row are too many."""
    ratio: float = 0.5
    """More than this share of `window` records is too much; one window follows the other."""
    window: int = 10_000


@dataclass
class Tally:
    """Of one partition, up to a record of it."""

    run: int = 0
    run_from: int = 0
    """The offset of the first of them."""
    seen: int = 0
    """Of the window that is not full yet."""
    refused: int = 0

    def take_good(self, records: int, tolerance: Tolerance) -> None:
        if records:
            self.run = 0
            self._see(records, 0, tolerance)

    def take_refused(self, offset: int, tolerance: Tolerance) -> str:
        """What is too much with this one; empty as long as nothing is."""
        self.run_from = self.run_from if self.run else offset
        self.run = self.run + 1 if tolerance.run else 0
        self._see(1, 1, tolerance)
        if tolerance.run and self.run >= tolerance.run:
            return f"{self.run} records in a row are refused, offsets {self.run_from} to {offset}"
        if tolerance.ratio and self.refused > tolerance.ratio * tolerance.window:
            return f"{self.refused} of {self.seen} records up to offset {offset} are refused"
        return ""

    def _see(self, records: int, refused: int, tolerance: Tolerance) -> None:
        """A window that is full makes room when the next record comes."""
        if not tolerance.ratio or self.seen + records > tolerance.window:
            self.refused = 0
        self.seen = (self.seen + records - 1) % tolerance.window + 1 if tolerance.ratio else 0
        self.refused += refused if tolerance.ratio else 0


class FeedRefusedError(RuntimeError):
    """Too much of a partition is refused; nothing of this chunk is committed. Says where, and what to do."""

    def __init__(self, partition: TopicPartition, offset: int, too_much: str, example: str) -> None:
        super().__init__(
            f"{partition.topic} partition {partition.partition} is not read on: {too_much}. Mend what feeds it; "
            "to let these into the dead letters, start once with PULSE_REFUSED_RUN=0 PULSE_REFUSED_RATIO=0. "
            f"The last one: {example[:SHOWN_CHARACTERS]}"
        )
        self.offset = offset


def tally(
    partition: TopicPartition, before: Tally, messages: Sequence[Message], outputs: Outputs, tolerance: Tolerance
) -> Tally:
    """Raises `FeedRefusedError` at the first record that is one too many."""
    after = replace(before)
    refused = {message.offset: (reason, error) for message, reason, error in outputs.refused}
    last = -1
    for at in (at for at, message in enumerate(messages) if message.offset in refused):
        after.take_good(at - last - 1, tolerance)
        if too_much := after.take_refused(messages[at].offset, tolerance):
            offset = messages[at].offset
            raise FeedRefusedError(partition, offset, too_much, ": ".join(refused[offset]))
        last = at
    after.take_good(len(messages) - last - 1, tolerance)
    return after
