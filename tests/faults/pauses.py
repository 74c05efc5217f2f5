"""Faults in which a process stands still beyond its session time-out and comes back believing it is still the owner."""

import signal
from collections.abc import Sequence

from kafka.structs import TopicPartition

from streams.delivery.limits import Limits
from tests.faults.positions import LOAD
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind, send

WORKER_SESSION_S = Limits().session_timeout_s
LOADER_SESSION_S = 10.0
BEYOND_SESSION_S = (1.0, 4.0)
BACK_WITHIN_S = 100.0


def pause_worker(fault: Fault) -> None:
    """With another worker beside it, or alone."""
    fault.system.scale(fault.chance.choice((1, 2)))
    worker = fault.chance.choice(fault.system.running())
    _pause(fault, worker, fault.owned(worker), WORKER_SESSION_S)


def pause_loader(fault: Fault) -> None:
    _pause(fault, fault.system.loader, fault.partitions(LOAD), LOADER_SESSION_S)


def _pause(fault: Fault, paused: Program, concerned: Sequence[TopicPartition], session_s: float) -> None:
    """Coming back it is fenced: it may take over again or end with an error and be started again, nothing else."""
    pause_s = session_s + fault.chance.uniform(*BEYOND_SESSION_S)
    fault.system.ledger.excuse(paused.name, [1], BACK_WITHIN_S, "fenced after a pause", times=2)
    fault.strike_and_hold([paused], concerned)
    fault.wait(pause_s, pause_s)
    send([paused], signal.SIGCONT)


KINDS = (
    Kind("SIGSTOP worker", pause_worker),
    Kind("SIGSTOP loader", pause_loader),
)
