"""`pulse dead-letters` against a real broker: every letter is counted, shown as it was, and goes back exactly once."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

import orjson
import pytest
from aiokafka import TopicPartition as Partition
from click.testing import CliRunner
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition

from deploy.broker import LocalBroker
from deploy.cli import main
from producers.replay import replay
from streams.chunks import Outputs
from streams.contracts.records import Reason
from streams.contracts.stages import Stage
from streams.contracts.topics import CALL_RECORDS, CALLS_CHANGELOG, DEAD_LETTERS, ORDER_EVENTS, REPLAYED
from streams.dead_letters import DeadLettersError, Letter, read_letters, read_replayed
from streams.delivery.routing import routed, router

USED = (CALL_RECORDS, ORDER_EVENTS, DEAD_LETTERS, REPLAYED)
NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
CALL: dict[str, Any] = {
    "v": 1,
    "server": "pbx-1",
    "record_id": "r",
    "call_id": "c",
    "direction": "inbound",
    "caller": "",
    "callee": "",
    "started_at": "2026-03-01T10:00:00Z",
    "ended_at": "2026-03-01T10:01:00Z",
    "observed_at": "2026-03-01T10:01:01Z",
}
GOOD = orjson.dumps(CALL)
BROKEN = GOOD.replace(b"inbound", b"in\x1b[31mbound\n")


@dataclass
class Refused:
    """A message as a stage met it."""

    value: bytes | None
    reason: Reason
    key: bytes | None = b"pbx-1"
    offset: int = 41
    topic: str = CALL_RECORDS.name


@pytest.fixture(scope="module")
def broker_of_letters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """One of its own: the topics have their real names."""
    with LocalBroker(tmp_path_factory.mktemp("letters")) as running:
        yield running


@pytest.fixture
def kafka(broker_of_letters: LocalBroker) -> str:
    """With empty topics, so that offsets begin with 0."""
    admin = KafkaAdminClient(bootstrap_servers=broker_of_letters.address)
    names = [topic.name for topic in USED]
    admin.delete_topics(sorted(set(names) & set(admin.list_topics())))
    new = {
        topic.name: {"num_partitions": topic.partitions, "replication_factor": 1, "configs": topic.configuration()}
        for topic in USED
    }
    admin.create_topics(new, wait_for_metadata=True)
    admin.close()
    return broker_of_letters.address


def _refuse(kafka: str, *refused: Refused, generation: int = 1) -> None:
    """As the delivery layer writes them, in a transaction, whose marker takes an offset too."""
    producer = KafkaProducer(bootstrap_servers=kafka, transactional_id="stage", max_request_size=4 << 20)
    producer.init_transactions()
    producer.begin_transaction()
    stage = Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (), DEAD_LETTERS, generation)
    for one in refused:
        outputs = Outputs()
        outputs.refuse(one, one.reason, "what is\nwrong")
        source, route = Partition(one.topic, 2), router({DEAD_LETTERS.name: 1})
        for letters in routed(outputs, stage, source, route, NOW).values():
            for key, value, headers in letters:
                producer.send(DEAD_LETTERS.name, key=key, value=value, headers=headers)
    producer.commit_transaction()
    producer.close()


def _pulse(kafka: str, *words: str, stdin: bytes | None = None) -> str:
    ran = CliRunner().invoke(main, ["dead-letters", words[0], "--kafka", kafka, *words[1:]], input=stdin)
    assert ran.exit_code == 0, ran.output
    return ran.output


def _fails(kafka: str, *words: str, stdin: bytes | None = None) -> str:
    ran = CliRunner().invoke(main, ["dead-letters", words[0], "--kafka", kafka, *words[1:]], input=stdin)
    assert ran.exit_code == 1
    return ran.output


def _records(kafka: str, topic: str) -> list[tuple[bytes | None, bytes | None]]:
    """Everything in a topic that is committed."""
    consumer = KafkaConsumer(bootstrap_servers=kafka, isolation_level="read_committed")
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    consumer.assign(partitions)
    consumer.seek_to_beginning()
    ends = consumer.end_offsets(partitions)
    found = []
    deadline = time.monotonic() + 30
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        assert time.monotonic() < deadline, "the topic could not be read to its end"
        for messages in consumer.poll(timeout_ms=100).values():
            found += [(message.key, message.value) for message in messages]
    consumer.close()
    return sorted(found, key=repr)


def test_letters_are_counted_by_reason_and_topic_and_the_newest_come_first(kafka: str) -> None:
    assert _pulse(kafka, "list") == "0 dead letters\n"
    bad = Refused(b"{bad", "not_json", key=None)
    _refuse(kafka, bad, Refused(BROKEN, "bad_value"), bad)
    _refuse(kafka, Refused(b"{}", "missing_field", b"a/1", 7, ORDER_EVENTS.name))
    said = _pulse(kafka, "list")
    wrong = r"what is\nwrong"
    assert said.splitlines()[:4] == [
        "4 dead letters",
        f"         2  not_json  telephony.call-records; the last, at offset 2: {wrong}",
        f"         1  bad_value  telephony.call-records; the last, at offset 1: {wrong}",
        f"         1  missing_field  dispatch.order-events; the last, at offset 4: {wrong}",
    ]
    assert re.findall(r"^offset (\d+)", said, re.MULTILINE) == ["4", "2", "1", "0"]
    assert "offset 4: missing_field, from dispatch.order-events/2/7, 2026-03-02T10:00:00.000+00:00" in said
    assert r"what is\nwrong" in said
    assert "\x1b" not in said
    few = _pulse(kafka, "list", "--reason", "not_json", "--topic", CALL_RECORDS.name, "--limit", "1")
    assert few.startswith("2 dead letters\n")
    assert re.findall(r"^offset (\d+)", few, re.MULTILINE) == ["2"]
    assert _pulse(kafka, "list", "--topic", "elsewhere") == "0 dead letters\n"


def test_a_letter_is_shown_whole_in_print_or_as_its_bytes(kafka: str) -> None:
    _refuse(kafka, Refused(BROKEN, "bad_value"), Refused(None, "not_json", key=b"k"))
    said = _pulse(kafka, "show", "0")
    assert "source_topic: telephony.call-records\nsource_partition: 2\nsource_offset: 41\n" in said
    assert "key: pbx-1\n" in said
    assert f"{len(BROKEN)} bytes:\n" in said
    assert r"in\x1b[31mbound\n" in said
    assert "key: k\nno value:\n" in _pulse(kafka, "show", "1")
    raw = CliRunner().invoke(main, ["dead-letters", "show", "--raw", "--kafka", kafka, "0"])
    assert raw.stdout_bytes == BROKEN
    assert "there is no dead letter at offset 2" in _fails(kafka, "show", "2")
    assert "there is no dead letter at offset 99" in _fails(kafka, "show", "99")


def test_what_is_good_now_goes_back_once_as_it_was_and_the_rest_is_left(kafka: str) -> None:
    _refuse(kafka, Refused(GOOD, "too_old"), Refused(b"{bad", "not_json"), Refused(GOOD, "bad_value", key=b"pbx-2"))
    told = "2 {}; 2 to telephony.call-records\n1 left, they would be refused again: not_json, telephony.call-records\n"
    assert _pulse(kafka, "replay", "--dry-run") == told.format("would be sent")
    assert _records(kafka, CALL_RECORDS.name) == []
    assert _pulse(kafka, "replay") == told.format("sent")
    assert _records(kafka, CALL_RECORDS.name) == [(b"pbx-1", GOOD)] * 2
    assert _pulse(kafka, "replay").startswith("0 sent\n2 left, they were replayed before\n")
    assert len(_records(kafka, CALL_RECORDS.name)) == 2
    assert "replayed 20" in _pulse(kafka, "list")
    assert set(read_replayed(kafka)) == {0, 2}


def test_only_those_asked_for_go_back(kafka: str) -> None:
    order = orjson.dumps({"v": 1})
    _refuse(kafka, *(Refused(GOOD, reason) for reason in ("too_old", "bad_value", "too_old")))
    _refuse(kafka, Refused(order, "too_old", b"a/1", 7, ORDER_EVENTS.name))
    assert _pulse(kafka, "replay", "--offset", "2").startswith("1 sent")
    assert _pulse(kafka, "replay", "--reason", "bad_value").startswith("1 sent")
    assert _pulse(kafka, "replay", "--topic", ORDER_EVENTS.name).startswith("0 sent\n1 left, they would be refused")
    assert set(read_replayed(kafka)) == {1, 2}


def test_a_letter_that_was_put_right_by_hand_goes_back_under_its_key_once(kafka: str) -> None:
    _refuse(kafka, Refused(BROKEN, "bad_value", key=None))
    words = ("replay", "--offset", "0", "--file", "-")
    assert "it would be refused again: not_json" in _fails(kafka, *words, stdin=BROKEN)
    assert _pulse(kafka, *words, stdin=GOOD + b"\n").startswith("1 sent")
    assert _pulse(kafka, *words, stdin=GOOD + b"\n").startswith("0 sent\n1 left, they were replayed before")
    assert _records(kafka, CALL_RECORDS.name) == [(b"pbx-1", GOOD)]
    unnamed = CliRunner().invoke(main, ["dead-letters", "replay", "--kafka", kafka, "--file", "-"])
    assert unnamed.exit_code == 2


def test_what_never_fitted_its_topic_is_left(kafka: str) -> None:
    long = orjson.dumps(CALL | {"agent": "x" * (1 << 20)})
    _refuse(kafka, Refused(long, "too_large"), Refused(GOOD, "bad_value", topic="somewhere"))
    said = _pulse(kafka, "replay")
    assert said.startswith("0 sent\n")
    assert "too_large, telephony.call-records" in said
    assert "bad_value, somewhere" in said


def test_a_replay_that_is_cut_off_leaves_nothing_half_and_the_next_one_goes_on(kafka: str) -> None:
    _refuse(kafka, *(Refused(orjson.dumps(CALL | {"record_id": str(n)}), "too_old") for n in range(250)))

    def clock() -> Iterator[datetime]:
        yield from [NOW] * 150
        raise KeyboardInterrupt

    ticks = clock()
    with pytest.raises(KeyboardInterrupt):
        replay(kafka, read_letters(kafka), lambda: next(ticks))
    assert len(_records(kafka, CALL_RECORDS.name)) == len(_records(kafka, REPLAYED.name)) == 100
    assert _pulse(kafka, "replay").startswith("150 sent")
    found = [value for _, value in _records(kafka, CALL_RECORDS.name)]
    assert len(found) == len(set(found)) == 250


def test_letters_are_looked_for_before_a_transaction_is_opened_however_long_that_takes(kafka: str) -> None:
    _refuse(kafka, *(Refused(orjson.dumps(CALL | {"record_id": str(n)}), "too_old") for n in range(102)))
    happened: list[str] = []

    def looked_for() -> Iterator[Letter]:
        for letter in read_letters(kafka):
            happened.append("found")
            yield letter

    def clock() -> datetime:
        happened.append("sent")
        return NOW

    replay(kafka, looked_for(), clock)
    assert [(what, len([*each])) for what, each in groupby(happened)] == [
        ("found", 100),
        ("sent", 100),
        ("found", 2),
        ("sent", 2),
    ]


def test_of_two_replays_at_once_the_first_fails_and_each_letter_goes_back_once(kafka: str) -> None:
    _refuse(kafka, *(Refused(orjson.dumps(CALL | {"record_id": str(n)}), "too_old") for n in range(3)))

    def overtaken() -> datetime:
        if not read_replayed(kafka):
            assert _pulse(kafka, "replay").startswith("3 sent")
        return NOW

    with pytest.raises(DeadLettersError, match=r"another replay was started meanwhile.*run the command again"):
        replay(kafka, read_letters(kafka), overtaken)
    assert len(_records(kafka, CALL_RECORDS.name)) == 3


def test_a_topic_that_is_not_there_is_named(kafka: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=kafka)
    admin.delete_topics([DEAD_LETTERS.name])
    deadline = time.monotonic() + 30
    while DEAD_LETTERS.name in admin.list_topics():
        assert time.monotonic() < deadline, "the topic was not deleted"
        time.sleep(0.05)
    admin.close()
    assert "there is no topic dead-letters: run `pulse topics apply`" in _fails(kafka, "list")


def test_what_a_rebuild_refuses_once_more_is_the_letter_that_was_there(kafka: str) -> None:
    _refuse(kafka, Refused(b"", "not_json", offset=1), Refused(b"x", "not_json", offset=2))
    again = (Refused(b"", "not_json", offset=1), Refused(b"x", "not_json", offset=2))
    _refuse(kafka, *again, Refused(b"y", "not_json", offset=3), generation=2)
    assert [letter.value for letter in read_letters(kafka)] == [b"", b"x", b"y"]
    assert _pulse(kafka, "list").startswith("3 dead letters")
