"""`pulse load` as a process of its own: killed outright at any step, or told to stop, it leaves exact tables behind."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from clickhouse.engine import Engine, open_embedded
from clickhouse.loader.mapping import CALLS, ORDERS
from clickhouse.migrate import create_generation, migrate_database
from tests.integration.fact_rows import everywhere, expected, fact, stored
from tests.integration.loader_rig import LoaderRig, await_true

GENERATION = 501
DATABASE = "pulse"
LOAD = [sys.executable, "-c", "from deploy.cli import main; main()", "load"]


class Folder:
    """A data folder, whose ClickHouse belongs to one process after the other."""

    def __init__(self, path: Path, kafka: str) -> None:
        self.path = path
        self.kafka = kafka
        with self.engine() as engine:
            migrate_database(engine, DATABASE)
            with closing(engine.writer()) as client:
                create_generation(client, GENERATION)

    def engine(self) -> Engine:
        return open_embedded(self.path / "clickhouse")

    def start(self, failpoints: str = "") -> subprocess.Popen[str]:
        where = ["--data", str(self.path), "--kafka", self.kafka, "--generation", str(GENERATION)]
        environment = os.environ | {"PULSE_FAILPOINTS": failpoints}
        return subprocess.Popen([*LOAD, *where], env=environment, stderr=subprocess.PIPE, text=True)

    def holds_exactly(self, rig: LoaderRig) -> bool:
        with self.engine() as engine, closing(engine.reader()) as client:
            return stored(client, GENERATION) == everywhere(expected(rig.said))


@pytest.fixture
def folder(bootstrap: str, tmp_path: Path) -> Folder:
    return Folder(tmp_path / "data", bootstrap)


@pytest.fixture
def rig(bootstrap: str, engine: Engine) -> Iterator[LoaderRig]:
    """Only its topic is used here, and one for orders, because both kinds are loaded."""
    with engine.writer("default") as client:
        made, orders = (
            LoaderRig(bootstrap, engine, "default", client, GENERATION, mapping) for mapping in (CALLS, ORDERS)
        )
    made.make_topic()
    orders.make_topic()
    yield made
    made.delete_topic()
    orders.delete_topic()


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def test_killed_at_any_step_and_started_again_it_is_exact(folder: Folder, rig: LoaderRig) -> None:
    steps = ("loader.after_intent", "loader.after_insert", "loader.before_intent", "loader.after_insert")
    for round_, step in enumerate(steps):
        rig.say(fact(number) for number in range(round_ * 50, round_ * 50 + 50))
        code, said = ended(folder.start(f"{step}=kill@1"))
        assert code == -signal.SIGKILL, said
    through = len(rig.said) + len(steps) - 1  # the marker of each transaction but the last lies before it
    last = folder.start()
    await_true(lambda: last.poll() is not None or rig.committed() == (through, ""))
    last.terminate()
    assert ended(last)[0] == 0
    assert folder.holds_exactly(rig)
