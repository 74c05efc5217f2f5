"""The small decisions of delivery: where a chunk is cut, where a lease goes on, when a worker stands still."""

import asyncio
import logging
import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams import app, failpoints
from streams.delivery import logs
from streams.delivery.chunk import cut
from streams.delivery.identity import FILE, IdentityError, check_identity
from streams.delivery.lease import ended
from streams.delivery.limits import Limits
from streams.delivery.logs import OnceInAWhile
from streams.delivery.slot import Slot
from streams.delivery.takeover import OffsetOutsideLogError, OvertakenError, Taken, check_not_overtaken, first_offset
from streams.delivery.watchdog import Sight, StalledError, Watchdog

PARTITION = TopicPartition("topic", 0)


@dataclass(frozen=True)
class Sized:
    value: bytes
    key: bytes | None = None
    offset: int = 0


@given(st.lists(st.integers(0, 9)), st.integers(1, 4), st.integers(1, 12))
def test_chunks_are_bounded_and_nothing_is_left_out(sizes: list[int], records: int, size: int) -> None:
    messages = [Sized(b"x" * of) for of in sizes]
    chunks = list(cut(messages, records, size))
    assert [message for chunk in chunks for message in chunk] == messages
    assert all(0 < len(chunk) <= records for chunk in chunks)
    assert all(len(chunk) == 1 or sum(len(message.value or b"") for message in chunk) <= size for chunk in chunks)


def taken(committed: int | None) -> Taken:
    nothing: Any = None
    return Taken(PARTITION, nothing, committed, start=10, end=20, partitions={})


@pytest.mark.parametrize(
    ("committed", "known", "offset"),
    [(None, None, 10), (20, 20, 20), (None, 15, 15)],
    ids=[
        "nothing yet: the log's start",
        "committed and derived",
        "Kafka forgot the group, the state did not",
    ],
)
def test_a_lease_goes_on_where_the_group_got_to(committed: int | None, known: int | None, offset: int) -> None:
    assert first_offset(taken(committed), known) == offset


@pytest.mark.parametrize(
    ("committed", "known", "message"),
    [
        (9, 9, "records were lost"),
        (21, 21, "records were lost"),
        (None, 21, "records were lost"),
        (12, None, "its changelog says nothing of it"),
        (12, 13, "moved"),
    ],
)
def test_an_offset_that_fits_nothing_is_refused_never_reset(
    committed: int | None, known: int | None, message: str
) -> None:
    with pytest.raises(OffsetOutsideLogError, match=message):
        first_offset(taken(committed), known)


class Group:
    """Has committed so far by now; says whether it was asked."""

    def __init__(self, now: int | None) -> None:
        self.now = now
        self.asked = False

    async def committed(self, _: TopicPartition) -> int | None:
        self.asked = True
        return self.now


@pytest.mark.parametrize(("committed", "now"), [(12, 15), (12, 18), (None, 15)])
def test_where_the_group_went_on_after_the_takeover_the_lease_is_overtaken(committed: int | None, now: int) -> None:
    group: Any = Group(now)
    with pytest.raises(OvertakenError, match=f"now to {now}"):
        asyncio.run(check_not_overtaken(taken(committed), 15, group))


@pytest.mark.parametrize(
    ("committed", "known", "now", "asks"),
    [(15, 15, 15, False), (12, None, 18, False), (12, 15, 12, True), (12, 15, 14, True), (None, 15, None, True)],
)
def test_it_is_not_overtaken_where_the_state_is_not_ahead_or_the_group_is_not_there(
    committed: int | None, known: int | None, now: int | None, asks: bool
) -> None:
    """What is wrong then is said by `first_offset`."""
    group: Any = Group(now)
    asyncio.run(check_not_overtaken(taken(committed), known, group))
    assert group.asked == asks


def test_a_partition_that_stands_still_with_lag_ends_the_worker() -> None:
    watchdog = Watchdog(stalled_s=3, every_s=1)
    for _ in range(3):
        watchdog.look({PARTITION: Sight("offset 5", lag=1)})
    with pytest.raises(StalledError, match="topic partition 0 stands still for 3 s with 1 offsets waiting: offset 5"):
        watchdog.look({PARTITION: Sight("offset 5", lag=1)})


@pytest.mark.parametrize(
    "relief", [Sight("offset 6", lag=1), Sight("offset 5", lag=0), None], ids=["moves", "no lag", "taken away"]
)
def test_a_partition_that_moves_is_through_or_goes_away_is_not_to_blame(relief: Sight | None) -> None:
    watchdog = Watchdog(stalled_s=3, every_s=1)
    for _ in range(3):
        for _ in range(2):
            watchdog.look({PARTITION: Sight("offset 5", lag=1)})
        watchdog.look({} if relief is None else {PARTITION: relief})


