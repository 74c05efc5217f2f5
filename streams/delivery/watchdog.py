"""The last net under everything else: a worker that stands still with work waiting ends, and is started again.

Comes in: where each assigned partition stands, looked at every few seconds. Goes out: `StalledError`. It counts looks,
not seconds: a process that was paused for an hour has not looked, and is not to be blamed on its first breath.
"""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import ceil

from aiokafka import TopicPartition


class StalledError(RuntimeError):
    """A partition stands still although records are waiting."""


@dataclass(frozen=True)
class Sight:
    place: str
    """In words; other ones with every step forward."""
    lag: int


class Watchdog:
    def __init__(self, stalled_s: float, every_s: float) -> None:
        self._looks = ceil(stalled_s / every_s)
        self._stalled_s = stalled_s
        self._still: dict[TopicPartition, tuple[str, int]] = {}

    def look(self, sights: Mapping[TopicPartition, Sight]) -> None:
        """Over the assignment, not over what is worked on: what nobody took up stands still as well."""
        self._still = {partition: self._count(partition, sight) for partition, sight in sights.items()}
        for partition, (place, looks) in self._still.items():
            if looks >= self._looks:
                raise StalledError(
                    f"{partition.topic} partition {partition.partition} stands still for {self._stalled_s:.0f} s with "
                    f"{sights[partition].lag} offsets waiting: {place}"
                )

    def blind(self) -> None:
        """The broker does not answer: standing still proves nothing."""
        self._still.clear()

    def _count(self, partition: TopicPartition, sight: Sight) -> tuple[str, int]:
        place, looks = self._still.get(partition, ("", -1))
        stands = sight.lag > 0 and sight.place == place
        return sight.place, looks + 1 if stands else 0


class LoopGuard:
    """The watchdog runs on the event loop; a rule that never returns stops both. This one is a thread."""

    def __init__(self, stalled_s: float, end: Callable[[BaseException], None]) -> None:
        self._stalled_s = stalled_s
        self._end = end
        self._missed = 0
        threading.Thread(target=self._watch, name="loop guard", daemon=True).start()

    def beat(self) -> None:
        self._missed = 0

    def _watch(self) -> None:
        while self._missed < self._stalled_s:
            time.sleep(1)
            self._missed += 1
        self._end(
            StalledError(f"the event loop has not come round for {self._stalled_s:.0f} s: a rule does not return")
        )
