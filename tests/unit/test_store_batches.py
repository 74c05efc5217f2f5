"""Batches: which records make one, what is announced of it, and how exactly the same one is made again."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickhouse.loader.batch import MOST_MONTHS, Batch, Entry, announced_last, announcement, fitting
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.lane import Lane, Limits
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.windows import PLACES

MONTH_S = 31 * 86_400
NOW = 1_000.0
LIMITS = Limits(most_rows=10, quiet_s=1.0, flowing_s=5.0)


def entry(offset: int, local_time: int = 0) -> Entry:
    return Entry(offset, {"local_time": local_time})


def lane(*offsets: int, **known: Any) -> Lane:
    """With these records read at NOW."""
    made = Lane(0, next_offset=0, **known)
    made.receive([entry(offset) for offset in offsets], NOW)
    return made


def due(waiting: Lane, after_s: float) -> Batch | None:
    return waiting.due(CALLS, LIMITS, NOW + after_s)


def test_the_token_names_topic_partition_and_run() -> None:
    assert Batch(3, 17, 42, [entry(42)]).token("AbC") == "AbC:3:17-42"


def test_what_is_announced_can_be_read_back() -> None:
    assert announced_last(announcement(Batch(3, 17, 42, [entry(42)]))) == 42
    assert announced_last("") is None


@given(st.lists(st.integers(0, 40), max_size=60), st.integers(1, 70))
def test_a_batch_holds_as_much_as_rows_and_months_allow(months: list[int], most_rows: int) -> None:
    entries = [entry(offset, month * MONTH_S) for offset, month in enumerate(months)]
    count = fitting(entries, CALLS, most_rows)
    assert count <= most_rows
    assert len(set(months[:count])) <= MOST_MONTHS
    if count < min(most_rows, len(entries)):
        assert len(set(months[: count + 1])) == MOST_MONTHS + 1


@given(st.sets(st.integers(0, 60_000), max_size=300))
def test_a_batch_takes_no_more_places_than_reckoned_with(days: set[int]) -> None:
    """Months of facts; years of the Mondays of weeks, which may lie in the year before."""
    entries = [entry(day, day * 86_400) for day in sorted(days)]
    taken = [one.fact["local_time"] // 86_400 for one in entries[: fitting(entries, CALLS, 1_000)]]
    mondays = {day - (day + 3) % 7 for day in taken}
    years = {CALLS.month({"local_time": max(day, 0) * 86_400}) // 12 for day in mondays}
    assert len(years) <= PLACES


def test_a_full_batch_is_due_at_once() -> None:
    found = due(lane(*range(15)), 0)
    assert found is not None
    assert (found.first, found.last, len(found.entries)) == (0, 9, 10)


def test_a_small_one_waits_for_more() -> None:
    assert due(lane(1, 2), 0.9) is None
    assert due(lane(1, 2), 4.9) is None  # more is flowing


def test_but_not_long() -> None:
    waiting = lane(1, 2)
    assert due(waiting, 5.0) is not None
    waiting.receive([], NOW)
    assert due(waiting, 1.0) is not None


def test_offsets_of_markers_belong_to_the_run_that_follows() -> None:
    waiting = lane(3, 4, 8)
    found = due(waiting, 9)
    assert found is not None
    assert (found.first, found.last) == (0, 8)
    waiting.settle(found, NOW)
    assert (waiting.next_offset, waiting.waiting, waiting.confirmed) == (9, [], False)


def test_an_announced_batch_is_made_again_once_its_last_record_was_read() -> None:
    waiting = lane(1, 2, announced_last=5)
    assert waiting.repeated() is None
    assert waiting.lacks_announced
    waiting.receive([entry(5), entry(6)], NOW)
    found = waiting.repeated()
    assert found is not None
    assert (found.first, found.last, [one.offset for one in found.entries]) == (0, 5, [1, 2, 5])
    waiting.settle(found, NOW)
    assert ([one.offset for one in waiting.waiting], waiting.announced_last) == ([6], None)


def test_an_announced_batch_whose_records_are_gone_stops_the_loader() -> None:
    with pytest.raises(LoaderError, match="offset 5 was announced"):
        lane(1, 2, 7, announced_last=5).repeated()


def test_no_limit_lets_a_batch_grow_beyond_what_the_views_keep_together() -> None:
    with pytest.raises(ValueError, match="100001 rows may fall apart in the views"):
        Limits(most_rows=100_001)
