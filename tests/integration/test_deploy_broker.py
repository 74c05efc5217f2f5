"""The local broker and its topics: what is kept over a restart, what is altered, what is never changed."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from deploy.broker import BrokerError, LocalBroker, is_ready
from deploy.ports import LISTENING, free_port, is_free
from deploy.topics import Wanted, apply
from streams.contracts.topics import ACTIVITY, CALL_FACTS, CALL_RECORDS, CALLS_CHANGELOG, CLIENTS_CHANGELOG, TOPICS


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    """One of our own, to be killed; apart from the shared one. Its folder is called as people call folders, and the
    settings of the terminal are as poor as can be."""
    with pytest.MonkeyPatch.context() as poor:
        poor.setenv("LC_ALL", "C")
        with LocalBroker(tmp_path_factory.mktemp("Моя диспетчерская") / "É😀") as running:
            yield running


def settings(address: str, topic: str) -> dict[str, str]:
    admin = KafkaAdminClient(bootstrap_servers=address)
    try:
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
        return {name: setting["value"] for name, setting in found["topic"][topic].items()}
    finally:
        admin.close()


def set_to(address: str, topic: str, **values: str) -> None:
    admin = KafkaAdminClient(bootstrap_servers=address)
    changes = {name.replace("_", "."): value for name, value in values.items()}
    admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, changes)])
    admin.close()
    until_set(address, topic, changes)


def until_set(address: str, topic: str, wanted: dict[str, str]) -> None:
    """A broker takes a moment to show what the controller has decided."""
    deadline = time.monotonic() + 10
    while not wanted.items() <= settings(address, topic).items():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_topics_are_created_as_the_registry_says_and_a_second_time_nothing_is_done(own: LocalBroker) -> None:
    created = apply(own.address, Wanted(generation=21))
    assert {topic.name for topic in created} == {topic.named(21) for topic in TOPICS}
    assert all(
        topic.what == f"created, {known.partitions} partitions" for topic, known in zip(created, TOPICS, strict=True)
    )
    for topic in TOPICS:
        assert topic.configuration().items() <= settings(own.address, topic.named(21)).items()
    assert {topic.what for topic in apply(own.address, Wanted(generation=21))} == {"as it should be"}


def test_a_setting_that_differs_is_altered(own: LocalBroker) -> None:
    apply(own.address, Wanted(generation=22))
    name = ACTIVITY.named(22)
    set_to(own.address, name, retention_ms="1000", retention_bytes="1000")
    said = {topic.name: topic.what for topic in apply(own.address, Wanted(generation=22))}
    assert said[name] == "altered retention.ms=-1, retention.bytes=-1"
    until_set(own.address, name, {"retention.ms": "-1", "retention.bytes": "-1"})


def test_partitions_are_chosen_at_creation_alike_for_a_stage_and_its_changelog(own: LocalBroker) -> None:
    apply(own.address, Wanted(generation=21))
    said = {topic.name: topic.what for topic in apply(own.address, Wanted(generation=23, partitions=6))}
    assert {said[topic.named(23)] for topic in (ACTIVITY, CLIENTS_CHANGELOG, CALL_FACTS)} == {"created, 6 partitions"}
    assert said[CALLS_CHANGELOG.named(23)] == "created, 4 partitions", "the raw topic was there"


def test_a_partition_count_is_never_changed_and_says_so(own: LocalBroker) -> None:
    apply(own.address, Wanted(generation=24))
    applied = {topic.name: topic for topic in apply(own.address, Wanted(generation=24, partitions=9))}
    assert applied[CALL_RECORDS.name].wrong
    assert "stays at 4 partitions, 9 asked for" in applied[ACTIVITY.named(24)].what
    with_default = apply(own.address, Wanted(generation=24))
    assert not any(topic.wrong for topic in with_default)


def test_a_killed_broker_comes_back_on_its_port_with_what_it_acknowledged(own: LocalBroker) -> None:
    apply(own.address, Wanted())
    producer = KafkaProducer(bootstrap_servers=own.address, acks="all")
    producer.send(CALL_RECORDS.name, key=b"pbx-1", value=b"kept").get(10)
    producer.close()
    address = own.address
    own.kill()
    assert not is_ready(address)
    own.start()
    assert own.address == address
    assert values(address) == [b"kept"]


def values(address: str) -> list[bytes]:
    consumer = KafkaConsumer(
        CALL_RECORDS.name, bootstrap_servers=address, auto_offset_reset="earliest", consumer_timeout_ms=20_000
    )
    try:
        return [next(consumer).value]
    finally:
        consumer.close()


def test_a_taken_port_and_a_missing_broker_are_said_in_one_line(own: LocalBroker, tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=f"port {own.port} is taken: choose another with --kafka"):
        LocalBroker(tmp_path, own.port).start()
    with pytest.raises(BrokerError, match="run `make setup`"):
        LocalBroker(tmp_path, libs=tmp_path).start()


def test_a_comma_in_the_folder_is_said_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(BrokerError, match=r"a comma in .*a,b would make two folders of it for Kafka"):
        LocalBroker(tmp_path / "a,b").start()


def test_no_java_is_said_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrokerError, match="no java found: install Java 17"):
        LocalBroker(tmp_path).start()


def test_a_free_port_is_below_those_that_clients_are_given() -> None:
    port = free_port()
    assert port in LISTENING
    assert is_free(port)
