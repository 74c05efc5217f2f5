"""A store or a Kafka that is away when a partition is taken over, or at the start, is no raw error of a driver."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from clickhouse_connect.driver.exceptions import OperationalError
from kafka.errors import KafkaTimeoutError

from clickhouse.loader import identity
from clickhouse.loader.errors import LoaderError, StoreAwayError
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import _survive
from clickhouse.loader.store import FactStore


def away(*_: object, **__: object) -> None:
    raise OperationalError("away")


def test_a_takeover_while_the_store_is_away_is_put_off_to_the_next_round() -> None:
    store = FactStore(cast(Any, SimpleNamespace(query=away)), CALLS, 1, "topic")
    with pytest.raises(StoreAwayError, match="away"):
        store.holds_partition(0)
    progress = LoaderProgress()
    _survive(cast(Any, None), progress, lambda: _take_over(store))
    assert (progress.retries, progress.last_error) == (1, "away")


def _take_over(store: FactStore) -> None:
    store.holds_partition(0)


@pytest.mark.parametrize("error", [KafkaTimeoutError("late"), ConnectionRefusedError("closed")])
def test_a_kafka_that_does_not_answer_at_the_start_is_named(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def unreachable(**_: object) -> None:
        raise error

    monkeypatch.setattr(identity, "KafkaAdminClient", unreachable)
    with pytest.raises(LoaderError, match=r"Kafka at here:1 does not answer .*is the broker up"):
        identity.read_identity("here:1", "facts.calls.g1")
