"""`pulse demo`: from nothing to a verified report, the same for the same city, beside another one, leaving nothing."""

from collections.abc import Callable
from typing import Any

import pytest

Start = Callable[..., Any]

pytestmark = pytest.mark.timeout(400)
ONCE = ("demo", "--once", "--days", "1", "--start", "2026-03-02")


def tables(output: str) -> list[str]:
    """The lines of the two reports: what was counted, without addresses and durations."""
    return [line for line in output.splitlines() if line.startswith(("│", "┃"))]


@pytest.mark.slow
def test_two_beside_each_other_end_verified_and_the_same_seed_gives_the_same_report(start: Start) -> None:
    demos = [start(f"data-{number}", *ONCE, "--seed", "5") for number in range(2)]
    for demo in demos:
        assert demo.process.wait(300) == 0, demo.output
    first, second = (tables(demo.output) for demo in demos)
    assert first == second
    assert any("pbx-1/GSM1" in line for line in first)
    assert all(demo.processes() == [] for demo in demos)


@pytest.mark.slow
def test_it_goes_on_live_and_ctrl_c_stops_all_of_it(start: Start) -> None:
    demo = start("data", "demo", "--days", "1", "--seed", "6")
    demo.until(lambda: "live: http" in demo.output, 300)
    demo.until(lambda: "sign in as admin-" in demo.output, 10)
    demo.until((demo.data / "logs" / "feed.log").exists, 10)
    assert any("--live" in process.cmdline() for process in demo.processes())
    assert demo.interrupt() == 0
    assert demo.processes() == []


def test_ctrl_c_while_starting_leaves_nothing_and_a_folder_keeps_its_city(start: Start) -> None:
    demo = start("data", *ONCE, "--seed", "7")
    demo.until((demo.data / "demo.json").exists, 180)
    assert demo.interrupt() == 1, "the end of --once was not reached"
    assert demo.processes() == []
    other = start("data", *ONCE, "--seed", "8")
    assert other.process.wait(60) == 1
    assert "holds another city (--seed 7 --days 1 --start 2026-03-02)" in other.output
