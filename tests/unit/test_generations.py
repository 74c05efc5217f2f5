"""Generations: one is read, at most one is filled, numbers are never used twice, and a killed rebuild goes on."""

from pathlib import Path

import phonenumbers
import pytest

import deploy.basis
from deploy.pace import Pace
from streams.contracts.generations import Generations
from streams.delivery import state
from streams.drain import Standing
from streams.progress import StagePosition


def test_the_first_is_read_until_somebody_rebuilds() -> None:
    assert Generations().filled == (1,)


def test_a_rebuild_fills_the_next_beside_the_current_and_then_swaps() -> None:
    begun = Generations().begun("a")
    assert (begun.current, begun.next, begun.filled) == (1, 2, (1, 2))
    switched = begun.switched()
    assert (switched.current, switched.next, switched.former) == (2, None, (1,))
    assert switched.stored == {1, 2}
    assert switched.finished(keep=False).stored == {2}


def test_one_that_was_begun_goes_on() -> None:
    begun = Generations().begun("a")
    assert begun.begun("a") == begun


def test_one_begun_with_another_directory_is_given_up_and_its_number_is_not_used_again() -> None:
    again = Generations().begun("a").begun("b")
    assert (again.next, again.former, again.filled) == (3, (2,), (1, 3))
    assert again.switched().finished(keep=False).begun("c").next == 4


def test_one_that_was_given_up_is_removed_with_the_next_swap_and_its_number_is_not_used_again() -> None:
    given_up = Generations().begun("a").given_up()
    assert (given_up.filled, set(given_up.stored), given_up.swapped) == ((1,), {1, 2}, False)
    again = given_up.begun("a")
    assert (again.next, again.basis) == (3, "a"), "derived with the same, but not gone on with"
    switched = again.switched()
    assert switched.swapped
    assert switched.finished(keep=False).stored == {3}
    assert switched.finished(keep=True).stored == {1, 3}


@pytest.mark.parametrize(
    ("of", "name", "other"),
    [
        (state, "LAYOUT", state.LAYOUT + 1),
        (phonenumbers, "__version__", "0.0.1"),
        (deploy.basis, "DEFINITIONS", 0),
        (deploy.basis, "code", {deploy.basis.ROOT: "0"}.__getitem__),
    ],
    ids=["what state holds", "how phones are read", "what is counted", "the program"],
)
def test_one_begun_by_another_version_is_not_gone_on_with(
    of: object, name: str, other: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Generations().begun(deploy.basis.basis("a"))
    assert before.begun(deploy.basis.basis("a")) == before
    monkeypatch.setattr(of, name, other)
    assert before.begun(deploy.basis.basis("a")).next == 3


@pytest.mark.parametrize(
    "path", ["streams/rules/call.py", "streams/contracts/times.py", "streams/phones.py", "clickhouse/migrations/1.sql"]
)
def test_the_program_is_another_where_a_file_that_decides_is(path: str, tmp_path: Path) -> None:
    found = {deploy.basis.code(tmp_path)}
    (tmp_path / path).parent.mkdir(parents=True)
    for text in ("one", "other"):
        (tmp_path / path).write_text(text)
        found.add(deploy.basis.code(tmp_path))
    assert len(found) == 3
    assert (deploy.basis.ROOT / "streams" / "rules" / "call.py").exists()


def test_what_an_earlier_version_wrote_is_read_and_given_up() -> None:
    written = b'{"v": 1, "current": 1, "next": 2, "basis": "directory a, definitions 1", "former": [], "kept": []}'
    again = Generations.model_validate_json(written).begun(deploy.basis.basis("a"))
    assert (again.next, again.former) == (3, (2,))


def test_what_is_kept_stays_until_a_rebuild_that_keeps_nothing() -> None:
    kept = Generations().begun("a").switched().finished(keep=True)
    assert kept.stored == {1, 2}
    assert kept.begun("b").switched().stored == {1, 2, 3}
    twice = kept.begun("b").switched().finished(keep=True)
    assert twice.stored == {1, 2, 3}
    assert twice.begun("c").switched().finished(keep=False).stored == {4}


def test_one_that_was_given_up_is_not_kept() -> None:
    given_up = Generations().begun("a").begun("b")
    assert given_up.switched().finished(keep=True).stored == {1, 3}


def test_there_is_nothing_to_switch_to_before_one_is_filled() -> None:
    with pytest.raises(ValueError, match="no next generation"):
        Generations().switched()


def standing(left: int, still_s: float = 0.0) -> Standing:
    position = StagePosition("loader", "facts.calls.g2", 0, None, 1_000 - left, 1_000, None)
    return Standing("loader", ((position, 1_000),), still_s)


def test_the_pace_says_how_far_how_fast_and_how_much_longer() -> None:
    told: list[str] = []
    clock = iter([0.0, 0.0, 2.0])
    pace = Pace("generation 2", told.append, lambda: next(clock))
    pace(standing(400))
    pace(standing(300))
    assert told == ["generation 2: loader 0 of 400 (0 %)", "generation 2: loader 100 of 400 (25 %), 50/s, 6 s left"]


def test_a_stage_that_was_through_before_it_was_looked_at_is_said_to_be() -> None:
    told: list[str] = []
    Pace("generation 2", told.append, lambda: 0.0)(standing(0))
    assert told == ["generation 2: loader is through"]


def test_the_pace_says_who_is_missing_when_nothing_moves() -> None:
    told: list[str] = []
    Pace("generation 2", told.append, lambda: 0.0)(standing(400, still_s=31))
    assert told == [
        "generation 2: loader 0 of 400 (0 %); no movement for 31 s, does `pulse serve` (or `pulse load`) run?"
    ]
