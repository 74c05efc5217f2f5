"""A few bad records are put up with, a bad feed is stopped at; no cut into chunks and no restart moves the place."""

from dataclasses import dataclass

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams.chunks import Outputs
from streams.delivery.refusals import FeedRefusedError, Tally, Tolerance, tally
from streams.delivery.state import LAYOUT, Mark

PARTITION = TopicPartition("telephony.call-records", 2)
NEVER = -1
SOME = Tolerance(run=4, ratio=0.5, window=10)


@dataclass(frozen=True)
class Said:
    offset: int
    key: bytes | None = None
    value: bytes | None = b"?"


def stops_at(feed: str, tolerance: Tolerance, chunk: int = 7) -> int:
    """The offset at which a feed of good (.) and refused (x) records stops, with each chunk's tally read back."""
    kept = Mark(0, "digest")
    for first in range(0, len(feed), chunk):
        try:
            kept = Mark.decoded(Mark(0, "digest", read(feed, first, first + chunk, kept.refused, tolerance)).encoded())
        except FeedRefusedError as stop:
            return stop.offset
    return NEVER


def read(feed: str, first: int, end: int, before: Tally, tolerance: Tolerance) -> Tally:
    messages = [Said(offset) for offset in range(first, min(end, len(feed)))]
    outputs = Outputs()
    for message in messages:
        if feed[message.offset] == "x":
            outputs.refuse(message, "not_json", "no JSON at all")
    return tally(PARTITION, before, messages, outputs, tolerance)


def test_a_run_of_refused_records_stops() -> None:
    assert stops_at("..xxx.xxxx", Tolerance(run=4, ratio=0)) == 9


def test_a_share_of_refused_records_in_a_window_stops() -> None:
    assert stops_at("x.x.xx.x.x", SOME) == 9
    assert stops_at("x.x.x..x.x" * 9, SOME) == NEVER


def test_a_few_bad_records_of_a_small_feed_do_not_stop() -> None:
    assert stops_at("x" * 999, Tolerance()) == NEVER
    assert stops_at("x" * 1_000, Tolerance()) == 999


def test_what_is_set_to_0_is_not_looked_at_and_begins_anew_afterwards() -> None:
    off = Tolerance(run=0, ratio=0)
    assert stops_at("x" * 99, off) == NEVER
    after = read("x" * 99, 0, 99, Tally(), off)
    assert read("x" * 102, 99, 102, after, SOME).run == 3


@given(feed=st.text("x.", max_size=60), chunk=st.integers(1, 60))
def test_the_cut_into_chunks_moves_no_stop(feed: str, chunk: int) -> None:
    assert stops_at(feed, SOME, chunk) == stops_at(feed, SOME, 1)


def test_the_message_says_where_why_and_what_to_do() -> None:
    with pytest.raises(FeedRefusedError) as stop:
        read(".xxxx", 0, 5, Tally(), SOME)
    assert str(stop.value) == (
        "telephony.call-records partition 2 is not read on: 4 records in a row are refused, offsets 1 to 4. Mend what "
        "feeds it; to let these into the dead letters, start once with PULSE_REFUSED_RUN=0 PULSE_REFUSED_RATIO=0. "
        "The last one: not_json: no JSON at all"
    )


def test_a_mark_from_before_there_was_a_tally_is_read() -> None:
    assert Mark.decoded(b'{"next_offset":7,"directory":"d","layout":%d}' % LAYOUT) == Mark(7, "d", Tally())
