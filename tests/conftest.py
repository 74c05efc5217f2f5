"""What all tests share: a real Apache Kafka on a free port, in a temporary folder, ended with the run."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.broker import LocalBroker


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalBroker]:
    folder: Path = tmp_path_factory.mktemp("kafka")
    with LocalBroker(folder) as running:
        yield running


@pytest.fixture
def bootstrap(broker: LocalBroker) -> str:
    """The address of the shared broker; a test makes topics of its own names in it."""
    return broker.address
