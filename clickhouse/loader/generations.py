"""The loaders of the generations that are wanted: one for each kind of facts of each, side by side.

Comes in: which generations are to be filled, and which no more. Goes out: running loaders, and how each is.
"""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from threading import Event, Thread

from clickhouse.loader.mapping import MAPPINGS, FactsMapping
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import LoaderSettings, run_loader
from streams.contracts.generations import Generations
from streams.generations import PublishedGenerations

log = logging.getLogger(__name__)

STOP_WITHIN_S = 30.0
Start = Callable[[str, Callable[[], None]], Thread]
"""Runs something in a thread of that name; what it raises is the starter's to report."""


@dataclass
class _Loaders:
    """Of one generation."""

    stop: Event = field(default_factory=Event)
    threads: dict[str, Thread] = field(default_factory=dict)
    progress: dict[str, LoaderProgress] = field(default_factory=dict)


class Loading:
    def __init__(self, settings: LoaderSettings, start: Start) -> None:
        self._settings = settings
        self._start = start
        self._running: dict[int, _Loaders] = {}

    def begin(self, generations: Iterable[int]) -> None:
        """Beside those that run."""
        for generation in sorted({*generations} - self._running.keys()):
            log.info("loading generation %d", generation)
            self._running[generation] = self._started(generation)

    def end_all_but(self, generations: Iterable[int]) -> None:
        """Returns when the others have settled what they had in hand, or after a bound."""
        ended = [self._running.pop(generation) for generation in self._running.keys() - {*generations}]
        for loaders in ended:
            loaders.stop.set()
        for thread in (thread for loaders in ended for thread in loaders.threads.values()):
            thread.join(STOP_WITHIN_S)

    def state(self, generation: int) -> Mapping[str, Mapping[str, object]]:
        """By the name of the facts; nothing of a generation that is not loaded here."""
        loaders = self._running.get(generation)
        if loaders is None:
            return {}
        return {
            name: {"alive": thread.is_alive(), **asdict(loaders.progress[name])}
            for name, thread in loaders.threads.items()
        }

    def _started(self, generation: int) -> _Loaders:
        loaders = _Loaders()
        settings = replace(self._settings, generation=generation)
        for mapping in MAPPINGS:
            loaders.progress[mapping.name] = LoaderProgress()
            work = self._work(settings, loaders, mapping)
            loaders.threads[mapping.name] = self._start(f"loader of {mapping.name}, generation {generation}", work)
        return loaders

    def _work(self, settings: LoaderSettings, loaders: _Loaders, mapping: FactsMapping) -> Callable[[], None]:
        return lambda: run_loader(settings, loaders.stop, loaders.progress[mapping.name], mapping)


def run_loaders(settings: LoaderSettings, stop: Event, only: int | None = None) -> None:
    """Of the generations that are filled, or of one only, until `stop`; the first to fail stops all and is raised."""
    failures: list[Exception] = []

    def start(name: str, work: Callable[[], None]) -> Thread:
        def run() -> None:
            try:
                work()
            except Exception as error:
                failures.append(error)
                stop.set()

        thread = Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

    loading = Loading(settings, start)
    try:
        if only is None:
            _follow(settings.kafka, loading, stop)
        else:
            loading.begin([only])
            stop.wait()
    finally:
        loading.end_all_but([])
    for failure in failures:
        raise failure


def _follow(kafka: str, loading: Loading, stop: Event) -> None:
    published = PublishedGenerations(kafka)

    def adopt(found: Generations) -> None:
        loading.begin(found.filled)
        loading.end_all_but(found.filled)

    try:
        published.follow(adopt, stop)
    finally:
        published.close()
