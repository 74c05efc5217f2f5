"""How a worker leaves its group: exit code 0 within the bound of a stop, whatever its consumer is waiting for."""

import asyncio
from typing import Any

import pytest

from streams.delivery import membership
from streams.delivery.membership import leave

PATIENCE_S = 0.05


class Consumer:
    """Its stop waits for the join under way: for so many removals; None: for an answer that never comes."""

    def __init__(self, seen: list[str], removals: int | None) -> None:
        self._seen = seen
        self._removals = removals

    async def stop(self) -> None:
        try:
            while self._removals is None or self._seen.count("removed") < self._removals:  # noqa: ASYNC110
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self._seen.append("cancelled")
            raise
        self._seen.append("stopped")


async def left(monkeypatch: pytest.MonkeyPatch, removals: int | None) -> list[str]:
    seen: list[str] = []
    monkeypatch.setattr(membership, "_remove", lambda *_: seen.append("removed"))
    consumer: Any = Consumer(seen, removals)
    await asyncio.wait_for(leave(consumer, "nowhere:9092", "group", "one", PATIENCE_S), timeout=5)
    return seen


async def test_a_consumer_that_has_stopped_is_taken_out_of_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await left(monkeypatch, 0) == ["stopped", "removed"]


async def test_a_join_that_waits_for_others_is_answered_by_the_removal(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what may have joined behind it is removed again."""
    assert await left(monkeypatch, 1) == ["removed", "stopped", "removed"]


async def test_a_join_that_nobody_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert await left(monkeypatch, None) == ["removed", "removed", "removed", "cancelled"]
