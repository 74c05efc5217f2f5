"""Faults at a named step, by the fail points of the code under test: killed or failing there, too slow, or hanging.

A worker is started with the fail point and strikes at its own N-th pass, while there is work.
"""

import signal
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import product

from kafka.structs import TopicPartition

from streams.delivery.limits import Limits
from streams.delivery.watchdog import StalledError
from tests.faults.pauses import FENCED
from tests.faults.positions import DEDUPLICATE, LOADER_STAGES, STAGES, WORKER_STAGES, committed, lag
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind, short
from tests.faults.system import NotReady

LIMITS = Limits()
FAILED = 1
TAKEOVER = (
    "takeover.before",
    "takeover.fenced",
    "takeover.asked",
    "takeover.after",
    "restore.before",
    "restore.reading",
    "restore.after",
)
TRANSACTION = (
    "chunk.before",
    "transaction.before",
    "transaction.begun",
    "transaction.written",
    "transaction.sent",
    "transaction.delivered",
    "transaction.committed",
    "state.before",
    "state.written",
    "state.after",
)
IN_WORK = ("chunk.before", "transaction.begun", "transaction.sent")
LOADER = (
    "loader.before_intent",
    "loader.after_intent",
    "loader.before_insert",
    "loader.after_insert",
    "loader.before_confirm",
    "loader.after_confirm",
)
ENDINGS = {"killed": ("kill", -signal.SIGKILL), "failing": ("raise", FAILED)}
"""How a process ends at a step: by the fail point's action, with an exit code."""
DIES_WITHIN_S = 60.0
AGENTS = tuple(stage for stage in STAGES if stage not in LOADER_STAGES)
"""Which of them reaches a fail point of the process first, nobody knows."""
STALLED = f"the worker ends: {StalledError.__name__}:"
ABORTED_EVERY_S = 10.0
"""How often a broker looks for transactions that have run out of time."""


def in_transaction(step: str, how: str, fault: Fault) -> None:
    """The only worker ends before or after a step between a chunk and its state."""
    action, code = ENDINGS[how]
    point = f"{step}={action}@{fault.chance.randint(1, 30)}"
    worker = _only_worker(fault, point)
    fault.strike_by_death(worker, fault.partitions(*AGENTS), code, f"fail point {point}", DIES_WITHIN_S)


def in_takeover(step: str, how: str, fault: Fault) -> None:
    """Of a worker that joins another, or of the first one: it has to end, not to own what it cannot work on."""
    action, code = ENDINGS[how]
    point = f"{step}={action}@{fault.chance.randint(1, 2)}"
    if step == "restore.reading":
        _await_state(fault)
    fault.system.scale(fault.chance.choice((0, 1)))
    if step == "restore.reading":
        fault.system.forget_state()  # else there may be nothing to read
    joining = _started(fault, point)
    fault.strike_by_death(joining, fault.partitions(*AGENTS), code, f"fail point {point}", DIES_WITHIN_S)


def _await_state(fault: Fault) -> None:
    """A system of which this is the first round may not have worked yet."""
    stage = partial(fault.positions.of, DEDUPLICATE)
    fault.await_true(lambda: all(committed(each) for each in stage().values()), "all partitions to have a state")


def in_loader(step: str, how: str, fault: Fault) -> None:
    """Before or after the intent, the insert, its confirmation; of calls or of orders, whichever comes first."""
    action, code = ENDINGS[how]
    point = f"{step}={action}@{fault.chance.randint(1, 4)}"
    loader = fault.system.loader
    fault.system.stop(loader)
    loader.start({"PULSE_FAILPOINTS": point})
    fault.notes.append(point)
    fault.strike_by_death(loader, fault.partitions(*LOADER_STAGES), code, f"fail point {point}", DIES_WITHIN_S)


def long_chunk_during_join(fault: Fault) -> None:
    """Every chunk takes longer than it may once its partition is taken away; then another worker joins."""
    slow_s = LIMITS.give_up_s + fault.chance.uniform(1.0, 6.0)
    step = f"{fault.chance.choice(IN_WORK)}=sleep:{slow_s:.1f}"
    slow = _only_worker(fault, step)
    fault.await_true(lambda: _settled(fault), "the slow worker to hold its partitions")
    fault.strike([slow], fault.partitions(*WORKER_STAGES), fault.system.start_worker)
    fault.wait(0.0, LIMITS.give_up_s)
    fault.system.stop(slow)


