"""The newest published directory, looked for every few seconds; a new version is passed on to whoever mirrors it.

Comes in: a way to read it, and one to pass it on. Goes out: `now`. What cannot be read, or not be passed on
yet, leaves the last one standing.
"""

import logging
from collections.abc import Callable
from threading import Event, Lock

from clickhouse.errors import StoreAwayError
from streams.directory import Directory
from streams.directory_topic import DirectoryError

POLL_S = 3.0
log = logging.getLogger(__name__)


class DirectoryWatch:
    def __init__(self, read: Callable[[], Directory | None], pass_on: Callable[[Directory], None]) -> None:
        self._read = read
        self._pass_on = pass_on
        self._lock = Lock()
        self._directory: Directory | None = None

    def now(self) -> Directory | None:
        """As long as there is none, it is looked for at once."""
        if self._directory is None:
            self.refresh()
        return self._directory

    def keep(self, stop: Event) -> None:
        """Until `stop`."""
        while not stop.is_set():
            self.refresh()
            stop.wait(POLL_S)

    def refresh(self) -> None:
        with self._lock:
            try:
                found = self._read()
                if found is not None and (self._directory is None or found.version != self._directory.version):
                    self._pass_on(found)
                    self._directory = found
                    log.info("directory version %d", found.version)
            except (DirectoryError, StoreAwayError) as error:
                log.warning("%s", error)
