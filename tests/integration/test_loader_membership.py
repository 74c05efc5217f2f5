"""A loader's place in its group, where the client library alone would lose it."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from kafka.admin import KafkaAdminClient, NewPartitions

from clickhouse.engine import Engine
from clickhouse.loader import membership as membership_module
from clickhouse.loader.identity import read_identity
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.membership import Membership
from clickhouse.loader.store import FactStore
from tests.integration.loader_rig import LoaderRig, await_true, made

MEMBER = {"session_timeout_ms": 6_000, "heartbeat_interval_ms": 500, "metadata_max_age_ms": 200}


@pytest.fixture
def rig(bootstrap: str, engine: Engine, database: str) -> Iterator[LoaderRig]:
    with made(bootstrap, engine, database) as rig:
        yield rig


def joined(rig: LoaderRig) -> Membership:
    store = FactStore(rig.client, CALLS, rig.generation, read_identity(rig.bootstrap, rig.topic).topic_id)
    return Membership(rig.bootstrap, store, rig.generation, MEMBER)


def await_lanes(owner: Membership, partitions: set[int], poll_s: float) -> None:
    def has_all() -> bool:
        owner.poll(poll_s, time.monotonic(), 1_000)
        return set(owner.lanes) == partitions

    await_true(has_all)


def test_a_join_that_outlasts_the_poll_it_began_in_is_not_lost(rig: LoaderRig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Joined because the partitions had changed: what made the client join is over before the answer is there."""
    monkeypatch.setattr(membership_module, "REJOIN_AFTER_S", 0.5)
    with closing(joined(rig)) as owner:
        await_lanes(owner, {0, 1}, poll_s=0.1)
        with closing(KafkaAdminClient(bootstrap_servers=rig.bootstrap)) as admin:
            admin.create_partitions({rig.topic: NewPartitions(3)})
        await_lanes(owner, {0, 1, 2}, poll_s=0.001)
