"""Faults after which a system must refuse, or at least say so: forgotten tokens, and another broker under old state."""

import re
import shutil
import signal
import subprocess
import sys
from itertools import islice

from kafka import KafkaProducer

from clickhouse.engine import DATABASE
from clickhouse.loader.mapping import CALLS
from streams.contracts.topics import CALL_RECORDS, ORDER_EVENTS
from tests.faults import city
from tests.faults.positions import GENERATION, LOAD, LOADER_STAGES, STAGES
from tests.faults.processes import Program
from tests.faults.round import Fault, Kind
from tests.faults.system import NotReady, System

FAILED = 1
REFUSES_WITHIN_S = 90.0
AWAY_WITHIN_S = 240.0
MOST_REPLAYS = 5
REFUSAL = re.compile(r"belongs to another|was replaced|filled from another|were lost|were deleted|has forgotten")
UNCHECKED = (
    "import clickhouse.loader.run as loader, deploy.cli; loader.check_windows = lambda *_: None; deploy.cli.main()"
)
ASK = (
    "import sys; from pathlib import Path; from clickhouse.engine import open_embedded\n"
    "with open_embedded(Path(sys.argv[1])) as engine:\n"
    "    client = engine.writer()\n"
    "    for sql in sys.argv[2:]: print(client.command(sql))\n"
    "    client.close()"
)
DOUBLED = (
    f"SELECT count() FROM (SELECT server, id FROM {DATABASE}.{CALLS.tables(GENERATION)[0]} "  # noqa: S608
    "GROUP BY server, id HAVING sum(sign) != 1)"
)


def forgotten_tokens(fault: Fault) -> None:
    """Windows of 3: the loader refuses to begin; made to go on all the same, a doubled batch must not stay unseen.

    A batch of few months may be remembered all the same, so it is struck again until one was not.
    """
    system, loader = fault.system, fault.system.loader
    system.scale(1)
    system.stop(loader)
    _shrink_windows(system)
    _refuses(fault, loader, re.compile("remembers the last 3 inserted blocks"), loader.log.stat().st_size)
    command = [sys.executable, "-c", UNCHECKED, *loader.command[1:]]
    careless = Program("careless serve", command, loader.log.with_name("careless.log"), system.ledger)
    system.supervisor.programs.append(careless)
    replays = (_replayed(fault, careless) for _ in range(MOST_REPLAYS))
    fault.promise(any(replays), f"{MOST_REPLAYS} replays, and no token was forgotten")


def _replayed(fault: Fault, careless: Program) -> int:
    """How many calls a batch doubled that was in already when the loader was killed."""
    step = f"loader.after_insert=kill@{fault.chance.randint(3, 6)}"
    fault.notes.append(step)
    fault.system.load.go()
    careless.start({"PULSE_FAILPOINTS": step})
    concerned = fault.partitions(*LOADER_STAGES)
    fault.strike_by_death(careless, concerned, -signal.SIGKILL, f"fail point {step}", REFUSES_WITHIN_S)
    fault.await_moved()
    fault.system.load.pause()
    return _never_silent(fault, careless)


def _never_silent(fault: Fault, careless: Program) -> int:
    system = fault.system
    drained = system.drain()
    fault.promise(drained is None, f"not drained: {drained}")
    differences, _ = system.verify()
    system.stop(careless)
    doubled = int(ask(system, DOUBLED))
    fault.notes.append(f"calls doubled by the replay: {doubled}; differences found by verify: {differences}")
    fault.promise(bool(doubled) == bool(differences), "a replay with forgotten tokens was not seen by verify")
    return doubled


def _shrink_windows(system: System) -> None:
    change = "MODIFY SETTING non_replicated_deduplication_window = 3"
    ask(system, *(f"ALTER TABLE {DATABASE}.{table} {change}" for table in CALLS.tables(GENERATION)))


def wiped_broker(fault: Fault) -> None:
    """The broker's data is gone, state and store are not: worker and loader must refuse and write nothing.

    They meet the new broker when they are started again, or, in half of the rounds, while they run.
    """
    system = fault.system
    system.scale(1)
    worker, loader = system.running()[0], system.loader
    loaded = fault.partitions(LOAD)
    fault.await_true(lambda: all(system.watch.committed.get(tp) for tp in loaded), "something in the store")
    restarted = fault.chance.random() < 0.5
    fault.notes.append("restarted on it" if restarted else "running on")
    said = {program.name: program.log.stat().st_size for program in (worker, loader)}
    for program in (worker, loader):
        system.ledger.excuse(program.name, [FAILED], AWAY_WITHIN_S, "the broker was away, or is another", times=10)
    fault.strike([worker, loader], fault.partitions(*STAGES), lambda: _kill(system, (worker, loader), restarted))
    system.load.close()
    _wipe(system)
    _produce(system, 300)
    for program in (worker, loader):
        _refuses(fault, program, REFUSAL, said[program.name])
    written = {tp.topic: found.end for tp, found in fault.system.positions().all().items() if found.end}
    fault.promise(not written.keys() - {CALL_RECORDS.name, ORDER_EVENTS.name}, f"written although refused: {written}")


def _kill(system: System, clients: tuple[Program, ...], clients_too: bool) -> None:
    for program in (system.broker, *(clients if clients_too else ())):
        program.keep = False
        system.ledger.excuse(program.name, [-signal.SIGKILL], 30.0, "killed")
        program.send(signal.SIGKILL)
    for program in (system.broker, *(clients if clients_too else ())):
        program.await_end(10.0)


def _wipe(system: System) -> None:
    shutil.rmtree(system.data / "kafka" / "log")
    system.start_broker()


def _produce(system: System, count: int) -> None:
    producer = KafkaProducer(bootstrap_servers=system.address, acks="all")
    for topic, key, value in islice(city.records("after the wipe"), count):
        producer.send(topic, key=key, value=value)
    producer.flush()
    producer.close()


def _refuses(fault: Fault, program: Program, message: re.Pattern[str], since: int) -> None:
    """It ends with an error that says why (in its log from `since` on); a supervisor may try again, to the same end."""
    program.keep = False
    fault.system.ledger.excuse(program.name, [FAILED], REFUSES_WITHIN_S, "refuses")
    if program.pid is None:
        program.start()
        program.keep = False
    if not program.await_end(REFUSES_WITHIN_S):
        raise NotReady(f"{program.name} has not refused within {REFUSES_WITHIN_S:.0f} s")
    said = program.log.read_bytes()[since:].decode(errors="replace")
    found = message.search(said)
    fault.promise(found is not None, f"{program.name} ended without saying why: {said[-500:]}")
    fault.notes.append(f"{program.name}: {said[found.start() - 60 : found.end() + 60]!r}" if found else said[-200:])


def ask(system: System, *questions: str) -> str:
    """Of the store, while nobody has it open; in a process of its own: an engine does not let go of its folder."""
    command = [sys.executable, "-c", ASK, str(system.data / "clickhouse"), *questions]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


KINDS = (
    Kind("replay with forgotten tokens", forgotten_tokens, last=True),
    Kind("broker data wiped", wiped_broker, last=True),
)
