"""Delivery, stage 2: every fact counts once in the fact table and in every rollup, whatever fails between the steps."""

import random
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import count

import pytest

from clickhouse.engine import Engine
from clickhouse.errors import TooLateError
from clickhouse.loader import run as loader_run
from clickhouse.loader.batch import Batch
from clickhouse.loader.identity import read_identity
from clickhouse.loader.lane import Limits
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.membership import Membership, NotOwnerError
from clickhouse.loader.store import FactStore
from tests.integration.fact_rows import DAY_S, NEW_YEAR_2026_S, fact
from tests.integration.loader_rig import LoaderRig, await_true, made

STEPS = ("loader.before_intent", "loader.after_intent", "loader.after_insert", "loader.after_confirm")


class StruckError(RuntimeError):
    """What a test put into the loader's way."""


@pytest.fixture
def rig(bootstrap: str, engine: Engine, shared_database: str) -> Iterator[LoaderRig]:
    with made(bootstrap, engine, shared_database) as rigged:
        yield rigged


def strike(monkeypatch: pytest.MonkeyPatch, name: str, at_pass: int = 1) -> None:
    """The loader dies once, at that pass of that point."""
    passes = count(1)

    def hit(passed: str) -> None:
        if passed == name and next(passes) == at_pass:
            raise StruckError(name)

    monkeypatch.setattr(loader_run, "hit_sync", hit)


def test_facts_go_from_both_partitions_into_the_facts_and_every_rollup(rig: LoaderRig) -> None:
    rig.say((fact(number) for number in range(300)), partition=0)
    rig.say((fact(number) for number in range(300, 500)), partition=1)
    progress = rig.load()
    assert progress.rows == 500
    assert rig.committed(0) == (300, "")
    assert rig.committed(1) == (200, "")


def test_what_an_aborted_transaction_said_counts_nothing(rig: LoaderRig) -> None:
    for first in range(0, 90, 30):
        rig.say_and_abort(fact(number) for number in range(1_000 + first, 1_030 + first))
        rig.say(fact(number) for number in range(first, first + 30))
    rig.load()


def test_corrections_subtract_in_every_rollup(rig: LoaderRig) -> None:
    first, then = fact(1, new_callers_service=1), fact(1, new_callers_service=0, at_s=NEW_YEAR_2026_S + 40 * DAY_S)
    rig.say([first])
    rig.load()
    rig.say([first | {"sign": -1}, then])
    rig.load()
    assert rig.stored()["calls_weekly"]["new_callers_service"] == 0


