"""One transaction against a real broker: all of it or nothing, no wait without a bound, and nothing is left open."""

import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from uuid import uuid4

import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.errors import KafkaConnectionError

from producers import transaction
from producers.transaction import TransactionError, Transactions

WITHIN_S = 30.0


@pytest.fixture
def topic(bootstrap: str) -> str:
    """An empty one; the transactional id is called like it."""
    name = f"written-{uuid4().hex[:8]}"
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        admin.create_topics({name: {"num_partitions": 1, "replication_factor": 1}}, wait_for_metadata=True)
    return name


def _seen(bootstrap: str, topic: str) -> list[bytes]:
    partition = TopicPartition(topic, 0)
    with closing(KafkaConsumer(bootstrap_servers=bootstrap, isolation_level="read_committed")) as consumer:
        consumer.assign([partition])
        consumer.seek_to_beginning()
        end, found = consumer.end_offsets([partition])[partition], []
        deadline = time.monotonic() + WITHIN_S
        while consumer.position(partition) < end:
            assert time.monotonic() < deadline, "the topic could not be read to its end"
            found += [message.value for messages in consumer.poll(100).values() for message in messages]
    return found


def _state(bootstrap: str, name: str) -> str:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        return str(admin.describe_transactions([name])[name].state.value)


def _await_seen(bootstrap: str, topic: str, values: list[bytes]) -> None:
    """A commit is answered before its markers are written."""
    deadline = time.monotonic() + WITHIN_S
    while (found := _seen(bootstrap, topic)) != values:
        assert time.monotonic() < deadline, f"{found} is seen, not {values}"


def test_what_is_written_is_seen_when_all_of_it_is(bootstrap: str, topic: str) -> None:
    with Transactions(bootstrap, topic) as transactions:
        with transactions.transaction() as send:
            send(topic, b"k", b"1")
            send(topic, b"k", b"2")
            assert _seen(bootstrap, topic) == []
        _await_seen(bootstrap, topic, [b"1", b"2"])


def _write_one(transactions: Transactions, topic: str, then: Callable[[], object]) -> None:
    with transactions.transaction() as send:
        send(topic, b"k", b"v")
        then()


def _await_state(bootstrap: str, name: str, state: str) -> None:
    deadline = time.monotonic() + WITHIN_S
    while _state(bootstrap, name) != state:
        assert time.monotonic() < deadline, f"it is {_state(bootstrap, name)}, not {state}"


@pytest.mark.parametrize("error", [KeyboardInterrupt, KafkaConnectionError])
def test_what_breaks_off_is_aborted_at_once_and_the_next_one_goes_on(
    bootstrap: str, topic: str, error: type[BaseException]
) -> None:
    def break_off() -> None:
        _await_state(bootstrap, topic, "Ongoing")
        raise error

    with Transactions(bootstrap, topic) as transactions:
        with pytest.raises(KeyboardInterrupt if error is KeyboardInterrupt else TransactionError):
            _write_one(transactions, topic, break_off)
        assert _state(bootstrap, topic) in {"PrepareAbort", "CompleteAbort"}
        _write_one(transactions, topic, lambda: None)
    _await_seen(bootstrap, topic, [b"v"])


def test_an_interrupt_in_the_middle_of_a_commit_does_not_cut_it_off(
    bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = KafkaProducer.commit_transaction

    def slow(producer: KafkaProducer) -> None:
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.3)
        commit(producer)

    monkeypatch.setattr(KafkaProducer, "commit_transaction", slow)
    with Transactions(bootstrap, topic) as transactions, pytest.raises(KeyboardInterrupt):
        _write_one(transactions, topic, lambda: None)
    _await_seen(bootstrap, topic, [b"v"])


@pytest.mark.parametrize("end", ["commit_transaction", "abort_transaction"])
def test_an_end_that_is_never_answered_is_not_waited_for_without_a_bound(
    bootstrap: str, topic: str, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    def fail() -> None:
        if not commits:
            raise KafkaConnectionError("gone")

    commits, answered = end == "commit_transaction", threading.Event()
    monkeypatch.setattr(KafkaProducer, end, lambda _: answered.wait())
    monkeypatch.setattr(transaction, "COMMITTED_WITHIN_S", 0.1)
    monkeypatch.setattr(transaction, "LET_GO_WITHIN_S", 0.1)
    with Transactions(bootstrap, topic) as transactions, pytest.raises(TransactionError) as found:
        _write_one(transactions, topic, fail)
    answered.set()
    assert found.value.perhaps == commits
    assert ("no answer within" if commits else "gone") in str(found.value)


def test_of_two_who_hold_an_id_the_first_is_told_that_it_was_overtaken(bootstrap: str, topic: str) -> None:
    def overtake() -> None:
        with Transactions(bootstrap, topic) as second:
            _write_one(second, topic, lambda: None)

    with Transactions(bootstrap, topic) as first, pytest.raises(TransactionError) as found:
        _write_one(first, topic, overtake)
    assert found.value.overtaken
    _await_seen(bootstrap, topic, [b"v"])
