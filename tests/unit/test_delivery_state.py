"""The state of a lease: what a rule sees during a chunk, what is on disk after it, what a crash leaves of it."""

import os
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.chunks import MemoryState
from streams.delivery import changelog
from streams.delivery.overlay import KeyLengthError
from streams.delivery.state import LAYOUT, Mark, StateLayoutError, Store

MARK = Mark(7, "digest")
keys = st.binary(min_size=1, max_size=3)
pairs = st.dictionaries(keys, st.binary(max_size=2))
writes = st.lists(st.tuples(keys, st.none() | st.binary(max_size=2)))
bounds = st.tuples(st.binary(max_size=3), st.binary(max_size=3), st.booleans())


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = Store(tmp_path_factory.mktemp("state") / "lease")
    yield store
    store.close()


@settings(deadline=None)  # each example waits for the disk
@given(stored=pairs, written=writes, ranges=st.lists(bounds, min_size=1))
def test_a_rule_sees_its_own_writes_over_what_is_stored(
    shared: Store,
    stored: dict[bytes, bytes],
    written: list[tuple[bytes, bytes | None]],
    ranges: list[tuple[bytes, bytes, bool]],
) -> None:
    """The reference is the state that rules are tested with: both have to show the same."""
    shared.clear()
    shared.apply(stored, 1, None)
    expected = MemoryState()
    for key, value in stored.items():
        expected.put(key, value)
    with shared.view() as seen:
        for key, given_value in written:
            for state in (seen, expected):
                state.delete(key) if given_value is None else state.put(key, given_value)
            assert seen.get(key) == expected.get(key) == given_value
        for start, end, reverse in ranges:
            assert list(seen.range(start, end, reverse=reverse)) == list(expected.range(start, end, reverse=reverse))
            assert seen.first(start, end) == expected.first(start, end)
            assert seen.last(start, end) == expected.last(start, end)
        changes = seen.changes
    assert changes == dict(written)
    shared.apply(changes, 2, None)
    with shared.view() as after:
        assert list(after.range(b"", b"\xff" * 4)) == list(expected.range(b"", b"\xff" * 4))


def test_a_range_may_be_left_early(shared: Store) -> None:
    shared.clear()
    shared.apply({b"a": b"1", b"b": b"2"}, 1, None)
    with shared.view() as seen:
        assert next(iter(seen.range(b"a", b"z", reverse=True))) == (b"b", b"2")


@pytest.mark.parametrize("key", [b"", b"k" * 512])
def test_a_key_that_the_store_cannot_hold_is_an_error_of_the_rule(shared: Store, key: bytes) -> None:
    with shared.view() as seen, pytest.raises(KeyLengthError, match="1 to 511 bytes"):
        seen.put(key, b"")


def test_changes_their_mark_and_their_changelog_offset_are_there_after_a_restart(tmp_path: Path) -> None:
    store = Store(tmp_path / "lease")
    assert (store.position, store.mark) == (None, None)
    store.apply({b"a": b"1", b"b": b""}, 40, MARK)
    store.apply({b"a": None}, 42, None)
    store.close()
    again = Store(tmp_path / "lease")
    with again.view() as seen:
        assert (again.position, again.mark, seen.get(b"a"), seen.get(b"b")) == (42, MARK, None, b"")
    again.close()


def test_that_a_store_is_open_is_on_disk_with_its_name_before_anything_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a machine going down could leave changes that were not synced, and no mark to doubt them by."""
    folder, synced = tmp_path / "lease", list[int]()
    monkeypatch.setattr(os, "fsync", lambda file: synced.append(os.fstat(file).st_ino))
    monkeypatch.setattr(lmdb, "open", _not_yet)
    with pytest.raises(ZeroDivisionError):
        Store(folder)
    assert synced == [(folder / "open").stat().st_ino, folder.stat().st_ino]


def _not_yet(*_: object, **__: object) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(("boot", "position"), [(None, 40), ("another boot", None)])
def test_an_open_store_survives_its_process_but_not_the_machine_going_down(
    tmp_path: Path, boot: str | None, position: int | None
) -> None:
    folder = tmp_path / "lease"
    store = Store(folder)
    store.apply({b"a": b"1"}, 40, MARK)
    left_open = (folder / "open").read_text()
    store.close()
    (folder / "open").write_text(boot or left_open)  # as a kill leaves it
    again = Store(folder)
    assert again.position == position
    again.close()


@pytest.mark.parametrize("layout", [LAYOUT - 1, LAYOUT + 1])
def test_state_of_a_version_that_keeps_it_otherwise_is_refused_on_disk_and_in_the_changelog(
    tmp_path: Path, layout: int
) -> None:
    other = Mark(7, "digest", layout=layout)
    store = Store(tmp_path / "lease")
    store.apply({b"a": b"1"}, 40, other)
    store.close()
    with pytest.raises(StateLayoutError, match="pulse rebuild"):
        Store(tmp_path / "lease")
    with pytest.raises(StateLayoutError, match="pulse rebuild"):
        changelog.changes(changelog.messages({b"a": b"1"}, other))


def test_state_from_before_layouts_had_numbers_is_of_the_first() -> None:
    with pytest.raises(StateLayoutError, match="layout 1"):
        Mark.decoded(b'{"next_offset":7,"directory":"d"}')


def test_the_changelog_gives_back_what_was_written_deletions_included() -> None:
    first = list(changelog.messages({b"a": b"1", b"b": b""}, Mark(1, "d")))
    second = list(changelog.messages({b"a": None}, MARK))
    assert all(value is not None for _, value in first + second)  # a tombstone could be gone before it is read
    assert changelog.changes(first + second) == ({b"a": None, b"b": b""}, MARK)


@pytest.mark.parametrize(
    ("position", "end", "up_to_date"), [(None, 0, True), (None, 1, False), (5, 5, True), (5, 6, True), (5, 7, False)]
)
def test_only_the_marker_of_the_last_transaction_may_lie_behind_the_state(
    position: int | None, end: int, up_to_date: bool
) -> None:
    assert changelog.is_up_to_date(position, end) is up_to_date
