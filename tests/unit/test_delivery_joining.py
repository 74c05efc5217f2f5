"""While a worker is still joining its group there is nothing to watch, however long that takes."""

from pathlib import Path
from typing import Any

import faust
from aiokafka import TopicPartition

from streams.contracts.topics import ACTIVITY, CALL_RECORDS, CALLS_CHANGELOG, DEAD_LETTERS
from streams.delivery.limits import Limits
from streams.delivery.source import ChunkSource, Place
from streams.delivery.stage import Stage
from streams.delivery.watchdog import Watchdog

STAGE = Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS)


class Starting:
    """A consumer that knows no group yet."""

    def assignment(self) -> frozenset[TopicPartition]:
        return frozenset()

    async def getmany(self, *_: object) -> None:
        raise AttributeError("'NoneType' object has no attribute 'check_errors'")


async def test_a_look_at_a_consumer_that_has_not_started_yet_is_none(tmp_path: Path) -> None:
    nothing: Any = None
    starting: Any = Starting()
    source = ChunkSource(faust.App("test"), STAGE, Place("", tmp_path, "here-0"), Limits(), nothing, nothing)
    source._consumer = starting
    await source._look(Watchdog(3, 1), nothing)
