"""A worker that is joining its group, or leaves it while a rebalance takes partitions away."""

import asyncio
from pathlib import Path
from typing import Any

import faust
from aiokafka import TopicPartition

from streams.contracts.stages import Stage
from streams.contracts.topics import ACTIVITY, CALL_RECORDS, CALLS_CHANGELOG, DEAD_LETTERS
from streams.delivery.limits import Limits
from streams.delivery.source import ChunkSource, Place
from streams.delivery.watchdog import Watchdog

STAGE = Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS)


class Starting:
    """A consumer that knows no group yet."""

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset()

    async def getmany(self, *_: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'check_errors'")


def chunk_source(folder: Path) -> ChunkSource:
    nothing: Any = None
    return ChunkSource(faust.App("test"), STAGE, Place("", folder, "here-0"), Limits(), nothing, nothing)


async def test_a_look_at_a_consumer_that_has_not_started_yet_is_none(tmp_path: Path) -> None:
    """However long that takes there is nothing to watch."""
    nothing: Any = None
    starting: Any = Starting()
    source = chunk_source(tmp_path)
    source._consumer = starting
    await source._look(Watchdog(3, 1), nothing)


class Lease:
    """Its chunk ends when the test says so."""

    def __init__(self) -> None:
        self.closing = asyncio.Event()
        self.worked = asyncio.Event()

    async def give_up(self) -> None:
        await self.worked.wait()


async def test_a_stop_waits_for_what_a_rebalance_is_giving_up(tmp_path: Path) -> None:
    partition, lease = TopicPartition("telephony.call-records", 0), Lease()
    source, leases = chunk_source(tmp_path), {partition: lease}
    source._leases = leases  # type: ignore[assignment]
    revoked = asyncio.create_task(source.on_partitions_revoked([partition]))
    await lease.closing.wait()
    stopping = asyncio.create_task(source.on_stop())
    done, _ = await asyncio.wait({stopping}, timeout=0.05)
    assert not done
    lease.worked.set()
    await asyncio.wait_for(asyncio.gather(revoked, stopping), timeout=5)
