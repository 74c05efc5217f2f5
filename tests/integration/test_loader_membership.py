"""A loader's place in its group, where the client library alone would lose it."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka.admin import KafkaAdminClient, NewPartitions
from kafka.errors import KafkaTimeoutError

from clickhouse.engine import Engine
from clickhouse.loader import membership as membership_module
from clickhouse.loader.batch import Batch
from clickhouse.loader.errors import KafkaAwayError
from clickhouse.loader.identity import read_identity
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.membership import Membership
from clickhouse.loader.store import FactStore
from tests.integration.loader_rig import LoaderRig, await_true, made

MEMBER = {"session_timeout_ms": 6_000, "heartbeat_interval_ms": 500, "metadata_max_age_ms": 200}


@pytest.fixture
def rig(bootstrap: str, engine: Engine, shared_database: str) -> Iterator[LoaderRig]:
    with made(bootstrap, engine, shared_database) as rig:
        yield rig


def joined(rig: LoaderRig, instance: dict[str, object]) -> Membership:
    store = FactStore(rig.client, CALLS, rig.generation, read_identity(rig.bootstrap, rig.topic).topic_id)
    return Membership(rig.bootstrap, store, rig.generation, MEMBER | instance)


def await_lanes(owner: Membership, partitions: set[int], poll_s: float = 0.1) -> None:
    def has_all() -> bool:
        owner.poll(poll_s, time.monotonic(), 1_000)
        return set(owner.lanes) == partitions

    await_true(has_all)


def generation(owner: Membership) -> int:
    found: int = owner._consumer.group_metadata().generation_id
    return found


@pytest.mark.parametrize("instance", [{}, {"group_instance_id": "loader-1"}], ids=["dynamic", "static"])
def test_a_join_that_outlasts_the_poll_it_began_in_is_not_lost(
    rig: LoaderRig, monkeypatch: pytest.MonkeyPatch, instance: dict[str, object]
) -> None:
    """Joined because the partitions had changed: what made the client join is over before it asks for the answer."""
    monkeypatch.setattr(membership_module, "REJOIN_AFTER_S", 2.0)
    with closing(joined(rig, instance)) as owner:
        await_lanes(owner, {0, 1})
        before = generation(owner)
        with closing(KafkaAdminClient(bootstrap_servers=rig.bootstrap)) as admin:
            admin.create_partitions({rig.topic: NewPartitions(3)})
        await_lanes(owner, set(), poll_s=0.001)
        await_true(lambda: generation(owner) > before)
        await_lanes(owner, {0, 1, 2})


@pytest.mark.parametrize("instance", [{}, {"group_instance_id": "loader-1"}], ids=["dynamic", "static"])
def test_after_a_commit_that_was_not_answered_it_is_another_member(
    rig: LoaderRig, monkeypatch: pytest.MonkeyPatch, instance: dict[str, object]
) -> None:
    """So what the former one has committed, and Kafka hears only now, is refused."""
    with closing(joined(rig, instance)) as owner:
        await_lanes(owner, {0, 1})
        before = member(owner)
        with monkeypatch.context() as patched:
            patched.setattr(owner._consumer, "commit", not_answered)
            with pytest.raises(KafkaAwayError):
                owner.announce(Batch(0, 0, 5, []))
        assert owner.lanes == {}
        await_lanes(owner, {0, 1})
        assert member(owner) != before


def member(owner: Membership) -> str:
    return str(owner._consumer.group_metadata().member_id)


def not_answered(*_: object, **__: object) -> None:
    raise KafkaTimeoutError("not answered")
