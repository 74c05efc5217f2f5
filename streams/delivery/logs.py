"""Logging of a worker: one line per event on standard error, and a bound on what a broker outage can write.

Comes in: log records. Goes out: lines. While a broker is away aiokafka logs every attempt, thousands a minute; each of
its messages is let through once in a while, with the number of those that were not.
"""

import logging
import sys
from time import monotonic

EVERY_S = 10.0


class OnceInAWhile(logging.Filter):
    def __init__(self, prefix: str, every_s: float = EVERY_S) -> None:
        super().__init__()
        self._prefix = prefix
        self._every_s = every_s
        self._last: dict[tuple[str, str], float] = {}
        self._held: dict[tuple[str, str], int] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(self._prefix):
            return True
        message = (record.name, str(record.msg))
        now = monotonic()
        if now - self._last.get(message, -self._every_s) < self._every_s:
            self._held[message] = self._held.get(message, 0) + 1
            return False
        self._last[message] = now
        if held := self._held.pop(message, 0):
            record.msg = f"{record.msg} (and {held} more like it)"
        return True


def set_up() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    handler.addFilter(OnceInAWhile("aiokafka"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("streams").setLevel(logging.INFO)
