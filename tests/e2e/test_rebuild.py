"""`pulse rebuild`: after a change of directory everything is derived again and swapped in. What is read never has a
gap, records come in all the while, and killed at any step it goes on when it is run again.
"""

import json
import re
import signal
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import psutil
import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from clickhouse.engine import open_embedded
from clickhouse.migrate import current_generation, generations_stored
from streams.contracts.topics import CALL_RECORDS
from streams.generations import read_generations
from tests.chain import PULSE, Started, clean_environment, up

DIRECTORY = Path(__file__).with_name("directory.yaml")
REMAPPED = (
    '{service: alfa-ural, numbers: ["+73431110001"]}',
    '{service: alfa-ural, numbers: ["+73431110001"], until: 2026-03-04}, '
    '{service: beta-city, numbers: ["+73431110001"], from: 2026-03-04}',
)
THRESHOLD = ('    staff_numbers: ["101"]', '    staff_numbers: ["101"]\n    settings: {short_call_ms: 30000}')
PERIOD = {"from": "2026-03-01", "to": "2026-03-11"}
CALLS_A_DAY = 40
DAYS = 6
BEFORE = 2 * CALLS_A_DAY * DAYS
"""Calls of GSM1 and GSM2 on 2026-03-01 … 06."""
KILLED_AT = (
    "rebuild.before_begin",
    "rebuild.filling=kill@12",
    "rebuild.filled",
    "rebuild.switched",
    "rebuild.topics_removed",
)

pytestmark = pytest.mark.timeout(900)


def missed(gateway: str, number: int, day: int) -> dict[str, object]:
    """A call of 20 seconds that nobody answers: missed, or short where the threshold is 30 s."""
    start = datetime(2026, 3, day, 8, tzinfo=UTC) + timedelta(minutes=number % 600, seconds=number // 600)
    end = (start + timedelta(seconds=20)).isoformat()
    return {
        "v": 1,
        "server": "pbx-1",
        "record_id": f"{gateway} {day} {number}",
        "call_id": f"{gateway} {day} {number}",
        "direction": "inbound",
        "gateway": gateway,
        "caller": f"8916{number:07d}",
        "callee": "",
        "started_at": start.isoformat(),
        "ended_at": end,
        "observed_at": end,
    }


class Traffic:
    """One call after the other, on a day of its own, until it is left."""

    def __init__(self, kafka: str) -> None:
        self.sent = 0
        self._kafka = kafka
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._send)

    def __enter__(self) -> "Traffic":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _send(self) -> None:
        with closing(KafkaProducer(bootstrap_servers=self._kafka, acks="all", enable_idempotence=True)) as producer:
            while not self._stop.wait(0.05):
                record = missed("GSM1", self.sent, 10)
                producer.send(CALL_RECORDS.name, key=b"pbx-1", value=json.dumps(record).encode())
                self.sent += 1
            producer.flush()


class Reading:
    """Asks again and again, as a page does that stays open; `totals` is what it was told."""

    def __init__(self, address: str) -> None:
        self.totals: list[int] = []
        self.refused: list[str] = []
        self._address = address
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._ask)

    def __enter__(self) -> "Reading":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._stop.set()
        self._thread.join()

    def _ask(self) -> None:
        with httpx.Client(base_url=self._address, timeout=30, trust_env=False) as client:
            while not self._stop.wait(0.15):
                answer = client.get("/api/v1/timeseries", params={"metric": "calls", "step": "month", **PERIOD})
                if answer.is_success:
                    self.totals.append(sum(series["total"] for series in answer.json()["series"]))
                else:
                    self.refused.append(answer.text)


def kill_at(system: Started, failpoint: str) -> None:
    """A `pulse rebuild` that ends by SIGKILL when it gets there."""
    killed = subprocess.run(
        [PULSE, "rebuild", "--data", str(system.data)],
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
        env=clean_environment() | {"PULSE_FAILPOINTS": failpoint if "=" in failpoint else f"{failpoint}=kill"},
    )
    assert killed.returncode == -signal.SIGKILL, f"{failpoint}: {killed.stdout}{killed.stderr}"


def produced(folder: Path) -> str:
    file = folder / "records.jsonl"
    records = [
        missed(gateway, number, day)
        for gateway in ("GSM1", "GSM2")
        for day in range(1, DAYS + 1)
        for number in range(CALLS_A_DAY)
    ]
    file.write_text("\n".join([json.dumps(record) for record in records] + ["not json"]) + "\n")
    return str(file)


def changed_directory(folder: Path, *changes: tuple[str, str]) -> str:
    text = DIRECTORY.read_text()
    for before, after in changes:
        assert before in text
        text = text.replace(before, after, 1)
    file = folder / "changed.yaml"
    file.write_text(text)
    return str(file)


