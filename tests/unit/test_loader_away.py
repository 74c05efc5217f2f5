"""A store or a Kafka that is away when a partition is taken over, or at the start, is no raw error of a driver."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from clickhouse_connect.driver.exceptions import OperationalError
from kafka import TopicPartition
from kafka.errors import KafkaTimeoutError

from clickhouse.loader import identity
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.membership import Membership
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import _survive
from clickhouse.loader.store import FactStore


class Store:
    """Away, until it is not."""

    away = True

    def query(self, *_: object, **__: object) -> SimpleNamespace:
        if self.away:
            raise OperationalError("away")
        return SimpleNamespace(result_rows=[])


class Consumer:
    """Of a group that has committed nothing, in an empty topic."""

    def committed(self, *_: object, **__: object) -> None:
        return None

    def beginning_offsets(self, partitions: list[TopicPartition], **_: object) -> dict[TopicPartition, int]:
        return dict.fromkeys(partitions, 0)

    end_offsets = beginning_offsets

    def seek(self, *_: object) -> None: ...


def taking(store: Store, partition: int) -> Membership:
    owner = Membership.__new__(Membership)
    owner.store = FactStore(cast(Any, store), CALLS, 1, "topic")
    owner.topic, owner.lanes, owner._taken, owner._consumer = "facts.calls.g1", {}, {partition}, Consumer()
    return owner


def test_a_takeover_while_the_store_is_away_is_put_off_to_the_next_round() -> None:
    store, progress = Store(), LoaderProgress()
    owner = taking(store, 3)
    _survive(cast(Any, None), progress, owner._take_over)
    assert (owner.lanes, progress.retries, progress.last_error) == ({}, 1, "away")
    store.away = False
    _survive(cast(Any, None), progress, owner._take_over)
    assert (set(owner.lanes), progress.retries) == ({3}, 1)


@pytest.mark.parametrize("error", [KafkaTimeoutError("late"), ConnectionRefusedError("closed")])
def test_a_kafka_that_does_not_answer_at_the_start_is_named(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def unreachable(*_: object) -> None:
        raise error

    monkeypatch.setattr(identity, "read_kafka_identity", unreachable)
    with pytest.raises(LoaderError, match=r"Kafka at here:1 does not answer .*is the broker up"):
        identity.read_identity("here:1", "facts.calls.g1")
