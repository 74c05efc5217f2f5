"""Faults in which a process stands still beyond its session time-out and comes back believing it is still the owner."""

import signal
from collections.abc import Sequence

from kafka.structs import TopicPartition

from streams.delivery.limits import Limits
from streams.delivery.source import LOST, TakeOverTooLongError
from tests.faults.positions import LOAD
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind, send

WORKER_SESSION_S = Limits().session_timeout_s
LOADER_SESSION_S = 10.0
BEYOND_SESSION_S = (1.0, 4.0)
BACK_WITHIN_S = 100.0
FENCED = f"the worker ends: ({'|'.join(error.__name__ for error in (*LOST, TakeOverTooLongError))}):"
"""What a worker says that finds itself fenced and may not know why."""


def pause_worker(fault: Fault) -> None:
    """With another worker beside it, or alone."""
    fault.system.scale(fault.chance.choice((1, 2)))
    worker = fault.chance.choice(fault.system.running())
    fault.system.ledger.excuse(worker.name, [1], BACK_WITHIN_S, "fenced after a pause", times=2, said=FENCED)
    _pause(fault, worker, fault.owned(worker), WORKER_SESSION_S)


def pause_loader(fault: Fault) -> None:
    """Its next commit is refused, and it takes over again: it has no reason to end."""
    _pause(fault, fault.system.loader, fault.partitions(LOAD), LOADER_SESSION_S)


def _pause(fault: Fault, paused: Program, concerned: Sequence[TopicPartition], session_s: float) -> None:
    """Coming back it believes that it is still the owner."""
    pause_s = session_s + fault.chance.uniform(*BEYOND_SESSION_S)
    fault.strike_and_hold([paused], concerned)
    fault.wait(pause_s, pause_s)
    send([paused], signal.SIGCONT)


KINDS = (
    Kind("SIGSTOP worker", pause_worker),
    Kind("SIGSTOP loader", pause_loader),
)
