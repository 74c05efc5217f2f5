"""A worker shortens the inner topics of its generation again and again, also while the broker is away."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from kafka.errors import KafkaConnectionError

from streams.app import App, Worker
from streams.delivery.limits import Limits
from streams.delivery.slot import Slot

NOBODY: Any = None


@pytest.mark.parametrize("follows", [True, False], ids=["the current one", "one that is named"])
async def test_a_worker_shortens_the_inner_topics(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, follows: bool
) -> None:
    asked: list[tuple[str, int]] = []
    twice = asyncio.Event()
    loop = asyncio.get_running_loop()

    def trim(kafka: str, generation: int, _: int) -> None:
        asked.append((kafka, generation))
        if len(asked) == 2:
            loop.call_soon_threadsafe(twice.set)
        raise KafkaConnectionError("away")

    monkeypatch.setattr("streams.app.trim", trim)
    slot = Slot.take(tmp_path)
    app = App(Worker("nowhere:1", tmp_path, 4, Limits(trim_every_s=0.01), follows), slot, NOBODY)
    tasks = [task for task in app._app_tasks if task.__name__ == "_trim_topics"]
    trimming = [asyncio.ensure_future(task()) for task in tasks]
    async with asyncio.timeout(10):
        await twice.wait()
    for each in trimming:
        each.cancel()
    slot.release()
    assert asked[:2] == [("nowhere:1", 4)] * 2
