"""The directory that chunks are derived with: waited for at the start, followed while running.

Comes in: a way to read what is published. Goes out: `current`. A newer version is adopted as it comes; whether the
state at hand may go on with it is for the leases to say.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic

from streams.directory import Directory

log = logging.getLogger(__name__)

LoadDirectory = Callable[[str], Directory | None]
"""Blocks; None where nothing was ever published."""
REMIND_EVERY_S = 30.0


class CurrentDirectory:
    def __init__(self, bootstrap: str, load: LoadDirectory, every_s: float) -> None:
        self._bootstrap = bootstrap
        self._load = load
        self._every_s = every_s
        self._found = asyncio.Event()
        self._current: Directory | None = None

    @property
    def current(self) -> Directory:
        if self._current is None:
            raise LookupError("no directory yet: wait for available()")
        return self._current

    async def available(self) -> Directory:
        await self._found.wait()
        return self.current

    async def follow(self, adopted: Callable[[Directory], Awaitable[None]]) -> None:
        """For ever. `adopted` hears of every version but the first."""
        reminded = -REMIND_EVERY_S
        while True:
            newest = await self._read()
            if newest is None and self._current is None and monotonic() - reminded > REMIND_EVERY_S:
                log.warning("waiting for a directory: publish one with `pulse directory apply FILE`")
                reminded = monotonic()
            if newest is not None:
                await self._adopt(newest, adopted)
            await asyncio.sleep(self._every_s)

    async def _adopt(self, newest: Directory, adopted: Callable[[Directory], Awaitable[None]]) -> None:
        known, self._current = self._current, newest
        if known is None:
            log.info("directory: version %d, %s", newest.version, newest.digest)
            self._found.set()
        elif known.version != newest.version:
            log.info("directory: now version %d, %s", newest.version, newest.digest)
            await adopted(newest)

    async def _read(self) -> Directory | None:
        try:
            return await asyncio.to_thread(self._load, self._bootstrap)
        except (OSError, RuntimeError) as error:
            log.warning("the directory could not be read, the known one stays: %s", error)
            return None
