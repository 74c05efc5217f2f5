"""Delivery, stage 1: nothing is lost and nothing counted twice, whatever dies, pauses, joins or hangs.

Every test ends with the same question to the facts (see the rig): each key counted 1, 2, 3 … to the last of its ids.
"""

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from deploy.broker import LocalBroker
from tests.integration.delivery_rig import PARTITIONS, Rig, until

pytestmark = pytest.mark.timeout(100)


@pytest.fixture
def rig(bootstrap: str, tmp_path: Path) -> Iterator[Rig]:
    with Rig.made(bootstrap, tmp_path) as made:
        yield made


def test_two_stages_count_every_record_once(rig: Rig) -> None:
    rig.send(range(5_000), repeats=2)
    worker = rig.start()
    rig.await_facts()
    worker.stop()
    assert "seen again" not in worker.said()


STEPS = (
    "takeover.fenced=kill@2",
    "transaction.begun=kill@2",
    "transaction.sent=kill@2",
    "transaction.committed=kill@2",
    "restore.reading=kill@1",  # the chunk before was committed, and not yet applied
    "state.after=kill@2",
)


def test_a_worker_killed_at_every_step_loses_and_doubles_nothing(rig: Rig) -> None:
    for number, step in enumerate(STEPS):
        rig.send(range(number * 2_000, (number + 1) * 2_000))
        assert rig.start(step).ended() == -signal.SIGKILL, step
    rig.start()
    rig.await_facts()


def test_an_error_in_a_takeover_ends_the_process_and_the_next_one_goes_on(rig: Rig) -> None:
    rig.send(range(2_000))
    broken = rig.start("takeover.fenced=raise@3")
    assert broken.ended() == 1
    assert "failpoint takeover.fenced" in broken.said()
    rig.start()
    rig.await_facts()


def test_two_workers_started_at_once_share_a_fresh_group(rig: Rig) -> None:
    rig.send(range(20_000), keys=32)
    both = [rig.start(), rig.start()]
    rig.await_facts()
    for worker in both:
        worker.stop()


def test_a_worker_stops_cleanly_in_the_middle_of_a_rebalance(rig: Rig) -> None:
    rig.send(range(20_000), keys=32)
    leaving = rig.start("transaction.begun=sleep:1@10")
    rig.await_some_facts()
    rig.send(range(20_000, 40_000), keys=32)
    joining = rig.start()
    leaving.await_said("given up")
    leaving.stop(within_s=12)
    rig.await_facts()
    joining.stop()


MOMENTS = ("worker in", "App]: Starting", "directory: version", "taken over")


def test_a_worker_stops_cleanly_at_any_moment_of_its_start(rig: Rig) -> None:
    rig.send(range(2_000))
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda moment: _stopped_at(rig, moment), MOMENTS))
    rig.start()
    rig.await_facts()


def _stopped_at(rig: Rig, moment: str) -> None:
    worker = rig.start()
    worker.await_said(moment)
    worker.stop()


def test_a_chunk_longer_than_the_give_up_bound_does_not_stall_a_join(rig: Rig) -> None:
    rig.send(range(10_000), keys=32)
    slow = rig.start("chunk.before=sleep:30@6")
    rig.await_some_facts()
    joining = rig.start()
    slow.await_said("it is cancelled")
    rig.await_facts()
    slow.stop()
    joining.stop()


def test_a_worker_paused_past_its_session_is_fenced_and_comes_back(rig: Rig) -> None:
    rig.send(range(30_000), keys=32)
    paused, other = rig.start(), rig.start()
    rig.await_some_facts()
    paused.signal(signal.SIGSTOP)
    rig.send(range(30_000, 32_000), keys=32)
    rig.await_facts()
    rig.send(range(32_000, 34_000), keys=32)
    paused.signal(signal.SIGCONT)
    rig.await_facts()
    paused.stop()
    other.stop()


def test_a_worker_paused_before_it_restores_is_overtaken_and_comes_back(rig: Rig) -> None:
    rig.send(range(2_000), keys=32)
    first = rig.start()
    rig.await_facts()
    first.stop()
    paused = rig.start(f"restore.before=stop@{2 * PARTITIONS}")  # all are taken over, the last is not yet restored
    os.waitid(os.P_PID, paused.process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
    other = rig.start()
    rig.send(range(2_000, 4_000), keys=32)
    rig.await_facts()
    paused.signal(signal.SIGCONT)
    paused.await_said("OvertakenError")
    rig.send(range(4_000, 6_000), keys=32)
    rig.await_facts()
    paused.stop()
    other.stop()


def test_what_hangs_is_ended_by_the_watchdog_or_the_fence(bootstrap: str, tmp_path: Path) -> None:
    """Four ways to hang, side by side, because each takes its time-out."""
    hanging = {
        "agent.before=hang@1": ("stands still", {}),  # handed over, never begun
        "chunk.before=hang@1": ("stands still", {}),
        "chunk.blocking=hang@1": ("the event loop has not come round", {}),
        # the broker looks for transactions that ran out of time every 10 s
        "transaction.sent=sleep:14@1": ("fenced", {"transaction_timeout_s": 2, "stalled_s": 60}),
    }
    with ThreadPoolExecutor() as pool:
        ways = enumerate(hanging.items())
        list(pool.map(lambda way: _hangs(bootstrap, tmp_path / str(way[0]), way[1][0], *way[1][1]), ways))


def _hangs(bootstrap: str, data: Path, failpoint: str, reason: str, limits: dict[str, float]) -> None:
    with Rig.made(bootstrap, data) as rig:
        rig.send(range(1))  # nothing comes after it: it is the last chunk
        hung = rig.start(failpoint, **limits)
        assert hung.ended(within_s=50) == 1
        assert reason in hung.said()
        rig.start()
        rig.await_facts()


def test_a_broker_killed_and_started_again_changes_nothing_and_a_wiped_one_is_refused(tmp_path: Path) -> None:
    with LocalBroker(tmp_path / "kafka") as broker, Rig.made(broker.address, tmp_path / "data") as rig:
        rig.send(range(10_000), keys=32)
        worker = rig.start()
        rig.await_some_facts()
        rig.close_reader()
        broker.kill()
        broker.start()
        rig.send(range(10_000, 12_000), keys=32)

        def through() -> bool:
            nonlocal worker
            if worker.process.poll() is not None:  # it was in the middle of a commit, and is started again
                worker = rig.start()
            return rig.count() >= 12_000

        until(through, 60, rig.say)
        rig.await_facts()
        worker.stop()
    with LocalBroker(tmp_path / "another", port=broker.port) as wiped:
        rig.bootstrap = wiped.address
        rig.create_topics()
        refused = rig.start()
        assert refused.ended() == 1
        assert "belongs to another Kafka" in refused.said()