def total(system: Started, metric: str, organisation: str) -> int:
    asked = ("--metric", metric, "--step", "month", "--from", PERIOD["from"], "--to", "2026-03-07")
    answer = json.loads(system.did("report", *asked, "--organisation", organisation, "--format", "json"))
    return sum(series["total"] for series in answer["series"])


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Started]:
    """One system for both tests, in this order: whatever generation is read, it is derived anew."""
    folder = tmp_path_factory.mktemp("rebuild")
    with up(folder / "data", "--directory", str(DIRECTORY)) as started:
        started.did("produce", "file", "--topic", CALL_RECORDS.name, produced(folder))
        started.did("drain")
        yield started


def test_a_changed_directory_is_derived_anew_while_records_come_in_and_everything_is_killed(
    running: Started, tmp_path: Path
) -> None:
    assert (total(running, "calls", "alfa"), total(running, "calls", "beta")) == (BEFORE, 0)
    at = running.ready()
    assert at.http is not None
    with Traffic(at.kafka) as traffic, Reading(at.http) as reading:
        changed = changed_directory(tmp_path, REMAPPED, THRESHOLD)
        assert "run `pulse rebuild`" in running.did("directory", "apply", "--yes", changed)
        running.until(lambda: "Waiting" in log(running, "stream-1"), 60)
        for failpoint in KILLED_AT:
            kill_at(running, failpoint)
        assert "generation 1 is removed" in running.did("rebuild")
        arrived = traffic.sent
        running.until(lambda: traffic.sent > arrived, 10)
    running.did("drain")
    assert "differences: 0, undecided: 0" in running.did("verify")
    remapped = CALLS_A_DAY * 3  # from the 4th to the 6th
    assert (total(running, "calls", "alfa"), total(running, "calls", "beta")) == (BEFORE - remapped, remapped)
    assert (total(running, "calls_short", "alfa"), total(running, "calls_short", "beta")) == (BEFORE - remapped, 0)
    never_gaps(reading, traffic)
    nothing_is_left_of_the_first_generation(running)


def test_a_directory_applied_meanwhile_begins_it_anew_and_what_was_read_before_can_be_kept(
    running: Started, tmp_path: Path
) -> None:
    read = read_generations(running.ready().kafka).current
    given_up, anew = read + 1, read + 2
    with rebuilding(running, "rebuild.filled=stop@1", "--verify", "--keep") as rebuild:
        running.until(lambda: psutil.Process(rebuild.pid).status() == psutil.STATUS_STOPPED, 60)
        running.did("directory", "apply", "--yes", changed_directory(tmp_path, THRESHOLD))
        rebuild.send_signal(signal.SIGCONT)
    said = (running.data / "rebuild.out").read_text()
    assert rebuild.returncode == 0, said
    assert "another directory was applied meanwhile: beginning anew" in said
    assert f"generation {anew} is read from now on" in said
    assert f"generation {given_up} is removed" in said
    assert "differences: 0, undecided: 0" in running.did("verify")
    assert total(running, "calls_short", "alfa") == BEFORE
    assert running.interrupt() == 0
    with open_embedded(running.data / "clickhouse") as engine, closing(engine.reader()) as client:
        assert (current_generation(client), generations_stored(client)) == (anew, {read, anew})
        tables = [name for (name,) in client.query("SHOW TABLES").result_rows]
    assert {int(found[1]) for name in tables if (found := re.search(r"_g(\d+)$", name))} == {read, anew}


@contextmanager
def rebuilding(system: Started, failpoints: str, *options: str) -> Iterator[subprocess.Popen[bytes]]:
    with (system.data / "rebuild.out").open("wb") as output:
        process = subprocess.Popen(
            [PULSE, "rebuild", "--data", str(system.data), *options],
            stdout=output,
            stderr=output,
            env=clean_environment() | {"PULSE_FAILPOINTS": failpoints},
        )
    try:
        yield process
        process.wait(300)
    finally:
        process.kill()
        process.wait()


def never_gaps(reading: Reading, traffic: Traffic) -> None:
    assert reading.refused == []
    assert len(reading.totals) > 50
    assert min(reading.totals) >= BEFORE, "less was shown than was there before"
    assert max(reading.totals) <= BEFORE + traffic.sent, "more was shown than was sent"


def nothing_is_left_of_the_first_generation(system: Started) -> None:
    with closing(KafkaAdminClient(bootstrap_servers=system.ready().kafka)) as admin:
        assert not [topic for topic in admin.list_topics() if topic.endswith(".g1")]
        assert not [group for group in admin.list_groups() if group["group_id"].endswith(".g1")]
    assert not list((system.data / "state").glob("*/*.g1-*"))
    system.until(lambda: "generation 1: its tables are gone" in log(system, "serve"), 30)


def log(system: Started, name: str) -> str:
    return (system.data / "logs" / f"{name}.log").read_text()
