"""One Kafka transaction per chunk: outputs, changed state, dead letters and the input offset, or none of them.

Comes in: a started transactional producer and messages by partition. Goes out: where each partition's messages ended.
When `commit` returns the transaction is committed; when it raises, nobody may use the producer for another one.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from streams.contracts.topics import INNER_MESSAGE_BYTES
from streams.failpoints import hit

Header = tuple[str, bytes]
Outgoing = tuple[bytes | None, bytes | None, list[Header]]
Delivery = tuple[TopicPartition, int, asyncio.Future[Any]]
"""Where a batch goes, how many messages it has, and what becomes of it."""
ENVELOPE_BYTES = 1 << 10
"""More than a batch and a record add around key, value and headers."""


class MessageTooLargeError(RuntimeError):
    """An output that no topic takes. Nothing of its chunk is committed; no retry can cure it."""


async def commit(
    producer: AIOKafkaProducer,
    outgoing: Mapping[TopicPartition, Iterable[Outgoing]],
    offsets: Mapping[TopicPartition, int],
    group: str,
) -> dict[TopicPartition, int]:
    batches = [
        (partition, batch)
        for partition, messages in outgoing.items()
        for batch in _batches(producer, partition, messages)
    ]
    deliveries: list[Delivery] = []
    await hit("transaction.before")
    async with producer.transaction():
        await hit("transaction.begun")
        try:
            for partition, batch in batches:
                sent = await producer.send_batch(batch, partition.topic, partition=partition.partition)
                deliveries.append((partition, batch.record_count(), sent))
            await hit("transaction.written")
            committed = {partition: OffsetAndMetadata(offset, "") for partition, offset in offsets.items()}
            await producer.send_offsets_to_transaction(committed, group)
            await hit("transaction.sent")
        finally:
            # on every path: a delivery that nobody awaited would go on behind the next owner's back
            results = await asyncio.gather(*(sent for _, _, sent in deliveries), return_exceptions=True)
        ends = _ends(deliveries, results)
        await hit("transaction.delivered")
    await hit("transaction.committed")
    return ends


def _ends(deliveries: list[Delivery], results: list[Any]) -> dict[TopicPartition, int]:
    """The offset behind the last message of each partition; a delivery's result carries its batch's first offset."""
    ends = {}
    for (partition, count, _), result in zip(deliveries, results, strict=True):
        if isinstance(result, BaseException):
            raise result
        ends[partition] = result.offset + count
    return ends


def _batches(producer: AIOKafkaProducer, partition: TopicPartition, messages: Iterable[Outgoing]) -> Iterator[Any]:
    """As few batches as their size allows; a message larger than a batch gets one of its own."""
    batch = producer.create_batch()
    for key, value, headers in messages:
        check_size(partition, key, value)
        if batch.append(key=key, value=value, timestamp=None, headers=headers) is None:
            yield batch
            batch = producer.create_batch()
            batch.append(key=key, value=value, timestamp=None, headers=headers)
    batch.close()
    if batch.record_count():
        yield batch


def check_size(partition: TopicPartition, key: bytes | None, value: bytes | None) -> None:
    size = len(key or b"") + len(value or b"") + ENVELOPE_BYTES
    if size > INNER_MESSAGE_BYTES:
        raise MessageTooLargeError(
            f"a message of {size} bytes for {partition.topic}, partition {partition.partition}, is over the "
            f"{INNER_MESSAGE_BYTES} it takes; its key begins with {(key or b'')[:80]!r}. Starting again does not help: "
            "the rule has to emit or store less at once"
        )
