"""Faults of a store in a server with two loaders: killed, frozen, late, away beyond every bound, started anew.

A loader has no business ending because the store is away, nor because it was paused: exits are explained only where it
is just starting.
"""

import signal
from collections.abc import Callable
from functools import partial

from tests.faults.positions import LOAD, LOADER_STAGES
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind, send
from tests.faults.server import ANSWERS_WITHIN_S, INSERT_BY_S, ServerSystem
from tests.faults.steps import FAILED, LOADER
from tests.faults.system import STOP_WITHIN_S

KILLED = (-signal.SIGKILL,)
SESSION_S = 10.0
BEYOND = (1.0, 5.0)
BACK_WITHIN_S = 150.0
MANY = 200


def two_loaders_at_once(fault: Fault) -> None:
    """On groups in which nobody ever was, with a backlog waiting."""
    system = _server(fault)
    system.start_server()
    system.start_worker()
    fault.await_true(lambda: fault.look(fault.partitions(LOAD)), "facts to load", within_s=60.0)

    def both() -> None:
        for loader in system.loaders:
            loader.start()

    fault.strike([], fault.partitions(LOAD), both)
    system.settle_loaders(len(system.loaders))
    system.start_store()


def kill_one_of_two(fault: Fault) -> None:
    loader = _one_of_two(fault)
    fault.system.ledger.excuse(loader.name, KILLED, BACK_WITHIN_S, "killed")
    fault.strike([loader], fault.partitions(LOAD), lambda: loader.send(signal.SIGKILL))


def freeze_one_of_two(fault: Fault) -> None:
    """Beyond its session: the other has its partitions, and it comes back believing they are its own."""
    loader = _one_of_two(fault)
    fault.strike_and_hold([loader], fault.partitions(LOAD))
    fault.wait(SESSION_S + BEYOND[0], SESSION_S + BEYOND[1])
    send([loader], signal.SIGCONT)


def late_insert(fault: Fault) -> None:
    """Stopped between the intent and its insert, beyond session and deadline, while the other loader goes on."""
    step = f"{fault.chance.choice(LOADER[1:3])}=stop@{fault.chance.randint(1, 5)}"
    late = _restarted(fault, step)
    fault.await_true(lambda: late.stopped, f"{late.name} to reach its fail point ({step})", within_s=60.0)
    fault.await_true(lambda: fault.look(fault.partitions(LOAD)), "lag while a loader is stopped")
    fault.struck_already(fault.partitions(LOAD))
    fault.wait(SESSION_S + BEYOND[0], SESSION_S + INSERT_BY_S + BEYOND[1])
    send([late], signal.SIGCONT)


def killed_at(step: str, fault: Fault) -> None:
    """The other one inherits the batch, announced or not, in or not."""
    point = f"{step}=kill@{fault.chance.randint(1, 4)}"
    loader = _restarted(fault, point)
    fault.strike_by_death(loader, fault.partitions(*LOADER_STAGES), -signal.SIGKILL, f"fail point {point}", 60.0)


def loaders_come_and_go(fault: Fault) -> None:
    """2 -> 1 -> 2 by SIGTERM and start, under load."""
    system = _server(fault)
    leaving = _one_of_two(fault)
    fault.strike(system.loaders, fault.partitions(LOAD), lambda: leaving.ask_to_stop(STOP_WITHIN_S))
    leaving.await_stopped(STOP_WITHIN_S)
    fault.wait(0.0, 4.0)
    leaving.start()
    system.settle_loaders(len(system.loaders))


def kill_server(fault: Fault) -> None:
    """It comes back at once. Who asks it waits."""
    _away(fault, 0.0, 0.0)


def server_away(fault: Fault) -> None:
    """For longer than an insert may take, a loader waits for an answer, and a session lasts."""
    longest_s = max(INSERT_BY_S, ANSWERS_WITHIN_S, SESSION_S)
    _away(fault, longest_s + BEYOND[0], longest_s + 3 * BEYOND[1])


def server_frozen(fault: Fault) -> None:
    """Beyond every bound: what was asked of it meanwhile is worked on when nobody waits for it any more."""
    system, front = _server(fault), _front(fault)
    _ = _one_of_two(fault)
    fault.strike_and_hold([front], fault.partitions(*LOADER_STAGES))
    fault.wait(ANSWERS_WITHIN_S + BEYOND[0], ANSWERS_WITHIN_S + 3 * BEYOND[1])
    send([front], signal.SIGCONT)
    system.await_server()


def server_and_loader_killed(fault: Fault) -> None:
    """The loader is started again while the server is still away: it says so and is started until it is there."""
    system, front = _server(fault), _front(fault)
    loader = _one_of_two(fault)
    for program in (loader, front):
        system.ledger.excuse(program.name, KILLED, BACK_WITHIN_S, "killed")
    system.ledger.excuse(loader.name, [FAILED], BACK_WITHIN_S, "there is no server to begin with", times=MANY)
    front.keep = False
    fault.strike([loader, front], fault.partitions(LOAD), lambda: send([loader, front], signal.SIGKILL))
    fault.wait(2.0, 8.0)
    front.start()
    system.await_server()


def _away(fault: Fault, shortest_s: float, longest_s: float) -> None:
    system, front = _server(fault), _front(fault)
    _ = _one_of_two(fault)
    system.ledger.excuse(front.name, KILLED, BACK_WITHIN_S, "killed")
    front.keep = False
    fault.strike([front], fault.partitions(*LOADER_STAGES), lambda: front.send(signal.SIGKILL))
    front.await_end(10.0)
    fault.wait(shortest_s, longest_s)
    front.start()
    system.await_server()


def _server(fault: Fault) -> ServerSystem:
    assert isinstance(fault.system, ServerSystem)
    return fault.system


def _front(fault: Fault) -> Program:
    front = _server(fault).front
    assert front is not None
    return front


def _one_of_two(fault: Fault) -> Program:
    system = _server(fault)
    system.scale(1)
    return fault.chance.choice(system.loaders)


def _restarted(fault: Fault, point: str) -> Program:
    """With a fail point, beside the other one."""
    loader = _one_of_two(fault)
    fault.system.stop(loader)
    loader.start({"PULSE_FAILPOINTS": point})
    fault.notes.append(f"{loader.name}: {point}")
    return loader


def _of_server(name: str, inject: Callable[[Fault], None], *, fresh: bool = False, ours: bool = False) -> Kind:
    return Kind(name, inject, fresh=fresh, server=True, ours=ours)


KINDS = (
    _of_server("two loaders at once", two_loaders_at_once, fresh=True),
    _of_server("kill -9 one of two loaders", kill_one_of_two),
    _of_server("SIGSTOP one of two loaders", freeze_one_of_two),
    _of_server("late insert of a stopped loader", late_insert),
    _of_server("2-1-2 loaders", loaders_come_and_go),
    *(_of_server(f"one of two killed at {step}", partial(killed_at, step)) for step in LOADER),
    _of_server("kill -9 server", kill_server, ours=True),
    _of_server("server away beyond all bounds", server_away, ours=True),
    _of_server("server frozen beyond all bounds", server_frozen, ours=True),
    _of_server("server and loader killed", server_and_loader_killed, ours=True),
)
