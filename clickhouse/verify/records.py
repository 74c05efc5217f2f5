"""Every raw call record taken in once: into the reference where the contract allows it, else onto the list of refused.

Comes in: the raw topic, read on whenever asked. Goes out: counts, and (partition, offset) -> reason of the refused,
which must be exactly what the dead letters hold.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clickhouse.verify.raw import TopicReader
from clickhouse.verify.reference import Reference
from clickhouse.verify.sorting import InOrder
from streams.contracts.records import CallRecord, Reason, Refused, read
from streams.contracts.topics import CALL_RECORDS

Place = tuple[int, int]


class Records:
    """Reads on where it was; `count` and `refused` are of all that was read so far."""

    def __init__(self, topic: TopicReader, reference: Reference) -> None:
        self._topic = topic
        self._reference = reference
        self.count = 0
        self.refused: dict[Place, Reason] = {}

    @property
    def position(self) -> dict[int, int]:
        return self._topic.position

    def read_on(self) -> int:
        """Up to the end that the topic has now; says how many records that were."""
        before = self.count
        self._reference.take(self._valid(self._topic.read_on()))
        return self.count - before

    def up_to_date(self) -> bool:
        """Has nothing come since?"""
        return self._topic.at_end()

    def refused_in_order(self) -> InOrder:
        return InOrder(self.refused.items())

    def reasons(self) -> Counter[Reason]:
        return Counter(self.refused.values())

    def _valid(self, messages: Iterable[Any]) -> Iterator[CallRecord]:
        for message in messages:
            self.count += 1
            try:
                yield read(CallRecord, message.key, message.value)
            except Refused as refused:
                self.refused[message.partition, message.offset] = refused.reason


def dead_letters(letters: Iterable[Any], position: Mapping[int, int]) -> InOrder:
    """(place, reason) of the letters about raw records below `position`; about later ones nothing is known yet."""
    found = (_place_and_reason(letter.headers) for letter in letters)
    return InOrder((place, reason) for place, reason in found if place and place[1] < position.get(place[0], 0))


def _place_and_reason(headers: Iterable[tuple[str, bytes]]) -> tuple[Place | None, str]:
    said = {name: value.decode() for name, value in headers}
    if said["source_topic"] != CALL_RECORDS.name:
        return None, ""
    return (int(said["source_partition"]), int(said["source_offset"])), said["reason"]
