"""Where messages go: the same key meets in the same partition whoever wrote it, and refused bytes stay as they were."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import orjson
import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import DefaultPartitioner

import streams.contracts
from producers.replay import _note
from streams.chunks import Outputs
from streams.contracts.stages import Stage
from streams.contracts.topics import ACTIVITY, CALL_RECORDS, CALLS_CHANGELOG, DEAD_LETTERS, INNER_MESSAGE_BYTES
from streams.delivery.routing import partition_of, routed, router
from streams.delivery.transaction import MessageTooLargeError, check_size
from tests.unit.test_delivery_bounds import Sized

STAGE = Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS, generation=3)
SOURCE = TopicPartition("telephony.call-records", 1)
EXAMPLES = Path(streams.contracts.__file__).parent / "examples"
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(st.binary(), st.integers(1, 64))
def test_kafka_python_and_the_worker_agree_on_the_partition_of_a_key(key: bytes, partitions: int) -> None:
    cluster = SimpleNamespace(
        topics=lambda: {"topic"},
        partitions_for_topic=lambda _: set(range(partitions)),
        available_partitions_for_topic=lambda _: set(range(partitions)),
    )
    theirs = DefaultPartitioner().partition("topic", key, key, b"", b"", cluster)
    assert partition_of(key, partitions) == theirs


# from the tests of Kafka's own client (UtilsTest.testMurmur2)
@pytest.mark.parametrize(
    ("key", "hashed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
def test_java_agrees_as_well(key: bytes, hashed: int) -> None:
    assert partition_of(key, 1 << 31) == hashed & 0x7FFFFFFF


def test_outputs_carry_the_generation_and_refused_bytes_their_origin() -> None:
    outputs = Outputs()
    outputs.emit(ACTIVITY, b"orbita", b"{}")
    outputs.refuse(Sized(b"\xff", b"pbx-1", 12), "not_utf8", "byte 0")
    messages = routed(outputs, STAGE, SOURCE, router({"clients.activity.g3": 4, "dead-letters": 1}), NOW)
    assert messages[TopicPartition("clients.activity.g3", partition_of(b"orbita", 4))] == [(b"orbita", b"{}", [])]
    ((key, value, headers),) = messages[TopicPartition("dead-letters", 0)]
    assert (key, value) == (b"pbx-1", b"\xff")
    assert dict(headers) == {
        "source_topic": b"telephony.call-records",
        "source_partition": b"1",
        "source_offset": b"12",
        "reason": b"not_utf8",
        "error": b"byte 0",
        "at": b"2026-03-01T12:00:00.000+00:00",
        "generation": b"3",
    }


def test_a_letter_is_written_as_its_golden_example_says() -> None:
    example = orjson.loads((EXAMPLES / "dead-letters" / "good.no-offset.json").read_bytes())
    said = example["headers"]
    source = TopicPartition(said["source_topic"], int(said["source_partition"]))
    outputs = Outputs()
    refused = Sized(example["value"].encode(), example["key"], int(said["source_offset"]))
    outputs.refuse(refused, said["reason"], said["error"])
    messages = routed(
        outputs, replace(STAGE, generation=1), source, router({"dead-letters": 1}), datetime.fromisoformat(said["at"])
    )
    ((key, value, headers),) = messages[TopicPartition("dead-letters", 0)]
    assert (key, value) == (example["key"], example["value"].encode())
    assert {name: header.decode() for name, header in headers} == said


def test_a_note_of_a_replay_is_written_as_its_golden_example_says() -> None:
    example = orjson.loads((EXAMPLES / "dead-letters.replayed" / "good.note.json").read_bytes())
    told = example["value"]
    assert orjson.loads(_note(told["topic"], datetime.fromisoformat(told["at"]))) == told


def test_a_message_that_no_topic_takes_is_named() -> None:
    with pytest.raises(MessageTooLargeError, match="for topic, partition 0, is over"):
        check_size(TopicPartition("topic", 0), b"key", b"x" * INNER_MESSAGE_BYTES)
