"""What is announced stays announced until it is in: a store that fails in between must not take the announcement back.

Holds "each record counted once" with the real membership over a consumer that only remembers what is committed.
"""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from kafka.errors import KafkaTimeoutError
from kafka.structs import ConsumerGroupMetadata, MemberState

from clickhouse.errors import StoreAwayError
from clickhouse.loader import membership as membership_module
from clickhouse.loader.batch import Entry
from clickhouse.loader.lane import Lane, Limits
from clickhouse.loader.membership import Membership
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import Loader, LoaderSettings, _survive


class Consumer:
    """A group of one; `commits` are (offset, metadata) of partition 0."""

    def __init__(self, **_settings: object) -> None:
        self.commits: list[tuple[int, str]] = []
        self.joined = 0
        self.answers = True

    def commit(self, offsets: dict[Any, Any], timeout_ms: int) -> None:
        if not self.answers:
            raise KafkaTimeoutError("perhaps heard, perhaps not, perhaps later")
        self.commits.extend((each.offset, each.metadata) for each in offsets.values())

    def poll(self, timeout_ms: int) -> dict[Any, Any]:
        return {}

    def highwater(self, _partition: object) -> int:
        return 0

    def group_metadata(self) -> ConsumerGroupMetadata:
        return ConsumerGroupMetadata(state=MemberState.STABLE)

    def partitions_for_topic(self, _topic: str) -> set[int]:
        return {0}

    def subscribe(self, *_: object, **__: object) -> None:
        self.joined += 1

    def unsubscribe(self) -> None: ...
    def pause(self, *_: object) -> None: ...
    def resume(self, *_: object) -> None: ...


class Store:
    def __init__(self) -> None:
        topic = SimpleNamespace(named=lambda _: "facts.calls.g1")
        self.mapping = SimpleNamespace(topic=topic, group=lambda _: "group", month=lambda _: 0)
        self.away = False

    def clock_ms(self) -> int:
        return 0

    def insert(self, _batch: object, _insert_by_ms: int) -> None:
        if self.away:
            raise StoreAwayError("memory limit: perhaps landed, perhaps not")


@pytest.fixture
def loader(monkeypatch: pytest.MonkeyPatch) -> Loader:
    monkeypatch.setattr(membership_module, "KafkaConsumer", Consumer)
    store = cast(Any, Store())
    settings = LoaderSettings(kafka="", engine=cast(Any, None), limits=Limits(most_rows=3, quiet_s=0))
    joined = Membership("", store, 1, {})
    joined.lanes[0] = Lane(0, 0, waiting=[Entry(offset, {"observed_at": 0}) for offset in range(6)])
    return Loader(settings, joined, store, LoaderProgress())


def commits(loader: Loader) -> list[tuple[int, str]]:
    consumer: Any = loader.membership._consumer
    return cast(list[tuple[int, str]], consumer.commits)


def test_a_failed_insert_leaves_its_announcement(loader: Loader) -> None:
    loader.step()  # 0-2 announced and in
    cast(Any, loader.store).away = True
    loader.step()  # 3-5 announced; whether it is in, nobody knows
    loader.confirm()  # as a stop does
    assert commits(loader)[-1] == (3, '{"last":5}')


def test_the_very_first_announcement_stays_as_well(loader: Loader) -> None:
    """Nothing was ever committed for this partition, so the lane begins unconfirmed."""
    loader.membership.lanes[0].confirmed = False
    cast(Any, loader.store).away = True
    loader.step()
    loader.confirm()
    assert commits(loader)[-1] == (0, '{"last":2}')


def test_what_is_in_is_confirmed_at_once_where_nothing_follows(loader: Loader) -> None:
    for _ in range(3):
        loader.step()
    assert commits(loader)[-1] == (6, "")


def test_after_a_commit_that_was_not_answered_nothing_is_announced_before_it_has_joined_anew(loader: Loader) -> None:
    """Heard late, the older announcement would replace the newer one, whose batch would then be taken for unknown."""
    consumer: Any = loader.membership._consumer
    consumer.answers = False
    _survive(loader, loader.progress, loader.step)
    consumer.answers = True
    assert (loader.membership.lanes, consumer.joined) == ({}, 1)
    _survive(loader, loader.progress, loader.step)
    assert (commits(loader), consumer.joined) == ([], 2)


def test_a_confirmation_that_was_not_answered_ends_the_membership_as_well(loader: Loader) -> None:
    loader.step()
    consumer: Any = loader.membership._consumer
    consumer.answers = False
    _survive(loader, loader.progress, loader.confirm)
    assert loader.membership.lanes == {}
