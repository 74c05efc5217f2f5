"""Faults that are none: workers come and go as in every deployment, also while others are still settling.

Nothing may be lost, nobody may end with an error, and no partition with something to read may stand idle for 5 s.
"""

from collections.abc import Sequence

from kafka.structs import TopicPartition

from tests.faults.positions import DEDUPLICATE, LOAD, WORKER_STAGES
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind
from tests.faults.system import STOP_WITHIN_S


def two_at_once(fault: Fault) -> None:
    """On a group in which nobody ever was, with a backlog waiting."""
    system = fault.system

    def both() -> None:
        system.start_worker()
        system.start_worker()

    system.start_store()
    fault.await_true(lambda: any(fault.positions.owners(LOAD)), "the loader to join")
    fault.strike([], fault.partitions(DEDUPLICATE), both)
    fault.await_true(lambda: any(fault.positions.owners(DEDUPLICATE)), "somebody joined")
    system.watch.forget()  # until then nobody was there to be idle
    system.settle()


def up_and_down(fault: Fault) -> None:
    """1 -> 2 -> 3 -> 1 by start and SIGTERM, each when the former has settled; the last one when it has ended."""
    system = fault.system
    system.scale(1)
    for _ in range(2):
        _joins(fault)
        system.settle()
    for leaving in fault.chance.sample(system.running(), 2):
        _leaves(fault, leaving, fault.owned(leaving))
    system.settle()


def change_within_a_rebalance(fault: Fault) -> None:
    """A SIGTERM while the group is still busy with a worker that joins."""
    system = fault.system
    system.scale(2)
    leaving = fault.chance.choice(system.running())
    held = fault.owned(leaving)
    _joins(fault)
    fault.await_true(lambda: _rebalances(fault), "a rebalance")
    _leaves(fault, leaving, held)
    system.settle()


def _joins(fault: Fault) -> None:
    """Of whom it will have its partitions nobody knows: there is lag on some of all."""
    fault.strike(fault.system.running(), fault.partitions(*WORKER_STAGES), fault.system.start_worker)
    fault.notes.append(f"start: lag {sum(fault.lag.values())}")


def _leaves(fault: Fault, worker: Program, held: Sequence[TopicPartition]) -> None:
    """With lag on what it holds; where the group has not agreed on that yet, on some of all."""
    moment = []

    def asked() -> None:
        moment.append("in a rebalance" if _rebalances(fault) else "settled")
        worker.ask_to_stop(STOP_WITHIN_S)

    fault.strike(fault.system.running(), held or fault.partitions(*WORKER_STAGES), asked)
    fault.notes.append(f"SIGTERM of {worker.name}, {moment[0]}: lag {sum(fault.lag.values())}")
    worker.await_stopped(STOP_WITHIN_S)


def _rebalances(fault: Fault) -> bool:
    return any(fault.positions.state(stage) != "Stable" for stage in WORKER_STAGES)


KINDS = (
    Kind("two workers at once", two_at_once, graceful=True, fresh=True),
    Kind("1-2-3-1 workers", up_and_down, graceful=True),
    Kind("change within a rebalance", change_within_a_rebalance, graceful=True),
)
