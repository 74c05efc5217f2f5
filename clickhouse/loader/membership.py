"""The Kafka side of the loader: the group, its partitions, and what is committed for them.

Comes in: the group's assignments. Goes out: lanes with their records, from the offset and the announcement that the
former owner left. Every commit is refused by Kafka once the group has given the partition to somebody else; the lanes
are then gone, and only a new assignment brings them back.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any

from kafka import ConsumerRebalanceListener, KafkaConsumer, TopicPartition
from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    KafkaError,
    OffsetOutOfRangeError,
    RebalanceInProgressError,
)
from kafka.structs import MemberState, OffsetAndMetadata

from clickhouse.loader.batch import Batch, Entry, announced_last, announcement
from clickhouse.loader.errors import LoaderError, sorted_out_of_kafka
from clickhouse.loader.lane import Lane
from clickhouse.loader.store import FactStore
from streams.progress import MOST_POLLED

log = logging.getLogger(__name__)

COMMIT_WITHIN_MS = 20_000
FETCH_BYTES = 2 << 20
REJOIN_AFTER_S = 10.0
"""kafka-python 3.0.12 can forget a join that outlasts the poll in which it began: it joined because the metadata had
changed, finds no such reason any more, and never takes up the answer. Without partitions and heartbeats it would stand
still for good. A join that takes this long is begun anew; where it was only waiting for others that does no harm."""


class NotOwnerError(RuntimeError):
    """The group has given the partitions to somebody else; nothing may be inserted for them."""


class Membership:
    """This loader's place in its group. All calls come from one thread."""

    def __init__(self, kafka: str, store: FactStore, generation: int, member: Mapping[str, object]) -> None:
        self.store = store
        self.mapping = mapping = store.mapping
        self.topic = mapping.topic.named(generation)
        self.lanes: dict[int, Lane] = {}
        self._taken: set[int] = set()
        self._subscribed = False
        self._joining_since: float | None = None
        self._consumer = KafkaConsumer(
            bootstrap_servers=kafka,
            group_id=mapping.group(generation),
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed",
            allow_auto_create_topics=False,
            max_poll_records=MOST_POLLED,
            max_partition_fetch_bytes=FETCH_BYTES,
            **member,
        )
        self._subscribe()

    def _subscribe(self) -> None:
        """Asks for the partitions before the first join, and as a subscriber, so that the group's view of them is kept.

        A member that leads the group before it knows the partitions gives everybody nothing. Killed then, it leaves
        that to whoever is started under its instance name, for good.
        """
        self._consumer.subscribe([self.topic], listener=_Listener(self._consumer, self.lanes, self._taken))
        self._consumer.partitions_for_topic(self.topic)
        self._subscribed = True

    def _leave(self) -> None:
        """Gives up its name in the group, whatever the group hears of it; the next poll joins under another one.

        What was committed under this name and is heard only now is refused as soon as that one has partitions.
        """
        self._consumer.unsubscribe()
        self.lanes.clear()
        self._taken.clear()
        self._subscribed = False

    def poll(self, timeout_s: float, now: float, most_waiting: int) -> None:
        """Reads into the lanes, those aside that have enough waiting. Also keeps the place in the group."""
        self._regulate(most_waiting)
        try:
            if not self._subscribed:
                self._subscribe()
            fetched = self._consumer.poll(timeout_ms=int(timeout_s * 1_000))
        except OffsetOutOfRangeError as error:
            raise LoaderError(
                f"{self.topic}: {error}. Records were deleted, or the broker's data was replaced"
            ) from error
        except KafkaError as error:
            raise sorted_out_of_kafka(error) from error
        for partition, lane in self.lanes.items():
            lane.receive([self._entry(record) for record in fetched.get(self._at(partition), ())], now)
        self._take_over()
        self._rejoin_where_overdue(now)

    def announce(self, batch: Batch) -> None:
        """From now on this owner may insert the batch, and nothing else of its lane until it is settled.

        Confirms on the way what other lanes have in the store. The lane knows of it before Kafka does: a commit that
        was not answered may have been heard.
        """
        self.lanes[batch.partition].announced_last = batch.last
        offset = OffsetAndMetadata(batch.first, announcement(batch), -1)
        others = self.unconfirmed
        self._commit({self._at(batch.partition): offset, **self._ends(others)}, {batch.partition, *others})

    def confirm(self) -> None:
        """What is in the store and not yet known to be in."""
        unconfirmed = self.unconfirmed
        if unconfirmed:
            self._commit(self._ends(unconfirmed), unconfirmed)

    def end(self, partition: int) -> int | None:
        """The end of a partition it owns, as far as the last fetch told."""
        end: int | None = self._consumer.highwater(self._at(partition))
        return end

    def has_progress(self) -> bool:
        """Whether the group has committed anything of the topic."""
        partitions = self._consumer.partitions_for_topic(self.topic) or ()
        return any(self._consumer.committed(self._at(each)) is not None for each in partitions)

    def close(self) -> None:
        self._consumer.close(autocommit=False)

    def _regulate(self, most_waiting: int) -> None:
        for partition, lane in self.lanes.items():
            enough = len(lane.waiting) >= most_waiting and not lane.lacks_announced
            move = self._consumer.pause if enough else self._consumer.resume
            move(self._at(partition))

    def _rejoin_where_overdue(self, now: float) -> None:
        if self._consumer.group_metadata().state != MemberState.REBALANCING:
            self._joining_since = None
        elif self._joining_since is None:
            self._joining_since = now
        elif now - self._joining_since > REJOIN_AFTER_S:
            log.warning("%s: joining the group took over %.0f s, joining anew", self.topic, REJOIN_AFTER_S)
            self._joining_since = None
            self._leave()

    def _take_over(self) -> None:
        for partition in sorted(self._taken):
            try:
                self.lanes[partition] = self._lane(partition)
            except KafkaError as error:
                raise sorted_out_of_kafka(error) from error
            self._taken.discard(partition)

    def _lane(self, partition: int) -> Lane:
        at = self._at(partition)
        committed = self._consumer.committed(at, metadata=True, timeout_ms=COMMIT_WITHIN_MS)
        begin = self._consumer.beginning_offsets([at], timeout_ms=COMMIT_WITHIN_MS)[at]
        end = self._consumer.end_offsets([at], timeout_ms=COMMIT_WITHIN_MS)[at]
        offset = 0 if committed is None else committed.offset
        if not begin <= offset <= end:
            raise LoaderError(
                f"{self.topic}, partition {partition}: the store has everything below offset {offset}, but the topic "
                f"holds {begin} to {end}: records were deleted before they were loaded, or the broker's data was "
                "replaced. Derive everything again from the raw topics"
            )
        if committed is None and self.store.holds_partition(partition):
            raise LoaderError(
                f"{self.store.table} has rows of {self.topic}, partition {partition}, but Kafka has forgotten how far "
                "they go (it keeps the offsets of a group that is away for some days only): loading on would double "
                "them. Derive everything again from the raw topics"
            )
        last = None if committed is None else announced_last(committed.metadata)
        log.info("%s, partition %d: from offset %d on, announced up to %s", self.topic, partition, offset, last)
        self._consumer.seek(at, offset)
        return Lane(partition, offset, last, confirmed=committed is not None)

    def _entry(self, record: Any) -> Entry:
        try:
            fact = self.mapping.read(record.value)
            self.mapping.month(fact)
        except (ValueError, LookupError, TypeError, ArithmeticError) as error:
            where = f"{self.topic}, offset {record.offset} of partition {record.partition}"
            raise LoaderError(f"{where}: no fact of {self.store.table} ({error}): {record.value!r}") from error
        return Entry(record.offset, fact)

    def _commit(self, offsets: Mapping[TopicPartition, OffsetAndMetadata], confirmed: Iterable[int]) -> None:
        try:
            self._consumer.commit(dict(offsets), timeout_ms=COMMIT_WITHIN_MS)
        except (CommitFailedError, RebalanceInProgressError) as error:
            raise NotOwnerError(str(error)) from error
        except FencedInstanceIdError as error:
            raise LoaderError(f"another loader runs under the same instance name: {error}") from error
        except KafkaError as error:
            self._leave()  # else Kafka might hear it after what is announced next, and believe the older one
            raise sorted_out_of_kafka(error) from error
        for partition in confirmed:
            self.lanes[partition].confirmed = True

    @property
    def unconfirmed(self) -> set[int]:
        """Partitions of which Kafka does not know yet how far they are in the store.

        One with an announced batch is not among them: to confirm it would take the announcement back.
        """
        return {
            partition for partition, lane in self.lanes.items() if not lane.confirmed and lane.announced_last is None
        }

    def _ends(self, partitions: Iterable[int]) -> dict[TopicPartition, OffsetAndMetadata]:
        return {self._at(each): OffsetAndMetadata(self.lanes[each].next_offset, "", -1) for each in partitions}

    def _at(self, partition: int) -> TopicPartition:
        return TopicPartition(self.topic, partition)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]
    """Runs in Kafka's own thread while `poll` waits for it; nothing may block here, so takeovers are left to `poll`.

    A partition that comes back is a new one: whatever was known of it is forgotten, and read again.
    """

    def __init__(self, consumer: KafkaConsumer, lanes: dict[int, Lane], taken: set[int]) -> None:
        self.consumer = consumer
        self.lanes = lanes
        self.taken = taken

    def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        for at in revoked:
            self.lanes.pop(at.partition, None)
            self.taken.discard(at.partition)

    def on_partitions_lost(self, lost: Iterable[TopicPartition]) -> None:
        self.on_partitions_revoked(lost)

    def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """Stands still at 0 until the takeover has found where to begin."""
        for at in assigned:
            self.consumer.pause(at)
            self.consumer.seek(at, 0)
            self.taken.add(at.partition)
