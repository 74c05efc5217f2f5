"""A lease that is given up: closed to the last before it is said to be, and nobody else waits for its disk."""

import asyncio
import threading
from pathlib import Path
from typing import Any, cast

import pytest
from aiokafka import TopicPartition

from streams.contracts.stages import Stage
from streams.contracts.topics import ACTIVITY, CALL_RECORDS, CALLS_CHANGELOG, DEAD_LETTERS
from streams.delivery.lease import Lease
from streams.delivery.limits import Limits
from streams.delivery.takeover import Taken

STAGE = Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS)
ANSWERS_WITHIN_S = 5.0


class Producer:
    async def stop(self) -> None: ...


class SlowDisk:
    """What is asked of the state on it is done when it has answered."""

    def __init__(self) -> None:
        self.asked, self.answer = threading.Event(), threading.Event()
        self.closed = False

    def opened(self, _: Path) -> "SlowDisk":
        self._work()
        return self

    def close(self) -> None:
        self._work()
        self.closed = True

    def _work(self) -> None:
        self.asked.set()
        assert self.answer.wait(ANSWERS_WITHIN_S)


def taken() -> Taken:
    producer: Any = Producer()
    counts = dict.fromkeys(STAGE.written_topics, 1)
    return Taken(TopicPartition(STAGE.source_topic, 0), producer, None, start=0, end=0, partitions=counts)


async def test_the_heartbeats_of_the_others_go_on_while_its_state_is_synced(tmp_path: Path) -> None:
    lease = Lease(STAGE, taken(), tmp_path, "", Limits())
    disk: Any = SlowDisk()
    lease._opening = asyncio.get_running_loop().create_future()
    lease._opening.set_result(disk)
    giving_up = asyncio.create_task(lease.give_up())
    await asyncio.to_thread(disk.asked.wait, ANSWERS_WITHIN_S)
    assert not giving_up.done(), "not before its state is closed"
    disk.answer.set()
    await giving_up
    assert disk.closed


async def test_a_state_that_is_still_being_opened_is_closed_before_its_partition_is_said_to_be_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk, nobody = SlowDisk(), cast("Any", None)
    monkeypatch.setattr("streams.delivery.lease.Store", disk.opened)
    lease = Lease(STAGE, taken(), tmp_path, "", Limits())
    lease.feed = cast("Any", asyncio.create_task(lease.restore(nobody, nobody)))
    await asyncio.to_thread(disk.asked.wait, ANSWERS_WITHIN_S)
    giving_up = asyncio.create_task(lease.give_up())
    await asyncio.wait({lease.feed})
    assert not giving_up.done()
    disk.answer.set()
    await giving_up
    assert disk.closed
