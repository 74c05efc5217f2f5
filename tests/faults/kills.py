"""Faults that end a process at once: kill -9 of a worker, of the loader, of the broker."""

import signal

from aiokafka import errors

from streams.delivery.source import LOST, TakeOverTooLongError
from tests.faults.positions import LOAD, STAGES
from tests.faults.round import Fault, Kind

KILLED = (-signal.SIGKILL,)
UNTIL_STRUCK_S = 60.0
OUTAGE_S = 40.0
"""How long after the broker's death its clients may end with an error and be started again."""
OF_KAFKA = (
    *(kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.KafkaError)),
    *(*LOST, TakeOverTooLongError, TimeoutError),
)
AWAY = f"(?m)(CRITICAL |^Error: ).*(Kafka|broker|\\b({'|'.join(kind.__name__ for kind in OF_KAFKA)}):)"
"""The last words of a worker, a loader or an API that ends because of its broker, running or just starting."""


def kill_worker(fault: Fault) -> None:
    """One of one or two workers dies; what it held goes on with its next life or with the other."""
    fault.system.scale(fault.chance.choice((1, 2)))
    worker = fault.chance.choice(fault.system.running())
    fault.system.ledger.excuse(worker.name, KILLED, UNTIL_STRUCK_S, "killed")
    fault.strike([worker], fault.owned(worker), lambda: worker.send(signal.SIGKILL))


def kill_loader(fault: Fault) -> None:
    loader = fault.system.loader
    fault.system.ledger.excuse(loader.name, KILLED, UNTIL_STRUCK_S, "killed")
    fault.strike([loader], fault.partitions(LOAD), lambda: loader.send(signal.SIGKILL))


def kill_broker(fault: Fault) -> None:
    """It comes back on the same folder and port. Its clients may wait, or end and be started again."""
    system = fault.system
    clients = [*system.running(), *system.loaders]
    system.ledger.excuse(system.broker.name, KILLED, UNTIL_STRUCK_S, "killed")
    for client in clients:
        system.ledger.excuse(client.name, [1], UNTIL_STRUCK_S + OUTAGE_S, "the broker was away", times=10, said=AWAY)
    fault.strike(clients, fault.partitions(*STAGES), lambda: system.broker.send(signal.SIGKILL))
    system.await_broker()


KINDS = (
    Kind("kill -9 worker", kill_worker),
    Kind("kill -9 loader", kill_loader),
    Kind("kill -9 broker", kill_broker),
)
