"""Membership in the stage's consumer group, and how it ends.

Members are static: a worker that is killed and started again gets its partitions back at once, without a rebalance and
without waiting for the session time-out. The price is that aiokafka does not leave the group when it stops, so a
graceful stop says it for it, by the group instance id.
"""

import asyncio
import logging

from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from kafka.admin import KafkaAdminClient, MemberToRemove
from kafka.errors import KafkaError

from streams.contracts.topics import INNER_MESSAGE_BYTES
from streams.delivery.limits import Limits

log = logging.getLogger(__name__)


def group_consumer(bootstrap: str, group: str, instance: str, limits: Limits) -> AIOKafkaConsumer:
    # the assignor keeps what it was assigned on its class, and two stages run in one process: a class for each
    assignor = type("StickyPartitionAssignor", (StickyPartitionAssignor,), {})
    return AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        group_id=group,
        group_instance_id=instance,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="none",
        max_partition_fetch_bytes=INNER_MESSAGE_BYTES,
        fetch_max_wait_ms=250,
        session_timeout_ms=int(limits.session_timeout_s * 1_000),
        heartbeat_interval_ms=int(limits.heartbeat_s * 1_000),
        rebalance_timeout_ms=int(limits.rebalance_timeout_s * 1_000),
        partition_assignment_strategy=[assignor],
    )


async def leave(consumer: AIOKafkaConsumer, bootstrap: str, group: str, instance: str, patience_s: float) -> None:
    """Stops the consumer and takes it out of its group, also in the middle of a rebalance.

    A stopping consumer first waits for the join it has under way, and the group may wait for members that are long
    gone; being removed answers that join. Not at once: the broker never answers a member that is removed between its
    join and its share, so one that has not stopped after three removals is not waited for. Its connections end
    with the process.
    """
    stopping = asyncio.create_task(consumer.stop())
    for _ in range(3):
        await asyncio.wait({stopping}, timeout=patience_s)
        stopped = stopping.done()
        await asyncio.to_thread(_remove, bootstrap, group, instance)
        if stopped:  # a join may have come behind a removal that it did not wait for
            await stopping
            return
    log.warning("%s: the join under way got no answer, it is left alone", group)
    stopping.cancel()
    await asyncio.wait({stopping}, timeout=patience_s)


def _remove(bootstrap: str, group: str, instance: str) -> None:
    """Whether it still was a member does not matter."""
    try:
        admin = KafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=3_000, bootstrap_timeout_ms=3_000)
        try:
            admin.remove_group_members(group, [MemberToRemove(group_instance_id=instance)])
        finally:
            admin.close()
    except (KafkaError, OSError) as error:
        log.warning("%s could not be left (%r): its partitions wait for the session time-out", group, error)
