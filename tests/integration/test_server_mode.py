"""A ClickHouse server instead of the embedded engine: over HTTP, in processes of their own, also while it is away.

PULSE_TEST_CLICKHOUSE names a real one; without it there is our front of the embedded engine, which may be killed.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from clickhouse.engine import Engine, connect
from clickhouse.errors import StoreAwayError, TooLateError
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.store import FactStore
from clickhouse.migrate import migrate_database
from deploy import run, topics
from deploy.broker import LocalBroker
from deploy.ports import free_port
from tests.integration.fact_rows import batch, everywhere, expected, fact, stored
from tests.integration.loader_rig import LoaderRig, await_true, made

ADDRESS = os.environ.get("PULSE_TEST_CLICKHOUSE")
FRONT = Path(__file__).parents[1] / "faults" / "front.py"
PULSE = str(Path(sys.executable).with_name("pulse"))
WITHIN_S = 60.0
pytestmark = pytest.mark.timeout(400)
ours = pytest.mark.skipif(ADDRESS is not None, reason="somebody else's server is not killed")


class Server:
    """`process` is None where the server is not ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = ADDRESS or f"http://127.0.0.1:{self.port}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        if ADDRESS is None:
            command = [sys.executable, str(FRONT), "--folder", str(self.folder), "--port", str(self.port)]
            self.process = subprocess.Popen(command)
        await_true(lambda: answers(f"{self.url.rstrip('/')}/ping"))

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        if self.process is None:
            return 0
        self.process.terminate()
        return self.process.wait(WITHIN_S)


def answers(url: str) -> bool:
    try:
        return httpx.get(url, timeout=WITHIN_S).is_success
    except httpx.HTTPError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    running = Server(tmp_path_factory.mktemp("server"))
    running.start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def served(server: Server) -> Iterator[Engine]:
    """The same database for all: its schema takes seconds."""
    database = f"pulse_{uuid4().hex[:12]}"
    engine = connect(server.url, database)
    migrate_database(engine, database)
    yield engine
    with closing(engine.writer("default")) as client:
        client.command(f"DROP DATABASE {database} SYNC")


@pytest.fixture
def rig(bootstrap: str, served: Engine) -> Iterator[LoaderRig]:
    with made(bootstrap, served, served.database) as rigged:
        yield rigged


def test_a_token_counts_once_and_a_late_insert_is_refused(served: Engine) -> None:
    with closing(served.writer()) as client:
        store = FactStore(client, CALLS, 1, "topic")
        facts = [fact(number) for number in range(10)]
        for _ in range(2):
            store.insert(batch(facts), store.clock_ms() + 60_000)
        with pytest.raises(TooLateError):
            store.insert(batch([fact(99)], first=10), store.clock_ms() - 1)
        assert stored(client, 1) == everywhere(expected(facts))


@ours
def test_a_server_that_is_killed_costs_no_fact_and_no_loader(server: Server, rig: LoaderRig) -> None:
    rig.say(fact(number) for number in range(200))
    with rig.loading() as progress:
        await_true(rig.all_in)
        server.kill()
        rig.say(fact(number) for number in range(200, 300))
        await_true(lambda: bool(progress.last_error))
        with pytest.raises(StoreAwayError):
            FactStore(rig.client, CALLS, rig.generation, "topic").clock_ms()
        server.start()
        await_true(rig.all_in)


@contextmanager
def dashboard(broker: str, data: Path, served: Engine, url: str) -> Iterator[subprocess.Popen[bytes]]:
    """However the test ends, it ends with it."""
    where = ["--data", str(data), "--kafka", broker, "--http", "0"]
    running = subprocess.Popen([PULSE, "dashboard", *where, "--clickhouse", url, "--database", served.database])
    try:
        yield running
    finally:
        running.kill()
        running.wait()


@ours
def test_the_dashboard_outlives_its_server(server: Server, served: Engine, tmp_path: Path) -> None:
    data = tmp_path / "data"
    with LocalBroker(tmp_path / "kafka") as broker:
        topics.apply(broker.address, topics.Wanted())
        with dashboard(broker.address, data, served, server.url) as running:
            await_true(lambda: (found := run.read(data)) is not None and answers(f"{found.http}/readyz"))
            found = run.read(data)
            assert found is not None
            server.kill()
            refused = httpx.get(f"{found.http}/readyz", timeout=WITHIN_S)
            assert (refused.status_code, refused.json()["detail"]) == (
                503,
                "the store does not answer now; ask again in a moment",
            )
            server.start()
            await_true(lambda: answers(f"{found.http}/readyz"))
            running.send_signal(signal.SIGTERM)
            assert running.wait(WITHIN_S) == 0


def test_users_are_added_to_the_server_that_is_named(server: Server, served: Engine, tmp_path: Path) -> None:
    where = ("--data", str(tmp_path / "none"), "--clickhouse", server.url)
    of_ours = (*where, "--database", served.database)
    added = user("add", *of_ours, "--role", "provider", "--password", "a long password", "boss")
    assert (added.returncode, added.stdout) == (0, "boss may sign in\n"), added.stderr
    assert user("list", *of_ours).stdout == "boss\tprovider\t*\t*\tphones\n"
    assert user("remove", *of_ours, "boss").returncode == 0
    missed = user("list", *where, "--database", "of_nobody")
    assert (missed.returncode, "run `pulse migrate --clickhouse URL`" in missed.stderr) == (1, True), missed.stderr
    assert not (tmp_path / "none").exists()


def user(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PULSE, "user", *arguments], capture_output=True, text=True, timeout=WITHIN_S, check=False)
