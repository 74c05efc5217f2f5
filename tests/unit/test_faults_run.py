"""A run of the fault test: what it must not leave out comes first, what it left out is told, and no error ends it."""

import random
import re
from pathlib import Path

import pytest
from kafka.structs import TopicPartition

from tests.faults import report, run
from tests.faults.kills import AWAY
from tests.faults.kinds import FIRST, IN_A_TAKEOVER, KINDS, in_order
from tests.faults.positions import DEDUPLICATE, LOAD
from tests.faults.round import Kind, Result, idle
from tests.faults.run import chosen
from tests.faults.system import NotReady, System

SEEDS = range(20)
KILLED = Kind("killed", lambda _fault: None)
FROZEN = Kind("frozen", lambda _fault: None)


def order(rounds: int, seed: int) -> list[str]:
    return [kind.name for kind in in_order(chosen([]), rounds, random.Random(seed))]


def test_what_no_run_may_leave_out_are_kinds_that_there_are() -> None:
    assert {kind.name for kind in KINDS} >= FIRST | IN_A_TAKEOVER


@pytest.mark.parametrize("seed", SEEDS)
def test_what_no_run_may_leave_out_opens_every_pass(seed: int) -> None:
    a_pass = len(chosen([]))
    names = order(2 * a_pass, seed)
    for opening in (names[: len(FIRST) + 1], names[a_pass : a_pass + len(FIRST) + 1]):
        assert set(opening) > FIRST
        assert len(set(opening) & IN_A_TAKEOVER) == 1


def test_a_pass_has_each_kind_once_in_an_order_by_the_seed() -> None:
    passes = [order(len(chosen([])), seed) for seed in SEEDS]
    assert all(sorted(names) == sorted(kind.name for kind in chosen([])) for names in passes)
    assert len({tuple(names) for names in passes}) == len(SEEDS)
    assert order(40, 7) == order(40, 7)


def test_the_kinds_that_no_round_was_of_are_told() -> None:
    assert report.not_met([KILLED, FROZEN], [Result("killed")]) == ["kinds not met: 1 of 2: frozen"]
    assert report.not_met([KILLED, FROZEN], [Result("killed"), Result("frozen")]) == []
    steps = [Kind(f"failing at {step}", KILLED.inject) for step in ("chunk.before", "state.after")]
    assert report.not_met([KILLED, *steps, FROZEN], [Result("killed")]) == [
        "kinds not met: 3 of 4: failing at chunk.before state.after, frozen"
    ]


class NeverThere(System):
    """One of which the broker does not come up, then one that cannot even be thought of."""

    def __init__(self, folder: Path, seed: int | str, rate: int) -> None:
        if folder.name == "system-2":
            raise AssertionError("no slot")
        super().__init__(folder, seed, rate)

    def start_broker(self) -> None:
        raise NotReady("no broker")


def test_a_system_that_does_not_start_is_a_round_that_failed_and_the_run_goes_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(run, "System", NeverThere)
    results = run.run([KILLED, FROZEN], 1, tmp_path)
    assert [result.kind for result in results] == ["killed", "frozen"]
    assert results[0].broken == ["no broker"]
    assert results[1].broken[0].startswith("AssertionError: no slot (see ")
    assert "no slot" in (tmp_path / "system-2" / "errors.txt").read_text()
    assert (tmp_path / "system-1").exists(), "the evidence of a round that failed is kept"
    assert "kept: " in capsys.readouterr().out
    assert report.last_line(results) == "faults: rounds=2 differences=2 unexplained_exits=0"


def test_a_partition_is_idle_after_5_s_and_a_loader_may_let_its_batch_grow_before() -> None:
    worked, loaded = TopicPartition(DEDUPLICATE.topic, 0), TopicPartition(LOAD.topic, 0)
    assert idle({worked: 4.9, loaded: 7.9}) == {}
    assert idle({worked: 5.1, loaded: 8.1}) == {worked: 5.1, loaded: 8.1}


BECAUSE_OF_THE_BROKER = (
    "CRITICAL streams.app: the worker ends: InvalidProducerEpoch: [Error 47] InvalidProducerEpoch",
    "CRITICAL streams.app: generations at 127.0.0.1:1: KafkaTimeoutError('Unable to bootstrap'); is the broker up?",
    "Error: generations at 127.0.0.1:1: KafkaTimeoutError('Unable to bootstrap'); is the broker up?",
)
FOR_ANOTHER_REASON = (
    "ERROR kafka.net.manager: KafkaConnectionError\nCRITICAL streams.app: the worker ends: KeyError: 1",
    "WARNING Kafka is away\nError: call_facts_g1 remembers the last 3 inserted blocks",
)


def test_that_the_broker_was_away_explains_only_an_end_that_says_so() -> None:
    assert all(re.search(AWAY, said) for said in BECAUSE_OF_THE_BROKER)
    assert not any(re.search(AWAY, said) for said in FOR_ANOTHER_REASON)
