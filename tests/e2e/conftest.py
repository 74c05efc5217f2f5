"""What the tests of the whole system share: `pulse` as its user starts it, ended with the test."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.chain import Started, pulse


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Started]]:
    """`start("data", "up", "--workers", "2")`, or on a folder that is there; what still runs in the end is killed."""
    started: list[Started] = []

    def one(name: str | Path, *arguments: str) -> Started:
        started.append(Started(tmp_path / name, *arguments))
        return started[-1]

    yield one
    for each in started:
        if each.process.poll() is None:
            each.process.kill()
            each.process.wait()


@pytest.fixture(scope="session")
def pulse_command() -> Callable[..., subprocess.CompletedProcess[str]]:
    return pulse
