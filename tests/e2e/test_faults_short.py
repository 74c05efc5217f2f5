"""The fault test in its short form, and the proof that it can fail: it sees what is wrong when something is.

The long form is `make faults ROUNDS=… SEED=…`.
"""

import random
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer
from kafka.structs import TopicPartition

from clickhouse.engine import DATABASE
from clickhouse.loader.mapping import CALLS
from tests.faults import report
from tests.faults.kinds import KINDS
from tests.faults.positions import GENERATION
from tests.faults.processes import Ledger, Program, Supervisor
from tests.faults.round import Fault, Kind, Result, run_round
from tests.faults.run import say
from tests.faults.stores import ask
from tests.faults.system import System

FACTS_TOPIC = CALLS.topic.named(GENERATION)
FACTS_TABLE = f"{DATABASE}.{CALLS.tables(GENERATION)[0]}"
RATE = 100
"""Records a second: as few as leave somebody behind now and then, for each round verifies all that there was so far."""
SHORT = ("kill -9 worker", "kill -9 loader", "kill -9 broker")
STATED = (
    f"SELECT id FROM {FACTS_TABLE} GROUP BY server, id "  # noqa: S608
    "HAVING sum(sign) > 0 AND groupUniqArray(organisation) = ['taxi-1'] LIMIT 1"
)
"""Of what was taken back a row more or less is no difference; a call that was another's once may be the doubled one."""
SLEEPS = "import time; time.sleep(60)"


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    running = Supervisor()
    running.start()
    yield running
    running.close()


def await_true(question: Callable[[], bool], within_s: float = 10.0) -> None:
    deadline = time.monotonic() + within_s
    while not question():
        assert time.monotonic() < deadline, "did not become true in time"
        time.sleep(0.02)


def started(supervisor: Supervisor, folder: Path, code: str) -> Program:
    program = Program("trivial", [sys.executable, "-c", code], folder / "trivial.log", Ledger())
    supervisor.programs.append(program)
    program.start()
    return program


def test_a_process_that_dies_for_no_reason_is_an_unexplained_exit(supervisor: Supervisor, tmp_path: Path) -> None:
    program = started(supervisor, tmp_path, "raise SystemExit(3)")
    await_true(lambda: bool(program.ledger.unexplained))
    assert program.ledger.unexplained[0].code == 3
    assert report.last_line([Result("none", exits=program.ledger.exits[:1])]) == (
        "faults: rounds=1 differences=0 unexplained_exits=1"
    )


def test_an_excuse_covers_its_own_code_and_one_exit_only(supervisor: Supervisor, tmp_path: Path) -> None:
    program = started(supervisor, tmp_path, SLEEPS)
    program.ledger.excuse(program.name, [-signal.SIGKILL], 10, "killed")
    program.send(signal.SIGKILL)
    await_true(lambda: program.starts == 2 and program.pid is not None)
    assert not program.ledger.unexplained
    program.send(signal.SIGKILL)
    await_true(lambda: len(program.ledger.unexplained) == 1)


def test_an_excuse_that_names_what_is_said_covers_no_exit_for_another_reason(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    program = started(supervisor, tmp_path, f"print('fenced', flush=True); {SLEEPS}")
    for said in ("fenced", "store away"):
        program.ledger.excuse(program.name, [-signal.SIGKILL], 10, f"it says {said}", said=said)
    for starts in (1, 2):
        await_true(partial(says_fenced, program, starts))
        program.send(signal.SIGKILL)
    await_true(lambda: len(program.ledger.exits) == 2)
    assert [ended.explained for ended in program.ledger.exits] == ["it says fenced", None]


def says_fenced(program: Program, starts: int) -> bool:
    return program.starts == starts and "fenced" in program.said(starts - 1)


def test_a_stop_that_does_not_end_with_0_is_an_unexplained_exit(supervisor: Supervisor, tmp_path: Path) -> None:
    program = started(supervisor, tmp_path, SLEEPS)
    assert program.stop(within_s=5)
    assert [ended.code for ended in program.ledger.unexplained] == [-signal.SIGTERM]


def count_twice(fault: Fault) -> None:
    """What a delivery that is not exact would do."""
    reader = KafkaConsumer(
        bootstrap_servers=fault.system.address, isolation_level="read_committed", auto_offset_reset="earliest"
    )
    reader.assign([TopicPartition(FACTS_TOPIC, 0)])
    fact = next(iter(reader))
    reader.close()
    producer = KafkaProducer(bootstrap_servers=fault.system.address)
    producer.send(FACTS_TOPIC, key=fact.key, value=fact.value, partition=0).get(timeout=10)
    producer.close()


def lose_a_row_and_a_worker(fault: Fault) -> None:
    """Of an organisation whose facts are not in the partition of the one to be doubled; and a process for no reason."""
    fault.system.stop(fault.system.loader)
    one = ask(fault.system, STATED)
    ask(fault.system, f"ALTER TABLE {FACTS_TABLE} DELETE WHERE id = '{one}' SETTINGS mutations_sync = 1")
    fault.system.loader.start()
    fault.system.running()[0].send(signal.SIGKILL)


def fail(_fault: Fault) -> None:
    raise LookupError("of the kit itself")


@pytest.mark.timeout(400)
def test_killed_parts_cost_nothing_and_what_is_wrong_is_reported(tmp_path: Path) -> None:
    """On one system, because starting one is most of the time. The last two are wrong on purpose."""
    chance = random.Random(time.time())
    with System(tmp_path / "system", "short", RATE) as system:
        results = [run_round(system, kind, chance) for kind in KINDS if kind.name in SHORT]
        say("\n".join(report.line(number, result) for number, result in enumerate(results, start=1)))
        assert report.last_line(results) == f"faults: rounds={len(SHORT)} differences=0 unexplained_exits=0", results
        assert all(result.lag for result in results)
        failed = run_round(system, Kind("failed by hand", fail), chance)
        assert len(failed.broken) == 1, "a long run tells of it and goes on"
        assert failed.broken[0].startswith("LookupError: of the kit itself")
        lost = run_round(system, Kind("deleted and killed by hand", lose_a_row_and_a_worker), chance)
        assert lost.differences > 0
        assert [ended.code for ended in lost.unexplained] == [-signal.SIGKILL]
        doubled = run_round(system, Kind("doubled by hand", count_twice), chance)
        assert doubled.differences > lost.differences, "in every rollup, whatever a merge makes of the two"
        assert doubled.unexplained == []
