"""A large state: as many clients as a big provider has, through the real chain; then the worker and its state are lost.

PULSE_FAULTS_CLIENTS says how many, a million if not given. It takes minutes, so the kind runs only where it is named.
"""

import os
import re
import shutil
import signal
import time
from collections.abc import Iterator

import orjson
from kafka import KafkaProducer

from streams.contracts.times import DAY_MS, format_time
from streams.contracts.topics import CLIENT_BASE
from tests.faults import city
from tests.faults.positions import LOADER_STAGES, STAGES
from tests.faults.round import Fault, Kind
from tests.faults.system import System

CLIENTS = int(os.environ.get("PULSE_FAULTS_CLIENTS", "1000000"))
PATIENCE = 20.0
RESTORED_WITHIN_S = 900.0
TAKEN_OVER = re.compile(r"taken over: (\S+) partition \d+ .* (\d+) keys restored, (\d+) ms")
Message = tuple[bytes, bytes]


def clients(count: int) -> Iterator[Message]:
    """Each with another phone, known from before the records begin."""
    observed = format_time(city.OPENED + 300 * DAY_MS)
    for number in range(count):
        organisation = city.ORGANISATIONS[number % len(city.ORGANISATIONS)]
        since = format_time(city.OPENED - (1 + number % 900) * DAY_MS)
        entry = {"v": 1, "organisation": organisation, "phone": f"+7903{number:07d}", "first_order_at": since}
        yield organisation.encode(), orjson.dumps({**entry, "observed_at": observed})


def large_state(fault: Fault) -> None:
    """Killed and deleted with that many clients in it: all of it is read again, then calls go on as before."""
    system = fault.system
    system.patience = PATIENCE
    system.load.pause()
    system.scale(1)
    fault.notes.append(_filled(fault))
    system.load.go()
    worker = system.running()[0]
    worker.keep = False
    system.ledger.excuse(worker.name, [-signal.SIGKILL], RESTORED_WITHIN_S, "killed")
    fault.notes.append(f"state on disk: {_megabytes(system)} MB")

    def lost() -> None:
        worker.send(signal.SIGKILL)
        worker.await_end(10.0)
        shutil.rmtree(system.state)

    fault.progress_within_s = RESTORED_WITHIN_S
    fault.strike([worker], fault.owned(worker), lost)
    worker.start()
    fault.await_moved()
    run = worker.starts - 1
    partitions = len(fault.partitions(*(stage for stage in STAGES if stage not in LOADER_STAGES)))
    fault.await_true(lambda: len(TAKEN_OVER.findall(worker.said(run))) >= partitions, "all state to be restored")
    fault.notes.append(_restored(worker.said(run)))


def _filled(fault: Fault) -> str:
    began = time.monotonic()
    producer = KafkaProducer(bootstrap_servers=fault.system.address, acks="all", linger_ms=20, batch_size=1 << 18)
    for key, value in clients(CLIENTS):
        producer.send(CLIENT_BASE.name, key=key, value=value)
    producer.flush()
    producer.close()
    hangs = fault.system.drain()
    fault.promise(hangs is None, f"{CLIENTS} clients did not get through: {hangs}")
    took = time.monotonic() - began
    return f"{CLIENTS} clients through two stages in {took:.0f} s, {CLIENTS / took:.0f}/s"


def _restored(said: str) -> str:
    """By stage: keys, and the slowest partition, since all of them are read side by side."""
    found = [(stage, int(keys), int(ms)) for stage, keys, ms in TAKEN_OVER.findall(said)]
    keys, slowest = sum(keys for _, keys, _ in found), max((ms for _, _, ms in found), default=0)
    return (
        f"{keys} keys restored from the changelogs in {slowest / 1_000:.1f} s, {keys / max(slowest, 1) * 1_000:.0f}/s"
    )


def _megabytes(system: System) -> int:
    return sum(file.stat().st_blocks * 512 for file in system.state.rglob("*") if file.is_file()) >> 20


KINDS = (Kind("1 M clients of state", large_state, fresh=True, named=True),)