def test_nobody_is_blamed_while_the_broker_is_away() -> None:
    watchdog = Watchdog(stalled_s=3, every_s=1)
    for _ in range(9):
        watchdog.look({PARTITION: Sight("offset 5", lag=1)})
        watchdog.blind()


def test_workers_of_one_folder_never_share_a_name_and_a_killed_ones_slot_goes_first(tmp_path: Path) -> None:
    first, second, third = (Slot.take(tmp_path) for _ in range(3))
    assert len({first.instance, second.instance, third.instance}) == 3
    first.leave()
    name = second.instance
    second.release()  # as the kernel does for a killed process
    assert Slot.take(tmp_path).instance == name
    assert Slot.take(tmp_path).folder == first.folder


def test_two_runs_with_other_data_folders_never_share_a_name(tmp_path: Path) -> None:
    assert Slot.take(tmp_path / "a").instance != Slot.take(tmp_path / "b").instance


def test_state_of_another_kafka_is_refused_with_what_was_found(tmp_path: Path) -> None:
    folder = tmp_path / "0"
    folder.mkdir()
    check_identity(folder, {"cluster": "A", "raw": "1"})
    check_identity(folder, {"cluster": "A", "raw": "1", "facts": "2"})
    with pytest.raises(IdentityError, match="facts was 2 and is 3"):
        check_identity(folder, {"cluster": "A", "facts": "3"})
    with pytest.raises(IdentityError, match="belongs to another Kafka: cluster was A and is B"):
        check_identity(folder, {"cluster": "B"})


@pytest.mark.parametrize("left", [b"", b'{"cluster": "A', b"[]", b"\0\0"], ids=["empty", "half", "no object", "zeros"])
def test_a_worker_whose_identity_a_power_cut_has_spoilt_says_which_file_and_what_to_do(
    left: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(logs, "set_up", lambda: None)  # which handlers the process has is not the test's to change
    monkeypatch.setattr(app, "read_identity", lambda *_: {"cluster": "A"})
    file = tmp_path / "state" / "0" / FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(left)
    assert app.run_stages(app.Worker("nowhere:9092", tmp_path), [], lambda _: None) == 1
    [said] = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert said.startswith(f"{file} cannot be read")
    assert f"remove the folder {file.parent};" in said


def test_the_identity_is_on_disk_before_it_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A power cut could else leave the name without the bytes."""
    synced: list[tuple[int, bool]] = []
    fsync = os.fsync

    def watched(descriptor: int) -> None:
        fsync(descriptor)
        synced.append((os.fstat(descriptor).st_ino, (tmp_path / FILE).exists()))

    monkeypatch.setattr(os, "fsync", watched)
    check_identity(tmp_path, {"cluster": "A"})
    assert ((tmp_path / FILE).stat().st_ino, False) in synced


@pytest.mark.parametrize("bounds", [{"take_over_s": 10.0}, {"give_up_s": 18.0}, {"stalled_s": 20.0}])
def test_bounds_that_contradict_each_other_are_refused(bounds: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="has to"):
        Limits(**bounds)  # type: ignore[arg-type]


def test_what_is_repeated_during_an_outage_is_said_once_in_a_while() -> None:
    held = OnceInAWhile("aiokafka", every_s=60)
    said = [held.filter(_record("aiokafka.conn", "no broker at %s")) for _ in range(5)]
    assert said == [True, False, False, False, False]
    assert held.filter(_record("streams.app", "no broker at %s"))


def _record(name: str, message: str) -> logging.LogRecord:
    return logging.LogRecord(name, logging.ERROR, "", 0, message, ("x",), None)


def test_a_failpoint_strikes_at_its_pass_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failpoints, "_planned", failpoints.parse("here=raise@2;there=hang"))
    failpoints.hit_sync("here")
    with pytest.raises(failpoints.FailpointError, match="failpoint here"):
        failpoints.hit_sync("here")
    failpoints.hit_sync("here")


async def test_a_pause_of_the_whole_process_is_no_time_that_a_task_had() -> None:
    """The pause is longer than the bound; what the task has to do needs several turns of the loop after it."""
    task = asyncio.create_task(in_turns(5, 0.02))
    asyncio.get_running_loop().call_later(0.01, lambda: time.sleep(0.3))
    assert await ended(task, 0.2)


async def in_turns(turns: int, each_s: float) -> None:
    for _ in range(turns):
        await asyncio.sleep(each_s)


async def test_a_task_that_goes_on_is_waited_for_as_long_as_its_bound() -> None:
    task = asyncio.create_task(asyncio.sleep(60))
    began = time.monotonic()
    assert not await ended(task, 0.1)
    assert time.monotonic() - began >= 0.1
    task.cancel()
