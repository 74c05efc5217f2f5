"""What all tests share: their order, and a real Apache Kafka in a folder and on a port of its own for the whole run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.broker import LocalBroker

TESTS = Path(__file__).parent
LONGEST_FIRST = (
    "e2e/test_faults_short.py",
    "e2e/test_rebuild.py",
    "e2e/test_demo.py",
    "e2e",
    "browser",
    "integration",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files go to whichever worker is free: with the short ones at the end none is left alone with a long one."""
    items.sort(key=lambda item: _place(item.path))


def _place(file: Path) -> int:
    names = file.relative_to(TESTS).as_posix()
    return next((place for place, name in enumerate(LONGEST_FIRST) if names.startswith(name)), len(LONGEST_FIRST))


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    folder: Path = tmp_path_factory.mktemp("kafka")
    with LocalBroker(folder) as running:
        yield running


@pytest.fixture
def bootstrap(broker: LocalBroker) -> str:
    """The address of the shared broker; a test makes topics of its own names in it."""
    return broker.address
