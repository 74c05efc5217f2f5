"""What pausing a partition rests on: it goes on when it is resumed, whatever was in hand of it.

kafka-python forgets a partition that is paused with a part of its fetched records not yet returned; a poll that takes
all there is leaves no such part. Every consumer that pauses has the same bound.
"""

from collections import Counter
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from clickhouse.verify.raw import TopicReader
from streams.progress import MOST_POLLED

RECORDS = 5_000


def test_a_paused_partition_goes_on_when_it_is_resumed(bootstrap: str) -> None:
    topic = _filled(bootstrap)
    partitions = [TopicPartition(topic, number) for number in (0, 1)]
    consumer = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        max_poll_records=MOST_POLLED,
        max_partition_fetch_bytes=10_000,
    )
    consumer.assign(partitions)
    consumer.seek_to_beginning(*partitions)
    seen: Counter[int] = Counter()
    while not seen:
        _poll(consumer, seen)
    paused = partitions[min(seen)]
    consumer.pause(paused)
    for _ in range(5):
        _poll(consumer, seen)
    consumer.resume(paused)
    for _ in range(200):
        _poll(consumer, seen)
        if seen[paused.partition] == RECORDS:
            break
    consumer.close()
    assert seen[paused.partition] == RECORDS


def test_a_topic_that_was_read_up_to_an_end_is_read_on(bootstrap: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As `pulse verify` does while records come in: more were fetched than there were when the reading began."""
    with TopicReader(bootstrap, _filled(bootstrap)) as reader:
        early = {TopicPartition(reader.topic, 0): 10, TopicPartition(reader.topic, 1): RECORDS}
        with monkeypatch.context() as reading:
            reading.setattr(reader, "_ends", lambda: early)
            first = sum(1 for _ in reader.read_on())
        assert first + sum(1 for _ in reader.read_on()) == 2 * RECORDS


def _poll(consumer: KafkaConsumer, seen: Counter[int]) -> None:
    for at, records in consumer.poll(timeout_ms=100).items():
        seen[at.partition] += len(records)


def _filled(bootstrap: str) -> str:
    topic = f"paused-{uuid4().hex[:8]}"
    admin = KafkaAdminClient(bootstrap_servers=bootstrap)
    admin.create_topics([NewTopic(topic, 2, 1)], wait_for_metadata=True)
    admin.close()
    producer = KafkaProducer(bootstrap_servers=bootstrap, batch_size=1_000)
    for number in range(RECORDS):
        for partition in (0, 1):
            producer.send(topic, value=b"%06d" % number, partition=partition)
    producer.flush()
    producer.close()
    return topic
