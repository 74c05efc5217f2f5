"""How far everything has come through, asked of the broker every few seconds.

Comes in: the stages' positions and a clock. Goes out: the moment up to which every record is through, given that each
partition was written in the order of `observed_at` (`complete_until` of `streams/progress.py`), and how long ago that
is. A broker that does not answer leaves the last answer standing, which says less than is true and never more.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from threading import Event, Lock
from typing import Protocol

from kafka.errors import KafkaError

from streams.contracts.times import instant
from streams.progress import ProgressError, StagePosition, complete_until

log = logging.getLogger(__name__)
POLL_S = 3.0
BEHIND_MS = 60_000
Clock = Callable[[], int]
NOT_KNOWN = "Kafka has not said yet how far the stages are; the log of this process says why"


class Positions(Protocol):
    def positions(self) -> Sequence[StagePosition]: ...


@dataclass(frozen=True)
class Standing:
    """The answer, and when it was asked for; both epoch milliseconds."""

    complete_until: int
    asked_at: int
    waiting: int
    """Partitions of a stage that have something to do."""


class Freshness:
    def __init__(self, progress: Positions, clock: Clock) -> None:
        self._progress = progress
        self._clock = clock
        self._lock = Lock()
        self._standing: Standing | None = None
        self._tried_at: int | None = None
        self._error = ""

    @property
    def standing(self) -> Standing | None:
        return self._standing

    def behind_ms(self) -> int | None:
        """Of this moment, not of the last answer: while Kafka is away it grows, for nobody knows what waits there."""
        standing = self._standing
        return None if standing is None else max(0, self._clock() - standing.complete_until)

    def complete_until(self) -> datetime | None:
        """None until the broker has answered once. Far behind, it is asked again for each question: what a caller has
        just waited for must not be hidden from it by an answer that is some seconds old."""
        standing = self._standing
        if standing is None or standing.asked_at - standing.complete_until > BEHIND_MS:
            standing = self.refresh(self._clock())
        return None if standing is None else instant(standing.complete_until)

    def refresh(self, not_before: int) -> Standing | None:
        """Asks, unless somebody has asked since `not_before`, with an answer or without: else each of those who wait
        for a broker that is away would find that out for itself, one after the other."""
        with self._lock:
            if self._tried_at is None or self._tried_at < not_before:
                self._tried_at = self._clock()
                self._ask(self._tried_at)
            return self._standing

    def keep(self, stop: Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            self.refresh(self._clock())
            stop.wait(POLL_S)

    def _ask(self, now: int) -> None:
        try:
            positions = self._progress.positions()
        except (KafkaError, ProgressError, OSError) as error:
            self._tell(f"{type(error).__name__}: {error}")
            return
        self._tell("")
        self._standing = Standing(complete_until(positions, now), now, sum(not p.through for p in positions))

    def _tell(self, error: str) -> None:
        """Once, however long it lasts: Kafka's own words are for the log, not for whoever asks over HTTP."""
        if error and error != self._error:
            log.warning("Kafka does not say how far the stages are: %s", error)
        self._error = error
