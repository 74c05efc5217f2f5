"""Taking a partition over: fence the former owner, and only then ask where it got to.

Comes in: an assigned partition. Goes out: the started producer of its transactional id, and what the group committed.
Runs inside the rebalance callback, where no heartbeat is sent: it is short, and touches neither state nor records.
"""

from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from streams.contracts.stages import Stage
from streams.contracts.topics import INNER_MESSAGE_BYTES
from streams.delivery.limits import Limits
from streams.failpoints import hit

BATCH_BYTES = 1 << 20


class OffsetOutsideLogError(RuntimeError):
    """The committed offset points to records that are not there: never a silent reset."""


class OvertakenError(RuntimeError):
    """Another worker has gone on with the partition since it was taken over: we were paused in between."""


@dataclass(frozen=True)
class Taken:
    partition: TopicPartition
    producer: AIOKafkaProducer
    committed: int | None
    """None where the group never committed."""
    start: int
    """Where the log begins."""
    end: int
    partitions: dict[str, int]
    """Partition counts of the topics the stage writes."""

    @property
    def name(self) -> str:
        return f"{self.partition.topic} partition {self.partition.partition}"


async def take_over(
    bootstrap: str, stage: Stage, limits: Limits, consumer: AIOKafkaConsumer, tp: TopicPartition
) -> Taken:
    producer = _producer(bootstrap, stage.transactional_id(tp.partition), limits)
    await hit("takeover.before")
    await producer.start()  # fences the former owner and ends what it left open, BEFORE the offset is read
    await hit("takeover.fenced")
    counts = {topic: len(await producer.partitions_for(topic)) for topic in stage.written_topics}
    committed = await consumer.committed(tp)
    await hit("takeover.asked")
    start = (await consumer.beginning_offsets([tp]))[tp]
    end = (await consumer.end_offsets([tp]))[tp]
    await hit("takeover.after")
    return Taken(tp, producer, committed, start, end, counts)


async def check_not_overtaken(taken: Taken, known: int | None, consumer: AIOKafkaConsumer) -> None:
    """Raises where the state is ahead of what was committed then, and the group has got there by now."""
    if known is None or known <= (taken.committed or 0):
        return
    now = await consumer.committed(taken.partition)
    if now is not None and now >= known:
        raise OvertakenError(f"{taken.name} was committed up to {taken.committed} when taken over, now to {now}")


def first_offset(taken: Taken, known: int | None) -> int:
    """Where to go on: the group's committed offset.

    `known` is what the state says about itself. Kafka forgets a group's offsets some days after its last member left;
    the state, written in the same transactions, has not. Without a word of it the state itself is gone.
    """
    offset = known if taken.committed is None else taken.committed
    if offset is None:
        return taken.start
    if known is None:
        raise OffsetOutsideLogError(
            f"{taken.name} is committed up to {offset}, but its changelog says nothing of it: the changelog was "
            "removed, or lost with the broker's data, and the state with it. Restore it, or rebuild"
        )
    if known != offset:
        raise OffsetOutsideLogError(
            f"{taken.name} is committed up to {offset}, but its state was derived up to {known}: somebody moved "
            "the group's offsets, or removed its changelog. Set the offset back, or rebuild"
        )
    if not taken.start <= offset <= taken.end:
        raise OffsetOutsideLogError(
            f"{taken.name} is committed up to {offset}, but the log goes from {taken.start} to {taken.end}: "
            "records were lost, by retention or with the broker's data. Restore them, or rebuild"
        )
    return offset


def _producer(bootstrap: str, transactional_id: str, limits: Limits) -> AIOKafkaProducer:
    return AIOKafkaProducer(
        bootstrap_servers=bootstrap,
        transactional_id=transactional_id,
        transaction_timeout_ms=int(limits.transaction_timeout_s * 1_000),
        acks="all",
        compression_type="zstd",
        max_batch_size=BATCH_BYTES,
        max_request_size=INNER_MESSAGE_BYTES,
        # the first write of a transaction is refused while the former one is still being completed, and retried
        retry_backoff_ms=10,
    )
