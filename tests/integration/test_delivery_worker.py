"""Delivery, stage 1, beside its faults: refused records, the directory it waits for, workers that come and go."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient

from tests.integration.delivery_rig import PARTITIONS, Reader, Rig

pytestmark = pytest.mark.timeout(90)
LONGEST_IDLE_S = 5.0


@pytest.fixture
def rig(bootstrap: str, tmp_path: Path) -> Iterator[Rig]:
    with Rig.made(bootstrap, tmp_path) as made:
        yield made


def test_refused_records_are_dead_letters_with_their_bytes_and_origin(rig: Rig) -> None:
    producer = KafkaProducer(bootstrap_servers=rig.bootstrap)
    sent = producer.send(rig.topic("raw"), key=b"key-1", value=b"\xff not json").get(10)
    producer.close()
    rig.send(range(100))
    worker = rig.start()
    rig.await_facts()
    letters = Reader(rig.bootstrap, rig.topic("letters"))
    (letter,) = letters.read()
    letters.close()
    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (b"key-1", b"\xff not json")
    assert headers["source_topic"].decode() == rig.topic("raw")
    assert (int(headers["source_partition"]), int(headers["source_offset"])) == (sent.partition, sent.offset)
    assert headers["reason"] == b"not_json"
    assert "refused: 1 records" in worker.said()
    worker.stop()


def test_a_feed_of_refused_records_stops_the_worker_at_the_same_record_until_it_is_told_to_go_on(rig: Rig) -> None:
    rig.send(range(100), keys=1)
    producer = KafkaProducer(bootstrap_servers=rig.bootstrap)
    for _ in range(60):
        producer.send(rig.topic("raw"), key=b"key-0", value=b"rubbish")
    producer.close()
    rig.send(range(100, 200), keys=1)
    for chunk in (8, 500):
        stopped = rig.start(tolerance=[50], chunk_records=chunk)
        assert stopped.ended() == 1
        assert "50 records in a row are refused, offsets 100 to 149." in stopped.said()
    going_on = rig.start(tolerance=[0])
    rig.await_facts()
    going_on.stop()
    letters = Reader(rig.bootstrap, rig.topic("letters"))
    assert [int(dict(letter.headers)["source_offset"]) for letter in letters.read()] == list(range(100, 160))
    letters.close()


def test_a_worker_waits_for_a_directory_and_says_so(rig: Rig) -> None:
    publish(rig, 0, "495")
    rig.send(range(100))
    worker = rig.start()
    worker.await_said("waiting for a directory")
    publish(rig, 1, "495")
    rig.await_facts()
    publish(rig, 2, "495")  # names alone
    worker.await_said("now version 2")
    rig.send(range(100, 200))
    rig.await_facts()
    worker.stop()


def test_workers_whose_state_was_derived_with_another_directory_wait_until_the_former_is_back(rig: Rig) -> None:
    worker = rig.start("lease.closing=sleep:3")
    worker.await_said("taken over", 2 * PARTITIONS)
    publish(rig, 2, "812")
    worker.await_said("now version 2")
    rig.send(range(100))
    rig.await_facts()
    publish(rig, 3, "343")
    worker.await_said("the directory has changed in a way that changes numbers")
    worker.await_said("Waiting")
    worker.stop()
    assert rig.members() == 0, "a stop that comes while it gives up must wait for that"
    again = rig.start()
    again.await_said("the directory has changed in a way that changes numbers")
    rig.send(range(100, 200))
    publish(rig, 4, "812")
    assert again.ended() == 0
    rig.start()
    rig.await_facts()


def publish(rig: Rig, version: int, area_code: str) -> None:
    """The next version, in one step: the worker reads it whenever it likes."""
    draft = rig.data / "directory.new"
    draft.write_text(f"{version} {area_code}")
    draft.replace(rig.data / "directory")


def test_no_partition_is_idle_for_5_s_when_workers_come_and_go(rig: Rig) -> None:
    """1 -> 2 -> 3 -> 1 by start and SIGTERM."""
    first = rig.start()
    first.await_said("taken over", 2 * PARTITIONS)
    with Traffic(rig) as traffic:
        second = rig.start()
        second.await_said("taken over", PARTITIONS)
        third = rig.start()
        third.await_said("taken over", 2)
        first.stop()
        third.stop()
        rig.await_some_facts(rig.count() + 500)
    rig.await_facts()
    assert max(traffic.idle.values()) < LONGEST_IDLE_S, traffic.idle
    second.stop()


def test_a_killed_workers_partitions_come_back_with_it_before_its_session_ends(rig: Rig) -> None:
    """The slot's name brings them back: no rebalance, so the other worker gives nothing up."""
    killed = rig.start(session_timeout_s=30.0)
    killed.await_said("taken over", 2 * PARTITIONS)
    other = rig.start()
    other.await_said("taken over", PARTITIONS)
    killed.kill()
    rig.send(range(1_000), keys=32)
    again = rig.start(session_timeout_s=30.0)
    again.await_said("taken over", 2)
    rig.await_facts()
    assert "given up" not in other.said()


class Traffic:
    """Sends all the time, and notes how long each partition of both stages stood still while records were waiting."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._over = Event()
        self._threads = [Thread(target=self._send), Thread(target=self._watch)]
        self._moved: dict[TopicPartition, tuple[int, float]] = {}
        self.idle: dict[TopicPartition, float] = {}

    def __enter__(self) -> "Traffic":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self) -> None:
        start = 0
        while not self._over.wait(0.2):
            self._rig.send(range(start, start + 100), keys=32)
            start += 100

    def _watch(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self._rig.bootstrap)
        consumer = KafkaConsumer(bootstrap_servers=self._rig.bootstrap)
        while not self._over.wait(0.1):
            for stage in self._rig.stages():
                partitions = [TopicPartition(stage.source_topic, number) for number in range(PARTITIONS)]
                ends = consumer.end_offsets(partitions)
                committed = admin.list_group_offsets({stage.group: partitions})[stage.group]
                for partition in partitions:
                    offset = committed[partition].offset if partition in committed else -1
                    self._note(partition, offset, ends[partition])
        consumer.close()
        admin.close()

    def _note(self, partition: TopicPartition, offset: int, end: int) -> None:
        """One offset before the end may be a transaction's marker."""
        now = time.monotonic()
        before, since = self._moved.get(partition, (offset, now))
        if offset != before or end - offset <= 1:
            self._moved[partition] = (offset, now)
        else:
            self._moved.setdefault(partition, (offset, now))
            self.idle[partition] = max(self.idle.get(partition, 0.0), now - since)
