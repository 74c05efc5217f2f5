"""How far a drain is: per stage, of how many, how fast, how much longer.

Comes in: standings. Goes out: lines like "generation 2: classify_clients 120000 of 400000 (30 %), 45000/s, 6 s left".
"""

from collections.abc import Callable
from time import monotonic

from streams.drain import Standing

STILL_S = 30.0


class Pace:
    def __init__(self, what: str, tell: Callable[[str], None], clock: Callable[[], float] = monotonic) -> None:
        self._what = what
        self._tell = tell
        self._clock = clock
        self._stage = ""
        self._total = 0
        self._began = 0.0

    def __call__(self, standing: Standing) -> None:
        if standing.stage != self._stage:
            self._stage, self._total, self._began = standing.stage, standing.left, self._clock()
        self._tell(f"{self._what}: {standing.stage} {self._of(standing.left)}{_hanging(standing)}")

    def _of(self, left: int) -> str:
        if not self._total:
            return "is through"
        done = self._total - left
        share = 100 * done // self._total
        seconds = self._clock() - self._began
        if not done or not left or not seconds:
            return f"{done} of {self._total} ({share} %)"
        rate = done / seconds
        return f"{done} of {self._total} ({share} %), {rate:.0f}/s, {left / rate:.0f} s left"


def _hanging(standing: Standing) -> str:
    if standing.still_s < STILL_S:
        return ""
    who = "`pulse serve` (or `pulse load`)" if standing.stage.startswith("loader") else "the worker (logs/rebuild.log)"
    return f"; no movement for {standing.still_s:.0f} s, does {who} run?"