@pytest.mark.parametrize("step", STEPS)
def test_a_loader_that_dies_at_any_step_is_repeated_exactly(
    rig: LoaderRig, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    for first in range(0, 120, 40):
        rig.say_and_abort([fact(9_999)])
        rig.say(fact(number) for number in range(first, first + 40))
    strike(monkeypatch, step, at_pass=2)
    assert isinstance(rig.run(limits=Limits(50, 0.05, 0.05)), StruckError)
    monkeypatch.undo()
    rig.load()


def test_the_announced_batch_is_repeated_whatever_the_limits_of_the_next_loader(
    rig: LoaderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.say(fact(number) for number in range(100))
    strike(monkeypatch, "loader.after_insert")
    assert isinstance(rig.run(), StruckError)
    assert rig.committed() == (0, '{"last":99}')
    rig.say(fact(number) for number in range(100, 130))
    monkeypatch.undo()
    progress = rig.load(limits=Limits(10, 0.05, 0.05))
    await_true(lambda: progress.rows == 130)  # the hundred again, and thirty new ones


def test_thirty_months_in_one_run_are_cut_to_batches_of_few(rig: LoaderRig) -> None:
    rig.say(fact(number, at_s=NEW_YEAR_2026_S + number // 10 * 31 * DAY_S) for number in range(300))
    progress = rig.load(limits=Limits(1_000, 1.0, 1.0))
    assert progress.batches == 3


def test_a_store_that_is_away_is_asked_again_until_it_takes_the_batch(rig: LoaderRig) -> None:
    rig.say([fact(1)])
    rig.load()
    always_too_many_parts(rig, True)
    rig.say(fact(number) for number in range(2, 50))
    with rig.loading() as progress:
        await_true(lambda: progress.retries >= 3)
        assert "too many parts" in progress.last_error.lower()
        always_too_many_parts(rig, False)
        await_true(rig.all_in)
        await_true(lambda: progress.last_error == "")


def always_too_many_parts(rig: LoaderRig, wanted: bool) -> None:
    many = 1 if wanted else 3_000
    settings = f"parts_to_delay_insert = {many}, parts_to_throw_insert = {many}"
    rig.client.command(f"ALTER TABLE {rig.tables[0]} MODIFY SETTING {settings}")


def test_a_batch_held_back_beyond_its_deadline_is_announced_again(
    rig: LoaderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig.say(fact(number) for number in range(20))
    behind = iter([120_000, 120_000])
    clock = FactStore.clock_ms
    monkeypatch.setattr(FactStore, "clock_ms", lambda store: clock(store) - next(behind, 0))
    progress = rig.load()
    assert progress.retries == 2


def test_a_paused_former_owner_is_refused_and_what_it_holds_counts_nothing(rig: LoaderRig) -> None:
    rig.say([fact(0)])
    rig.load()
    rig.say(fact(number) for number in range(1, 100))
    store = FactStore(rig.client, CALLS, rig.generation, read_identity(rig.bootstrap, rig.topic).topic_id)
    member = {"max_poll_interval_ms": 1_500, "session_timeout_ms": 6_000, "heartbeat_interval_ms": 500}
    with closing(Membership(rig.bootstrap, store, rig.generation, member)) as paused:
        held = announced(paused)
        deadline = store.clock_ms() + 1_000
        rig.load()  # takes over as soon as the group has given up on the paused one
        assert rig.committed() == (held.next_offset, "")
        with pytest.raises(NotOwnerError):
            paused.announce(held)
        store.insert(held, store.clock_ms() + 60_000)  # it comes back while its token is remembered
        assert rig.all_in()
        await_true(lambda: store.clock_ms() > deadline)
        with pytest.raises(TooLateError):  # and when it would be forgotten
            store.insert(replace(held, last=held.last + 1), deadline)
    assert rig.all_in()


def announced(owner: Membership) -> Batch:
    """By an owner that has read all there is, and stands still then."""

    def has_read() -> bool:
        owner.poll(0.1, time.monotonic(), 1_000)
        return 0 in owner.lanes and bool(owner.lanes[0].waiting)

    await_true(has_read)
    lane = owner.lanes[0]
    batch = Batch(0, lane.next_offset, lane.waiting[-1].offset, list(lane.waiting))
    owner.announce(batch)
    return batch


def test_loaders_that_come_and_go_share_the_work_exactly(rig: LoaderRig) -> None:
    few = Limits(20, 0.01, 0.01)
    for partition in (0, 1):
        rig.say((fact(number) for number in range(partition * 1_000, partition * 1_000 + 400)), partition)
    with rig.loading(limits=few), rig.loading(limits=few) as second:
        rig.say((fact(number) for number in range(5_000, 5_200)), 0)
        with rig.loading(limits=few):
            rig.say((fact(number) for number in range(6_000, 6_200)), 1)
            await_true(rig.all_in)
        rig.say([fact(7_000)], 0)
        rig.say([fact(7_001)], 1)
        await_true(rig.all_in)
        assert second.last_error == ""


def test_dying_again_and_again_at_any_step_loses_and_doubles_nothing(
    rig: LoaderRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(11)
    for first in range(0, 400, 40):
        partition = chance.randrange(2)
        rig.say((fact(number) for number in range(first, first + 40)), partition)
        strike(monkeypatch, chance.choice(STEPS), chance.randrange(1, 4))
        ended = rig.run(1.0, limits=Limits(chance.randrange(1, 60), 0.01, 0.01))
        assert ended is None or isinstance(ended, StruckError)
    monkeypatch.undo()
    rig.load()
