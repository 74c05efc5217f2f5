"""Faults that are none: workers come and go as in every deployment, also while others are still settling.

Nothing may be lost, nobody may end with an error, and no partition with something to read may stand idle for 5 s.
"""

from tests.faults.positions import DEDUPLICATE, WORKER_STAGES
from tests.faults.round import Fault, Kind


def two_at_once(fault: Fault) -> None:
    """On a group in which nobody ever was, with a backlog waiting."""

    def both() -> None:
        fault.system.start_worker()
        fault.system.start_worker()

    fault.strike([], fault.partitions(DEDUPLICATE), both)
    fault.await_true(lambda: any(fault.positions.owners(DEDUPLICATE)), "somebody joined")
    fault.system.watch.forget()  # until then nobody was there to be idle
    fault.await_moved()
    fault.system.scale(2)


def up_and_down(fault: Fault) -> None:
    """1 -> 2 -> 3 -> 1 by start and SIGTERM, each change when the former has settled."""
    system = fault.system
    system.scale(1)
    fault.strike(system.running(), fault.partitions(*WORKER_STAGES), system.start_worker)
    system.settle()
    system.scale(3)
    for leaving in fault.chance.sample(system.running(), 2):
        system.stop(leaving)
    system.settle()


def change_within_a_rebalance(fault: Fault) -> None:
    """A SIGTERM while the group is still busy with a worker that joins."""
    system = fault.system
    system.scale(2)
    leaving = fault.chance.choice(system.running())
    fault.strike(system.running(), fault.partitions(*WORKER_STAGES), system.start_worker)
    fault.await_true(lambda: any(fault.positions.state(stage) != "Stable" for stage in WORKER_STAGES), "a rebalance")
    fault.wait(0.0, 0.3)
    system.stop(leaving)
    system.settle()


KINDS = (
    Kind("two workers at once", two_at_once, graceful=True, fresh=True),
    Kind("1-2-3-1 workers", up_and_down, graceful=True),
    Kind("change within a rebalance", change_within_a_rebalance, graceful=True),
)
