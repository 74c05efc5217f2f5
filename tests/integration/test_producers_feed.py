"""`pulse produce file` and `pulse directory apply` against a real broker: nothing lost, and resumable after a kill."""

import gzip
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from random import Random
from threading import Thread
from typing import Any

import orjson
import pytest
from click.testing import CliRunner
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaConnectionError
from kafka.producer.transaction_manager import TransactionManager

from deploy import topics
from deploy.broker import LocalBroker
from deploy.cli import main
from producers.directory import Changes, compare, publish, read_directory_file
from producers.directory.publish import messages as messages_of
from producers.file import CONTRACTS, Feed, Sent, Watcher, produce_file
from producers.lines import FileError, Place
from producers.sending import DeliveryError, Sender
from producers.simulator.city import Plan
from producers.simulator.run import send_history
from producers.simulator.simulate import Simulation
from streams.contracts.directory import Entities
from streams.contracts.records import Refused, read
from streams.contracts.topics import CALL_RECORDS, DEAD_LETTERS, RAW_MESSAGE_BYTES
from streams.directory_topic import DirectoryError, read_directory

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
EXAMPLE = Path("deploy/directory.example.yaml")
WITHOUT_CAMPAIGNS = read_directory_file(EXAMPLE).model_copy(update={"campaigns": ()})
MANY = 80_000
"""Lines that take longer to send than the first acknowledgement to come back."""
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


@pytest.fixture(scope="module")
def feed_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """One of its own: these tests kill it, and use the topics by their real names."""
    with LocalBroker(tmp_path_factory.mktemp("feed")) as running:
        topics.apply(running.address, topics.Wanted())
        yield running


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


class Heard(Watcher):
    """Keeps what it is told of refused lines."""

    def __init__(self) -> None:
        self.refusals: list[tuple[int, str]] = []

    def begins(self, name: str, start: Place, size: int | None) -> None: ...

    def moved(self, place: Place) -> None: ...

    def refused(self, name: str, line: int, refusal: Refused) -> None:
        self.refusals.append((line, refusal.reason))

    def waiting(self, message: str) -> None: ...


def _ends(broker: LocalBroker, topic: str) -> dict[TopicPartition, int]:
    consumer = KafkaConsumer(bootstrap_servers=broker.address)
    partitions = [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic)]
    ends: dict[TopicPartition, int] = consumer.end_offsets(partitions)
    consumer.close()
    return ends


def _since(broker: LocalBroker, starts: dict[TopicPartition, int]) -> list[Any]:
    """Every message from these offsets to the present end."""
    ends = _ends(broker, next(iter(starts)).topic)
    consumer = KafkaConsumer(bootstrap_servers=broker.address, max_partition_fetch_bytes=8 << 20)
    consumer.assign(list(starts))
    for partition, offset in starts.items():
        consumer.seek(partition, offset)
    found: list[Any] = []
    deadline = time.monotonic() + 30
    while any(consumer.position(partition) < end for partition, end in ends.items()):
        assert time.monotonic() < deadline, "the topic could not be read to its end"
        for messages in consumer.poll(timeout_ms=100).values():
            found += messages
    consumer.close()
    return found


def _file(tmp_path: Path, lines: int, name: str = "calls.jsonl") -> Path:
    path = tmp_path / name
    records = (CALL | {"record_id": str(line), "server": f"pbx-{line % 3}"} for line in range(lines))
    path.write_bytes(b"".join(orjson.dumps(record) + b"\n" for record in records))
    return path


def _feed(broker: LocalBroker, data: Path, *, restart: bool = False) -> Feed:
    return Feed(broker.address, CALL_RECORDS.name, data, lambda: NOW, restart)


