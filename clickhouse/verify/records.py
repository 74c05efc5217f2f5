"""Every raw record taken in once: into the reference where the contract allows it, else onto the list of refused.

Comes in: the raw topics, read on whenever asked. Goes out: counts, and (topic, partition, offset) -> reason of the
refused, which must be exactly what the dead letters hold.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from clickhouse.verify.raw import TopicReader
from clickhouse.verify.reference import Reference
from clickhouse.verify.sorting import InOrder
from clickhouse.verify.winners import Read
from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Reason, Record, Refused, read
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS

CONTRACTS: Mapping[str, type[Record]] = {
    CALL_RECORDS.name: CallRecord,
    ORDER_EVENTS.name: OrderEvent,
    CLIENT_BASE.name: ClientBaseEntry,
}
Place = tuple[str, int, int]
"""(topic, partition, offset)"""
Position = Mapping[str, Mapping[int, int]]
"""Topic -> partition -> the offset up to which it was read."""


class Records:
    """Reads on where it was; `counts` and `refused` are of all that was read so far."""

    def __init__(self, topics: Sequence[TopicReader], reference: Reference) -> None:
        self._topics = topics
        self._reference = reference
        self.counts: Counter[str] = Counter()
        self.refused: dict[Place, Reason] = {}

    @property
    def position(self) -> Position:
        return {topic.topic: topic.position for topic in self._topics}

    def read_on(self) -> None:
        """Up to the ends that the topics have now."""
        for topic in self._topics:
            self._reference.take(self._valid(topic.topic, topic.read_on()))

    def up_to_date(self) -> bool:
        """Has nothing come since?"""
        return all(topic.at_end() for topic in self._topics)

    def refused_in_order(self) -> InOrder:
        return InOrder(self.refused.items())

    def reasons(self) -> Counter[Reason]:
        return Counter(self.refused.values())

    def _valid(self, topic: str, messages: Iterable[Any]) -> Iterator[Read]:
        for message in messages:
            self.counts[topic] += 1
            try:
                record = read(CONTRACTS[topic], message.key, message.value)
            except Refused as refused:
                self.refused[topic, message.partition, message.offset] = refused.reason
            else:
                yield Read(record, message.partition, message.offset)


def dead_letters(letters: Iterable[Any], position: Position, generation: int) -> InOrder:
    """(place, reason) of a generation's letters about raw records below `position`; of later ones nothing is known."""
    said = ({name: value.decode() for name, value in letter.headers} for letter in letters)
    found = (_place_and_reason(headers) for headers in said if int(headers.get("generation", 1)) == generation)
    return InOrder((place, reason) for place, reason in found if _is_below(place, position))


def _is_below(place: Place, position: Position) -> bool:
    """Lines of a file that never came into a raw topic have the partition -1: they are none of the refused."""
    topic, partition, offset = place
    return topic in CONTRACTS and offset < position[topic].get(partition, 0)


def _place_and_reason(said: Mapping[str, str]) -> tuple[Place, str]:
    return (said["source_topic"], int(said["source_partition"]), int(said["source_offset"])), said["reason"]
