"""The API, and with an embedded ClickHouse the loaders in the same process, because it belongs to one process only.

Comes in: Kafka's address, the folder of the store or the address of a server, an address to listen on. Goes out: a
running API until SIGTERM or SIGINT; then the loader settles what it has in hand and everything is closed. If one part
fails, all stops and the reason is raised. Other machines are let in only where somebody can sign in.
"""

import errno
import logging
import signal
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import Any

import uvicorn
from kafka.errors import KafkaError

from clickhouse.dimensions import load_dimensions
from clickhouse.engine import DATABASE, Engine, connect, open_embedded
from clickhouse.kept import Keeping
from clickhouse.loader.generations import Loading
from clickhouse.loader.run import LoaderSettings
from clickhouse.migrate import migrate
from dashboard.access.accounts import Accounts
from dashboard.access.where import is_loopback, reached_at
from dashboard.app import create_app
from dashboard.freshness import Freshness
from dashboard.generations import CurrentFlow, ReadGenerations, StoreGenerations
from dashboard.letters import Letters
from dashboard.notes import Notes
from dashboard.readers import Readers
from dashboard.sources import Sources
from dashboard.stopping import GRACE_S, JOIN_WITHIN_S
from dashboard.watch import DirectoryWatch
from streams.contracts.generations import Generations
from streams.dead_letters import Seen, read_letters, read_replayed
from streams.directory_topic import read_directory
from streams.generations import PublishedGenerations
from streams.progress import Progress

log = logging.getLogger(__name__)


class ServeError(RuntimeError):
    """Serving cannot begin or go on; the message says why."""


@dataclass(frozen=True)
class ServeSettings:
    """`port` 0 takes any free one; `store` is the folder that this process will own, unless `server` is the address of
    a ClickHouse that loaders elsewhere fill."""

    kafka: str
    store: Path
    host: str
    port: int
    token: str
    server: str | None = None
    database: str = DATABASE

    @property
    def instance(self) -> str:
        """The same after a restart, another for another folder."""
        folder = sha256(str(self.store.resolve()).encode()).hexdigest()[:12]
        return f"{socket.gethostname()}-serve-{folder}"


class Parts:
    """Threads beside the API: the first that fails stops all, and its reason is kept."""

    def __init__(self, stop: Event) -> None:
        self.failure: Exception | None = None
        self._stop = stop
        self._threads: list[Thread] = []

    def start(self, name: str, work: Callable[[], None]) -> Thread:
        thread = Thread(target=self._run, args=(name, work), name=name, daemon=True)
        self._threads.append(thread)
        thread.start()
        return thread

    def stop(self) -> None:
        self._stop.set()
        deadline = time.monotonic() + JOIN_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
            if thread.is_alive():
                self.failure = self.failure or ServeError(f"the {thread.name} did not stop in {JOIN_WITHIN_S:.0f} s")

    def _run(self, name: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:
            log.exception("the %s failed", name)
            self.failure = self.failure or error
            self._stop.set()


def serve(settings: ServeSettings, started: Callable[[str], None]) -> None:
    """Until it is told to stop; `started` gets the address. Raises ServeError or EngineError."""
    stop = Event()
    parts = Parts(stop)
    with _stopped_by_signals(stop), ExitStack() as opened:
        listening = opened.enter_context(_listen(settings.host, settings.port))
        engine = opened.enter_context(_opened(settings))
        keeping = Keeping(opened.enter_context(closing(engine.writer())), shared=settings.server is not None)
        accounts, notes = Accounts(keeping, _now_ms), Notes(keeping, _now_ms)
        _refuse_strangers(settings, accounts)
        if keeping.shared:
            parts.start("watch of users and notes", lambda: keeping.follow(stop))
        app = create_app(_start(parts, engine, settings, stop, opened, accounts, notes))
        server = uvicorn.Server(
            uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=GRACE_S)
        )
        parts.start("end of the API", lambda: _end(server, stop))
        started(reached_at(settings.host, listening.getsockname()[1]))
        server.run(sockets=[listening])
    if parts.failure is not None:
        raise ServeError(str(parts.failure)) from parts.failure


