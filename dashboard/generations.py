"""The store follows the generations as they are published: tables, loaders, and which one is read.

Comes in: a `Generations`. Goes out: tables and loaders of those that are filled, readers and views on the current one,
and no tables of those that are gone. Each step may be cut off and is done by doing it again.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from clickhouse_connect.driver.client import Client

from clickhouse.loader.generations import Loading
from clickhouse.migrate import create_generation, current_generation, drop_generation, generations_stored, switch_to
from streams.contracts.generations import Generations
from streams.progress import Progress, ProgressError, StagePosition

log = logging.getLogger(__name__)


class GenerationsError(RuntimeError):
    """The store and what is published do not belong together; the message says what to do."""


class CurrentFlow:
    """Where the stages of the generation that is read stand."""

    def __init__(self, opened: Callable[[int], Progress]) -> None:
        self._opened = opened
        self._lock = Lock()
        self._progress: Progress | None = None

    def follow(self, generation: int) -> None:
        progress = self._opened(generation)
        with self._lock:
            former, self._progress = self._progress, progress
        if former is not None:
            former.close()

    def positions(self) -> Sequence[StagePosition]:
        with self._lock:
            if self._progress is None:
                raise ProgressError("it is not known yet which generation is read")
            return self._progress.positions()

    def close(self) -> None:
        with self._lock:
            if self._progress is not None:
                self._progress.close()


class ReadGenerations:
    """Of a store that others fill, and make tables in: only what is read moves on."""

    def __init__(self, read_from: Callable[[int], None]) -> None:
        self._read_from = read_from
        self._current = 0

    def adopt(self, found: Generations) -> None:
        if self._current != found.current:
            self._read_from(found.current)
            self._current = found.current


class StoreGenerations:
    """`read_from` hears of the generation that questions are about to be answered from."""

    def __init__(self, writer: Client, loading: Loading, read_from: Callable[[int], None]) -> None:
        self._writer = writer
        self._loading = loading
        self._read_from = read_from
        self._current = 0

    def adopt(self, found: Generations) -> None:
        self._check(found)
        for generation in found.filled:
            create_generation(self._writer, generation)
        self._loading.begin(found.filled)
        if self._current != found.current:
            self._read_from(found.current)
            self._current = found.current
        if current_generation(self._writer) != found.current:
            switch_to(self._writer, found.current)
            log.info("generation %d is read from now on", found.current)
        self._loading.end_all_but(found.filled)
        self._drop(found)

    def loading(self) -> Mapping[str, Mapping[str, object]]:
        """How the loaders of the current generation are."""
        return self._loading.state(self._current)

    def _check(self, found: Generations) -> None:
        read = current_generation(self._writer)
        if found.current < read:
            raise GenerationsError(
                f"the store is read in generation {read}, but Kafka knows of {found.current} only: the broker's data "
                "was replaced. Use the broker that the store was filled from, or an empty store"
            )

    def _drop(self, found: Generations) -> None:
        for generation in sorted(generations_stored(self._writer) - found.stored):
            if generation < found.current:
                drop_generation(self._writer, generation)
                log.info("generation %d: its tables are gone", generation)
