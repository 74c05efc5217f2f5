"""How often somebody may try: so many times in so long, for each name and each address apart.

Comes in: a key and a clock. Goes out: nothing, or how long to wait. What has not been tried for that long is forgotten.
"""

from collections import deque
from collections.abc import Callable
from threading import Lock

MINUTE_MS = 60_000
WINDOW_MS = 15 * MINUTE_MS
PER_NAME = 10
PER_ADDRESS = 50
MOST_KEYS = 10_000
Clock = Callable[[], int]
"""Epoch ms."""


class Attempts:
    def __init__(self, most: int, clock: Clock, window_ms: int = WINDOW_MS) -> None:
        self._most = most
        self._clock = clock
        self._window_ms = window_ms
        self._tried: dict[str, deque[int]] = {}
        self._lock = Lock()

    def wait_ms(self, key: str) -> int:
        """Notes an attempt and says 0; or says how long to wait, and notes nothing."""
        now = self._clock()
        with self._lock:
            tried = self._tried.pop(key, deque())
            while tried and tried[0] <= now - self._window_ms:
                tried.popleft()
            self._tried[key] = tried  # the last tried is the last to be forgotten
            if len(tried) >= self._most:
                return tried[0] + self._window_ms - now
            tried.append(now)
            self._forget()
            return 0

    def forgive(self, key: str) -> None:
        """It went well: the name starts anew."""
        with self._lock:
            self._tried.pop(key, None)

    def _forget(self) -> None:
        while len(self._tried) > MOST_KEYS:
            del self._tried[next(iter(self._tried))]