def _start(
    parts: Parts,
    engine: Engine,
    settings: ServeSettings,
    stop: Event,
    opened: ExitStack,
    accounts: Accounts,
    notes: Notes,
) -> Sources:
    """Everything that runs beside the API; what is opened last is closed first."""
    dimensions = opened.enter_context(closing(engine.writer()))
    watch = DirectoryWatch(lambda: read_directory(settings.kafka), lambda found: load_dimensions(dimensions, found))
    published = opened.enter_context(closing(PublishedGenerations(settings.kafka)))
    flow = opened.enter_context(closing(CurrentFlow(lambda number: _progress(settings, number))))
    freshness = Freshness(flow, _now_ms)
    readers = opened.enter_context(closing(Readers(engine)))

    def read_from(generation: int) -> None:
        _read_from(flow, freshness, generation)

    store = _reading(read_from) if settings.server else _loading(parts, engine, settings, read_from, opened)
    opened.callback(parts.stop)
    store.adopt(published.now())
    parts.start("generations watch", lambda: _follow(published, store, stop))
    parts.start("directory watch", lambda: watch.keep(stop))
    parts.start("freshness watch", lambda: freshness.keep(stop))
    letters = _letters(settings.kafka)
    return Sources(readers, watch.now, freshness, store.loading, settings.token, accounts, notes, letters)


def _letters(kafka: str) -> Letters:
    seen = Seen()
    return Letters(lambda first: read_letters(kafka, first, seen), lambda: read_replayed(kafka), _now_ms)


@dataclass(frozen=True)
class _StoreParts:
    """What follows the published generations, how its loaders are, and what ends them."""

    adopt: Callable[[Generations], None]
    loading: Callable[[], Mapping[str, Mapping[str, Any]]]
    end: Callable[[], None]


def _loading(
    parts: Parts, engine: Engine, settings: ServeSettings, read_from: Callable[[int], None], opened: ExitStack
) -> _StoreParts:
    loading = Loading(LoaderSettings(settings.kafka, engine, instance=settings.instance), parts.start)
    store = StoreGenerations(opened.enter_context(closing(engine.writer())), loading, read_from)
    return _StoreParts(store.adopt, store.loading, lambda: loading.end_all_but([]))


def _reading(read_from: Callable[[int], None]) -> _StoreParts:
    return _StoreParts(ReadGenerations(read_from).adopt, dict, lambda: None)


def _read_from(flow: CurrentFlow, freshness: Freshness, generation: int) -> None:
    flow.follow(generation)
    freshness.refresh(_now_ms())


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


def _follow(published: PublishedGenerations, store: _StoreParts, stop: Event) -> None:
    try:
        published.follow(store.adopt, stop)
    finally:
        store.end()


def _opened(settings: ServeSettings) -> Engine:
    """The schema of a server is `pulse migrate`'s, that of our own folder is ours."""
    if settings.server is None:
        engine = open_embedded(settings.store)
        _prepare(engine)
        return engine
    engine = connect(settings.server, settings.database)
    if not engine.has_database():
        raise ServeError(f"there is no database {settings.database}: run `pulse migrate --clickhouse URL`")
    return engine


def _prepare(engine: Engine) -> None:
    engine.create_database()
    with closing(engine.writer()) as writer:
        for step in migrate(writer):
            log.info("applied %s", step)


def _progress(settings: ServeSettings, generation: int) -> Progress:
    try:
        return Progress(settings.kafka, generation)
    except KafkaError as error:
        raise ServeError(f"no Kafka at {settings.kafka}: {error}") from error


def _listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
        listening.listen()  # from here on a caller waits instead of being refused
    except OSError as error:
        listening.close()
        if error.errno == errno.EADDRINUSE:
            raise ServeError(f"port {port} is taken: choose another, or 0 for any free one") from error
        raise ServeError(f"cannot listen on {host}: {error.strerror}; choose an address of this machine") from error
    return listening


def _refuse_strangers(settings: ServeSettings, accounts: Accounts) -> None:
    if accounts.nobody and not is_loopback(settings.host):
        there = " --clickhouse URL" if settings.server else ""
        raise ServeError(
            f"--host {settings.host} would let other machines in, and nobody can sign in yet: add a user first, with "
            f"`pulse user add{there}`"
        )


def _end(server: uvicorn.Server, stop: Event) -> None:
    stop.wait()
    server.should_exit = True


@contextmanager
def _stopped_by_signals(stop: Event) -> Iterator[None]:
    """Also before the API listens to them itself, and after: it raises them again when it has ended."""
    numbers = (signal.SIGTERM, signal.SIGINT)
    former = {number: signal.signal(number, lambda *_: stop.set()) for number in numbers}
    try:
        yield
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
