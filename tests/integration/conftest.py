"""One embedded ClickHouse for the whole run, for a process can host only one; a database of its own for each test."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

import pytest

from clickhouse.engine import Engine, open_embedded
from clickhouse.migrate import migrate


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with open_embedded(tmp_path_factory.mktemp("clickhouse")) as opened:
        yield opened


@pytest.fixture
def database(engine: Engine) -> Iterator[str]:
    """Migrated and empty; the name of a database that is dropped afterwards."""
    with migrated(engine) as name:
        yield name


@pytest.fixture(scope="module")
def shared_database(engine: Engine) -> Iterator[str]:
    """The same for all tests of a file, where each makes tables of a generation of its own: a schema takes a while."""
    with migrated(engine) as name:
        yield name


@contextmanager
def migrated(engine: Engine) -> Iterator[str]:
    name = f"pulse_{uuid4().hex[:12]}"
    engine.create_database(name)
    client = engine.writer(name)
    migrate(client)
    yield name
    client.command(f"DROP DATABASE {name} SYNC")
    client.close()
