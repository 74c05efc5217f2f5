"""A worker leaves a real group in the middle of a rebalance: within its bound, though the broker forgets to answer."""

import asyncio
from contextlib import closing
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.consumer.group_coordinator import CoordinatorGroupRebalance
from kafka.admin import KafkaAdminClient, NewTopic

from streams.delivery.limits import Limits
from streams.delivery.membership import group_consumer, leave

GROUP = TOPIC = "leaving"
PATIENCE_S = 0.3
SHARES_AFTER_S = 3.0


async def joined(bootstrap: str, instance: str) -> AIOKafkaConsumer:
    consumer = group_consumer(bootstrap, GROUP, instance, Limits())
    await consumer.start()
    consumer.subscribe([TOPIC])
    return consumer


async def test_a_member_that_is_removed_before_it_has_its_share_does_not_wait_for_one(
    bootstrap: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        admin.create_topics([NewTopic(name=TOPIC, num_partitions=4, replication_factor=1)])
    first = await joined(bootstrap, "first")
    async with asyncio.timeout(20):
        while not first.assignment():  # noqa: ASYNC110 - no event tells of it
            await asyncio.sleep(0.05)
    waits = asyncio.Event()
    share, ask = CoordinatorGroupRebalance._on_join_leader, CoordinatorGroupRebalance._on_join_follower

    async def share_late(self: Any, response: Any) -> Any:
        await asyncio.sleep(SHARES_AFTER_S)
        return await share(self, response)

    async def ask_for_share(self: Any) -> Any:
        waits.set()
        return await ask(self)

    monkeypatch.setattr(CoordinatorGroupRebalance, "_on_join_leader", share_late)
    monkeypatch.setattr(CoordinatorGroupRebalance, "_on_join_follower", ask_for_share)
    second = await joined(bootstrap, "second")
    async with asyncio.timeout(20):
        await waits.wait()
    async with asyncio.timeout(10):
        await leave(second, bootstrap, GROUP, "second", PATIENCE_S)
    await second._client.close()
    assert await asyncio.to_thread(members, bootstrap) == {"first"}
    await first.stop()


def members(bootstrap: str) -> set[str]:
    with closing(KafkaAdminClient(bootstrap_servers=bootstrap)) as admin:
        return {member["group_instance_id"] for member in admin.describe_groups([GROUP])[GROUP]["members"]}