def test_each_line_is_sent_as_written_and_the_good_ones_under_their_key(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    good, spaced = orjson.dumps(CALL), b' {"v": 1} '
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\r\n{bad\n" + b"\xff\xfe\xfd\n" + spaced + b"\n" + good)
    starts, heard = _ends(feed_broker, CALL_RECORDS.name), Heard()
    sent = produce_file(_feed(feed_broker, data), str(path), heard)
    assert sent == Sent(str(path), Place(), records=5, refused=3, blank=1)
    found = {(message.key, message.value) for message in _since(feed_broker, starts)}
    assert found == {(b"pbx-1", good), (None, b"{bad"), (None, b"\xff\xfe\xfd"), (None, spaced)}
    assert heard.refusals == [(3, "not_json"), (4, "not_utf8"), (5, "missing_field")]


def test_what_the_raw_topic_cannot_take_goes_into_the_dead_letters_whole_or_its_first_part(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(b"x" * (2 << 20) + b"\n" + orjson.dumps(CALL) + b"\n" + b"y" * (6 << 20))
    raw, letters = _ends(feed_broker, CALL_RECORDS.name), _ends(feed_broker, DEAD_LETTERS.name)
    sent = produce_file(_feed(feed_broker, data), str(path), Heard())
    assert (sent.records, sent.too_long) == (1, 2)
    assert len(_since(feed_broker, raw)) == 1
    whole, part = _since(feed_broker, letters)
    assert whole.value == b"x" * (2 << 20)
    assert 3 << 20 < len(part.value) < 4 << 20
    assert dict(whole.headers) == {
        "source_topic": b"telephony.call-records",
        "source_partition": b"-1",
        "source_offset": b"1",
        "reason": b"too_large",
        "error": b"2097152 bytes, telephony.call-records takes 1047552",
        "at": b"2026-03-02T10:00:00.000+00:00",
        "file": str(path).encode(),
    }
    assert b"only the first" in dict(part.headers)["error"]


def test_standard_input_is_unpacked_like_a_file_and_may_be_named_twice(
    feed_broker: LocalBroker, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "calls.jsonl.gz"
    packed.write_bytes(gzip.compress(_file(tmp_path, 3).read_bytes()))
    starts = _ends(feed_broker, CALL_RECORDS.name)
    with packed.open("rb") as standard_input:
        monkeypatch.setattr("producers.lines.STANDARD_INPUT_DESCRIPTOR", standard_input.fileno())
        where = ["--data", str(data), "--kafka", feed_broker.address]
        fed = CliRunner().invoke(main, ["produce", "file", "--topic", CALL_RECORDS.name, *where, "-", "-"])
    assert fed.output == "-: 3 lines sent\n-: 0 lines sent; the file is empty\n"
    assert len(_since(feed_broker, starts)) == 3


def test_a_record_just_under_the_limit_of_the_topic_is_left_to_the_stream_to_refuse(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    path = tmp_path / "large.jsonl"
    path.write_bytes(bytes(range(97, 123)) * 40_290 + b"\n")
    starts, heard = _ends(feed_broker, CALL_RECORDS.name), Heard()
    assert produce_file(_feed(feed_broker, data), str(path), heard).too_long == 0
    assert [len(message.value) for message in _since(feed_broker, starts)] == [26 * 40_290]
    assert heard.refusals == [(1, "too_large")]


def test_a_file_that_was_delivered_is_not_sent_again_but_what_was_added_is(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    path, feed = _file(tmp_path, 100), _feed(feed_broker, data)
    starts = _ends(feed_broker, CALL_RECORDS.name)
    assert produce_file(feed, str(path), Heard()).records == 100
    assert produce_file(feed, str(path), Heard()).records == 0
    with path.open("ab") as file:
        file.write(orjson.dumps(CALL | {"record_id": "new"}) + b"\n")
    assert produce_file(feed, str(path), Heard()).records == 1
    assert len(_since(feed_broker, starts)) == 101
    assert produce_file(_feed(feed_broker, data, restart=True), str(path), Heard()).records == 101


def test_a_half_written_last_line_is_sent_again_when_it_is_whole(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    path, line = tmp_path / "growing.jsonl", orjson.dumps(CALL)
    path.write_bytes(line + b"\n" + line[:50])
    starts = _ends(feed_broker, CALL_RECORDS.name)
    produce_file(_feed(feed_broker, data), str(path), Heard())
    path.write_bytes(line + b"\n" + line + b"\n")
    produce_file(_feed(feed_broker, data), str(path), Heard())
    assert sorted(message.value for message in _since(feed_broker, starts)) == sorted([line, line[:50], line])


def _start_feed(broker: LocalBroker, data: Path, path: Path) -> subprocess.Popen[str]:
    """`pulse produce file` in a process of its own, returned once its first deliveries are acknowledged."""
    command = [str(Path(sys.executable).with_name("pulse")), "produce", "file", "--topic", CALL_RECORDS.name]
    where = ["--data", str(data), "--kafka", broker.address, str(path)]
    feed = subprocess.Popen([*command, *where], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    deadline = time.monotonic() + 60
    while not list(data.glob("produce/*.json")):
        assert feed.poll() is None, "it ended before anything could be done to it"
        assert time.monotonic() < deadline, "nothing was acknowledged"
        time.sleep(0.01)
    return feed


def _delivered(broker: LocalBroker, starts: dict[TopicPartition, int]) -> set[int]:
    return {int(orjson.loads(message.value)["record_id"]) for message in _since(broker, starts)}


def test_a_killed_run_goes_on_where_deliveries_were_acknowledged(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    path, starts = _file(tmp_path, MANY), _ends(feed_broker, CALL_RECORDS.name)
    feed = _start_feed(feed_broker, data, path)
    feed.kill()
    feed.communicate()
    sent = produce_file(_feed(feed_broker, data), str(path), Heard())
    assert 0 < sent.start.line < MANY
    assert sent.records == MANY - sent.start.line
    assert _delivered(feed_broker, starts) == set(range(MANY))


def test_an_outage_of_the_broker_is_waited_out(feed_broker: LocalBroker, data: Path, tmp_path: Path) -> None:
    path, starts = _file(tmp_path, MANY), _ends(feed_broker, CALL_RECORDS.name)
    feed = _start_feed(feed_broker, data, path)
    feed_broker.kill()
    assert feed.poll() is None, "it had sent everything before the broker was killed"
    feed_broker.start()
    said, _ = feed.communicate(timeout=90)
    assert f"{path}: {MANY} lines sent" in said
    assert feed.returncode == 0
    assert _delivered(feed_broker, starts) == set(range(MANY))


def _send(broker: LocalBroker, value: bytes) -> None:
    with Sender[Place](broker.address, lambda _: None) as sender:
        sender.send(CALL_RECORDS.name, b"k", value, Place(offset=99, line=812))


def test_what_is_not_acknowledged_is_named_by_its_line(feed_broker: LocalBroker) -> None:
    with pytest.raises(DeliveryError, match=rf"^line 812 was not acknowledged by {feed_broker.address}: \[Error 10\]"):
        _send(feed_broker, Random(1).randbytes(2 * RAW_MESSAGE_BYTES))


def test_a_producer_that_gets_no_id_is_not_waited_for_without_a_bound(
    feed_broker: LocalBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TransactionManager, "init_producer_id", lambda _: None)
    sender = Sender[Place](feed_broker.address, lambda _: None)
    monkeypatch.setattr("producers.sending.DELIVERED_WITHIN_S", 0.2)
    monkeypatch.setattr("producers.sending.PATIENCE_S", 0.1)
    sender.send(CALL_RECORDS.name, b"k", b"{}", Place(offset=99, line=812))
    with pytest.raises(DeliveryError, match=r"^line 812 was not acknowledged"):
        sender.finish()
    monkeypatch.undo()
    sender.__exit__(DeliveryError)


def test_the_simulated_city_arrives_as_it_was_made(feed_broker: LocalBroker) -> None:
    plan = Plan(seed=5, start=NOW.date(), days=1, calls_per_day=300)
    starts = {topic: _ends(feed_broker, topic) for topic in CONTRACTS}
    count = send_history(Simulation(plan), feed_broker.address, Heard())
    found = [message for topic in CONTRACTS for message in _since(feed_broker, starts[topic])]
    assert len(found) == count
    made = sorted((each.topic, each.key, each.value) for each in Simulation(plan).history())
    assert sorted((message.topic, message.key, message.value) for message in found) == made
    assert {topic for topic, _, _ in made} == set(CONTRACTS)
    assert all(read(CONTRACTS[message.topic], message.key, message.value) for message in found)


def test_a_city_written_to_files_is_fed_from_them_as_if_it_had_been_sent(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    city = ["--seed", "5", "--start", "2026-03-02", "--days", "1", "--calls-per-day", "300"]
    wrote = CliRunner().invoke(main, ["produce", "simulate", *city, "--to-file", str(tmp_path / "city.jsonl")])
    assert wrote.exit_code == 0
    made = list(Simulation(Plan(seed=5, start=NOW.date(), days=1, calls_per_day=300)).history())
    for topic in CONTRACTS:
        path = tmp_path / f"city.{topic}.jsonl"
        lines = [each.value for each in made if each.topic == topic]
        assert f"{path}: {len(lines)} lines for {topic}" in wrote.output
        assert path.read_bytes().splitlines() == lines
        starts = _ends(feed_broker, topic)
        fed = CliRunner().invoke(
            main,
            ["produce", "file", "--topic", topic, "--data", str(data), "--kafka", feed_broker.address, str(path)],
        )
        assert fed.output == f"{path}: {len(lines)} lines sent\n"
        found = sorted((message.key, message.value) for message in _since(feed_broker, starts))
        assert found == sorted((each.key, each.value) for each in made if each.topic == topic)


def test_without_a_broker_there_is_one_clear_line(data: Path, tmp_path: Path) -> None:
    path = _file(tmp_path, 1)
    ran = CliRunner().invoke(
        main, ["produce", "file", "--topic", CALL_RECORDS.name, "--data", str(data), str(path)], catch_exceptions=False
    )
    assert ran.exit_code == 1
    assert "no broker known" in ran.output


def test_a_directory_is_applied_once_changed_and_read_by_everyone(feed_broker: LocalBroker, tmp_path: Path) -> None:
    address = ["--kafka", feed_broker.address]
    assert read_directory(feed_broker.address) is None
    first = CliRunner().invoke(main, ["directory", "apply", *address, str(EXAMPLE)])
    assert (first.exit_code, first.output.splitlines()[-1]) == (0, "version 1 published")
    again = CliRunner().invoke(main, ["directory", "apply", *address, str(EXAMPLE)])
    assert (again.exit_code, again.output) == (0, "version 1 is published already; nothing to do\n")

    fewer = tmp_path / "fewer.yaml"
    fewer.write_text("".join(line for line in EXAMPLE.read_text().splitlines(keepends=True) if "GSM2" not in line))
    unasked = CliRunner().invoke(main, ["directory", "apply", *address, str(fewer)])
    assert (unasked.exit_code, "- gateway/pbx-1/GSM2" in unasked.output, "--yes" in unasked.output) == (1, True, True)
    assert _version(feed_broker) == (1, 2)
    agreed = CliRunner().invoke(main, ["directory", "apply", "--yes", *address, str(fewer)])
    assert agreed.exit_code == 0
    assert _version(feed_broker) == (2, 1)

    renamed = tmp_path / "renamed.yaml"
    renamed.write_text(fewer.read_text().replace("Орбита Урал", "Орбита Юг"))
    assert CliRunner().invoke(main, ["directory", "apply", *address, str(renamed)]).exit_code == 0
    assert _version(feed_broker) == (3, 1)


def _version(broker: LocalBroker) -> tuple[int, int]:
    directory = read_directory(broker.address)
    assert directory is not None
    return directory.version, len(directory.entities.gateways)


def test_an_apply_of_what_has_changed_since_it_was_looked_at_changes_nothing(feed_broker: LocalBroker) -> None:
    entities = read_directory_file(EXAMPLE)
    seen = read_directory(feed_broker.address)
    publish(feed_broker.address, compare(seen, entities))
    before = _version(feed_broker)
    with pytest.raises(DirectoryError, match="changed by another apply"):
        publish(feed_broker.address, compare(seen, Entities()))
    assert _version(feed_broker) == before


def test_of_two_applies_at_once_the_one_that_began_first_changes_nothing(
    feed_broker: LocalBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one comes when the first has looked at what is published and begins to write."""
    seen = read_directory(feed_broker.address)
    first, second = compare(seen, WITHOUT_CAMPAIGNS), compare(seen, Entities())
    assert not first.nothing, "it would have nothing to write"

    def overtaken(changes: Changes) -> list[tuple[bytes, bytes | None]]:
        if changes is first:
            publish(feed_broker.address, second)  # nobody has changed what the first has looked at until now
        return messages_of(changes)

    monkeypatch.setattr(import_module("producers.directory.publish"), "messages", overtaken)
    with pytest.raises(DirectoryError, match="another apply was started meanwhile"):
        publish(feed_broker.address, first)
    found = read_directory(feed_broker.address)
    assert found is not None
    assert (found.version, found.entities) == (second.version, second.new)


def test_an_apply_whose_answer_is_lost_says_so_and_the_next_one_tells(
    feed_broker: LocalBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = KafkaProducer.commit_transaction

    def lost(producer: KafkaProducer) -> None:
        commit(producer)
        raise KafkaConnectionError("gone")

    changes = compare(read_directory(feed_broker.address), WITHOUT_CAMPAIGNS)
    with monkeypatch.context() as patched:
        patched.setattr(KafkaProducer, "commit_transaction", lost)
        with pytest.raises(DirectoryError, match=r"perhaps published .* apply it again"):
            publish(feed_broker.address, changes)
    with pytest.raises(DirectoryError, match="changed by another apply"):
        publish(feed_broker.address, changes)
    assert compare(read_directory(feed_broker.address), WITHOUT_CAMPAIGNS).nothing


def test_a_bad_directory_is_told_line_by_line_and_nothing_is_published(
    feed_broker: LocalBroker, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(EXAMPLE.read_text().replace("Europe/Moscow", "Mars", 1))
    before = _version(feed_broker)
    ran = CliRunner().invoke(main, ["directory", "apply", "--yes", "--kafka", feed_broker.address, str(bad)])
    assert ran.exit_code == 1
    assert f"{bad}:5: time_zone: no such time zone" in ran.output
    assert _version(feed_broker) == before


def test_a_topic_that_is_not_there_is_named(feed_broker: LocalBroker, data: Path, tmp_path: Path) -> None:
    path = _file(tmp_path, 1)
    with pytest.raises(DeliveryError, match=r"there is no topic nowhere at .*: run `pulse topics apply`"):
        produce_file(Feed(feed_broker.address, "nowhere", data, lambda: NOW), str(path), Heard())


def test_a_file_of_which_the_first_hundred_lines_are_no_records_is_refused_before_anything_is_sent(
    feed_broker: LocalBroker, data: Path, tmp_path: Path
) -> None:
    path, starts = tmp_path / "orders.csv", _ends(feed_broker, CALL_RECORDS.name)
    path.write_bytes(b"2026-03-01;+74951234567;GSM1\n" * 100)
    with pytest.raises(FileError, match=r"none of its first 100 lines is a record of telephony\.call-records"):
        produce_file(_feed(feed_broker, data), str(path), Heard())
    assert _since(feed_broker, starts) == []
    path.write_bytes(b"2026-03-01;+74951234567;GSM1\n" * 99 + orjson.dumps(CALL))
    assert produce_file(_feed(feed_broker, data), str(path), Heard()).records == 100
    wrong_values = orjson.dumps(CALL | {"started_at": "1990-01-01T00:00:00Z"}) + b"\n"
    path.write_bytes(wrong_values * 100)
    assert produce_file(_feed(feed_broker, data), str(path), Heard()).refused == 100, "for the dead letters"


def test_a_pipe_is_read_as_a_file_is(feed_broker: LocalBroker, data: Path, tmp_path: Path) -> None:
    pipe, lines = tmp_path / "calls.pipe", _file(tmp_path, 3).read_bytes()
    os.mkfifo(pipe)
    writing = Thread(target=pipe.write_bytes, args=(lines,), daemon=True)
    writing.start()
    assert produce_file(_feed(feed_broker, data), str(pipe), Heard()).records == 3
    writing.join()


def test_a_steady_feed_that_is_told_to_end_breaks_off_as_on_ctrl_c(feed_broker: LocalBroker, data: Path) -> None:
    starts = _ends(feed_broker, CALL_RECORDS.name)
    command = [str(Path(sys.executable).with_name("pulse")), "produce", "file", "--topic", CALL_RECORDS.name, "-"]
    where = ["--data", str(data), "--kafka", feed_broker.address]
    with subprocess.Popen([*command, *where], stdin=subprocess.PIPE, stderr=subprocess.PIPE) as feed:
        assert feed.stdin is not None
        feed.stdin.write(orjson.dumps(CALL) + b"\n")
        feed.stdin.flush()
        deadline = time.monotonic() + 30
        while not _since(feed_broker, starts):
            assert time.monotonic() < deadline, "nothing was delivered"
        feed.terminate()
        _, said = feed.communicate(timeout=30)
    assert (feed.returncode, said) == (1, b"\nAborted!\n")