def transaction_out_of_time(fault: Fault) -> None:
    """The broker gives the transaction up while its worker still owns the partition: it must begin anew."""
    late_s = LIMITS.transaction_timeout_s + ABORTED_EVERY_S + 2.0
    step = f"transaction.sent=sleep:{late_s:.0f}@{fault.chance.randint(2, 8)}"
    worker = _only_worker(fault, step)
    _await_standstill(fault, 3.0)
    fault.struck_already(fault.partitions(*AGENTS))
    fault.system.ledger.excuse(worker.name, [FAILED], late_s + 40.0, "its transaction ran out of time", said=FENCED)
    fault.progress_within_s = late_s + 40.0


def last_chunk_hangs(fault: Fault) -> None:
    """Nothing follows that could wake anything up: only the watchdog is left to end the process."""
    waiting = _last_records(fault)
    worker = _started(fault, f"{fault.chance.choice(IN_WORK)}=hang@1")
    _await_standstill(fault, 3.0)
    fault.await_true(lambda: len(_standing(fault, waiting)) == 1, "all chunks but the hanging one to be worked on")
    fault.struck_already(fault.partitions(*AGENTS))
    _nothing_behind(fault, waiting)
    within_s = LIMITS.stalled_s + 5 * LIMITS.watch_every_s
    fault.system.ledger.excuse(worker.name, [FAILED], within_s, "the watchdog, its chunk hangs", said=STALLED)
    fault.progress_within_s = within_s + 20.0


def _last_records(fault: Fault) -> dict[TopicPartition, int]:
    """All that waits anywhere is a few for each partition; no worker runs, and no more will come."""
    system = fault.system
    system.load.pause()
    hangs = system.drain()
    if hangs is not None:
        raise NotReady(f"not drained: {hangs}")
    system.scale(0)
    sent = system.load.sent
    system.load.go()
    fault.await_true(lambda: system.load.sent > sent, "a last burst")
    system.load.pause()
    return lag(fault.positions.all(), fault.partitions(*AGENTS))


def _standing(fault: Fault, waiting: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
    return lag(fault.positions.all(), waiting)


def _nothing_behind(fault: Fault, waiting: Mapping[TopicPartition, int]) -> None:
    """What waits where it hangs was there when the worker came, and was fetched as one chunk."""
    for tp, count in _standing(fault, waiting).items():
        last = count == waiting[tp] <= LIMITS.chunk_records
        fault.promise(last, f"{short([tp])}: {waiting[tp]} records waited for the worker, {count} wait now")


def blocked_loop(fault: Fault) -> None:
    """A rule that does not return for longer than the session: no heartbeat, no life in the process at all."""
    blocked_s = LIMITS.session_timeout_s + fault.chance.uniform(1.0, 5.0)
    step = f"chunk.blocking=sleep:{blocked_s:.1f}@{fault.chance.randint(2, 12)}"
    worker = _only_worker(fault, step)
    fault.system.ledger.excuse(worker.name, [FAILED], 90.0, "fenced after a blocked loop", said=FENCED)
    _await_standstill(fault, 3.0)
    fault.struck_already(fault.partitions(*AGENTS))


def _only_worker(fault: Fault, step: str) -> Program:
    fault.system.scale(0)
    return _started(fault, step)


def _started(fault: Fault, step: str) -> Program:
    fault.notes.append(step)
    return fault.system.start_worker({"PULSE_FAILPOINTS": step})


def _settled(fault: Fault) -> bool:
    return all(fault.system.settled(fault.positions, stage) for stage in WORKER_STAGES)


def _await_standstill(fault: Fault, seconds: float) -> None:
    """Until a partition has stood still with something to read: the load brings the worker to its fail point."""
    fault.system.settle()
    fault.system.watch.forget()
    time.sleep(1.0)
    fault.await_true(lambda: max(fault.system.watch.standstill.values(), default=0.0) > seconds, "a standstill")


def _at_steps(steps: Sequence[str], inject: Callable[[str, str, Fault], None]) -> Iterator[Kind]:
    for step, how in product(steps, ENDINGS):
        yield Kind(f"{how} at {step}", partial(inject, step, how))


KINDS = (
    *_at_steps(TAKEOVER, in_takeover),
    *_at_steps(TRANSACTION, in_transaction),
    *_at_steps(LOADER, in_loader),
    Kind("long chunk during a join", long_chunk_during_join),
    Kind("transaction time-out as owner", transaction_out_of_time),
    Kind("last chunk hangs", last_chunk_hangs),
    Kind("blocked beyond the session", blocked_loop),
)
