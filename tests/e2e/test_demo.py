"""`pulse demo`: from nothing to a verified report, the same for the same city, beside another one, leaving nothing."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.chain import Started

Start = Callable[..., Any]

pytestmark = pytest.mark.timeout(400)
CITY = ("demo", "--days", "1", "--start", "2026-03-02")
ONCE = (*CITY, "--once", "--seed", "5")


def tables(output: str) -> list[str]:
    """The lines of the two reports: what was counted, without addresses and durations."""
    return [line for line in output.splitlines() if line.startswith(("│", "┃"))]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Started]]:
    """Two beside each other, of the same city, each gone to the end of its history."""
    folder = tmp_path_factory.mktemp("demo")
    demos = [Started(folder / f"data-{number}", *ONCE) for number in range(2)]
    try:
        for demo in demos:
            demo.process.wait(300)
        yield demos
    finally:
        for demo in demos:
            demo.process.kill()
            demo.process.wait()


def test_two_beside_each_other_end_verified_and_the_same_seed_gives_the_same_report(ended: list[Started]) -> None:
    assert [demo.process.returncode for demo in ended] == [0, 0], [demo.output for demo in ended]
    first, second = (tables(demo.output) for demo in ended)
    assert first == second
    assert any("pbx-1/GSM1" in line for line in first)
    assert all(demo.processes() == [] for demo in ended)


def test_started_again_it_goes_on_live_and_ctrl_c_stops_all_of_it(ended: list[Started], start: Start) -> None:
    demo = start(ended[0].data, *CITY, "--seed", "5")
    demo.until(lambda: "live: http" in demo.output, 300)
    demo.until(lambda: "sign in as admin-" in demo.output, 60)
    demo.until((demo.data / "logs" / "feed.log").exists, 10)
    assert any("--live" in process.cmdline() for process in demo.processes())
    assert demo.interrupt() == 0
    assert demo.processes() == []


def test_a_folder_keeps_its_city(ended: list[Started], start: Start) -> None:
    other = start(ended[1].data, *CITY, "--seed", "8")
    assert other.process.wait(60) == 1
    assert "holds another city (--seed 5 --days 1 --start 2026-03-02)" in other.output


def test_ctrl_c_while_starting_leaves_nothing(start: Start) -> None:
    demo = start("data", *ONCE)
    demo.until((demo.data / "directory.yaml").exists, 180)
    assert demo.interrupt() == 1, "the end of --once was not reached"
    assert demo.processes() == []
