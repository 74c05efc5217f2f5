"""`pulse serve` and `pulse report` as processes over a Kafka of their own: facts in, numbers out, both kinds of end."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest
from kafka import KafkaProducer

from deploy import run, topics
from deploy.broker import LocalBroker
from streams.contracts.facts import CallFact
from streams.contracts.topics import CALL_FACTS

PULSE = str(Path(sys.executable).with_name("pulse"))
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
WITHIN_S = 60.0
DIRECTORY = """
organisations:
  - id: o
    name: Орбита
    time_zone: Europe/Moscow
    region: RU
    services: [{id: city, name: Город}]
servers: [{id: pbx, time_zone: Europe/Moscow}]
gateways: [{server: pbx, account: GSM1, lines: [{service: city, numbers: ["+74951110001"]}]}]
"""


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The topics of a run have fixed names, so the shared broker will not do."""
    with LocalBroker(tmp_path_factory.mktemp("kafka")) as broker:
        topics.apply(broker.address, topics.Wanted())
        yield broker.address


class Serving:
    """A `pulse serve` of ours, on a data folder in which nothing else runs."""

    def __init__(self, kafka: str, data: Path, *options: str) -> None:
        self.kafka = kafka
        self.data = data
        self.log = data.with_suffix(".log")
        with self.log.open("ab") as log:
            command = [PULSE, "serve", "--data", str(data), "--kafka", kafka, "--http", "0", *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=ENVIRONMENT)

    def until(self, true: Callable[[], bool]) -> None:
        deadline = time.monotonic() + WITHIN_S
        while not true():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.1)

    def ready(self) -> bool:
        found = run.read(self.data)
        if found is None or found.http is None:
            return False
        return httpx.get(f"{found.http}/readyz", timeout=WITHIN_S).status_code == 200

    def report(self, *options: str) -> subprocess.CompletedProcess[str]:
        return pulse("report", "--data", str(self.data), "--from", "2026-03-01", "--to", "2026-03-03", *options)

    def values(self) -> Any:
        answer = json.loads(self.report("--metric", "calls", "--by", "gateway", "--format", "json").stdout)
        return {series["group"]["gateway"]: series["values"] for series in answer["series"]}

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(WITHIN_S)


def pulse(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [PULSE, *words], capture_output=True, text=True, env=ENVIRONMENT | variables, timeout=WITHIN_S, check=False
    )


@pytest.fixture
def serving(kafka: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    serving = Serving(kafka, tmp_path_factory.getbasetemp() / "served")
    try:
        serving.until(serving.ready)
        yield serving
    finally:
        serving.process.kill()
        serving.process.wait()


def call(day: int, **changes: Any) -> dict[str, Any]:
    start = int(datetime(2026, 3, day, 9, tzinfo=UTC).timestamp() * 1_000)
    given = {
        "organisation": "o",
        "service": "city",
        "server": "pbx",
        "gateway": "GSM1",
        "number": "+74951110001",
        "id": f"call of {day}",
        "phone": "+79160000001",
        "direction": "inbound",
        "reason": "",
        "counted": 1,
        "calls": 1,
        "calls_missed": 1,
        "started_at": start,
        "ended_at": start + 20_000,
        "answered_at": None,
        "local_time": start // 1_000 + 3 * 3_600,
        "utc_offset_min": 180,
        "legs": "[]",
        "bridged": "",
        "sign": 1,
        "observed_at": start + 20_000,
    }
    return dict.fromkeys(CallFact.__annotations__, 0) | given | changes


def send(kafka: str, *facts: dict[str, Any]) -> None:
    producer = KafkaProducer(bootstrap_servers=kafka)
    for fact in facts:
        producer.send(CALL_FACTS.named(1), key=b"o", value=orjson.dumps(fact), partition=0).get(WITHIN_S)
    producer.close()


def test_facts_become_numbers_until_it_is_told_to_stop(serving: Serving, tmp_path: Path) -> None:
    file = tmp_path / "directory.yaml"
    file.write_text(DIRECTORY)
    assert pulse("directory", "apply", "--yes", "--kafka", serving.kafka, str(file)).returncode == 0
    send(serving.kafka, call(1), call(2, id="a"), call(2, id="b"))
    serving.until(lambda: serving.values() == {"pbx/GSM1": [1, 2]})
    table = serving.report("--by", "service", "--metric", "calls").stdout
    assert "Город" in table
    assert "total" in table
    lines = serving.report("--metric", "calls", "--format", "csv", "--compare", "previous").stdout.splitlines()
    assert lines[0] == "metric,group,label,unit,bucket,value,comparison"
    assert lines[-1] == "calls,,Calls,calls,total,3,0"
    missed = ("--list", "--metric", "calls_missed", "--format", "csv", "--bucket")
    rows = serving.report(*missed, "2026-03-02T00:00+03:00").stdout.splitlines()
    assert [row["id"] for row in csv.DictReader(rows)] == ["a", "b"]
    refused = serving.report(*missed, "2026-03-02T05:00+03:00")
    assert (refused.returncode, "--bucket:" in refused.stderr) == (2, True)
    refused = serving.report("--step", "day", "--gateway", "GSM1")
    assert (refused.returncode, "--gateway: 'GSM1' is no server/account" in refused.stderr) == (2, True)
    assert serving.stop() == 0
    assert run.last(serving.data) is None


def test_the_numbers_are_there_again_after_a_start_and_also_without_one(serving: Serving) -> None:
    serving.until(lambda: serving.values() == {"pbx/GSM1": [1, 2]})
    second = Serving(serving.kafka, serving.data)
    assert second.process.wait(WITHIN_S) == 1
    assert "is in use by process" in second.log.read_text()
    serving.until(lambda: serving.values() == {"pbx/GSM1": [1, 2]})
    assert serving.stop() == 0
    assert serving.values() == {"pbx/GSM1": [1, 2]}
    assert "3 of 3 rows" in serving.report("--list").stdout


def test_what_another_run_has_announced_stays(kafka: str, tmp_path: Path) -> None:
    """As of a `pulse dashboard` on the folder of an `up`, whose store it does not open."""
    run.write(tmp_path, run.Run(os.getpid(), kafka, "http://127.0.0.1:1", "ready", "of another"))
    announced = run.read(tmp_path)
    second = Serving(kafka, tmp_path)
    assert second.process.wait(WITHIN_S) == 1
    assert second.log.read_text().splitlines()[-1] == (
        f"Error: http://127.0.0.1:1 (pid {os.getpid()}) serves {tmp_path} already: stop it, or choose another --data"
    )
    assert run.read(tmp_path) == announced


def test_users_are_added_through_the_process_that_serves_or_to_the_store_itself(serving: Serving) -> None:
    data, secret = str(serving.data), {"PULSE_USER_ADD_PASSWORD": "a long password"}
    refused = Serving(serving.kafka, serving.data.with_name("empty"), "--host", "0.0.0.0")  # noqa: S104
    assert (refused.process.wait(WITHIN_S), "pulse user add" in refused.log.read_text()) == (1, True)
    added = pulse("user", "add", "--data", data, "--role", "admin", "--organisation", "o", "ann", **secret)
    assert (added.returncode, added.stdout) == (0, "ann may sign in\n"), added.stderr
    metrics = f"{(run.read(serving.data) or pytest.fail('not running')).http}/api/v1/metrics"
    token = pulse("user", "token", "add", "--data", data, "ann").stdout.strip()
    codes = [httpx.get(metrics, headers=sent).status_code for sent in ({}, {"Authorization": f"Bearer {token}"})]
    assert codes == [401, 200]
    assert serving.values() == {"pbx/GSM1": [1, 2]}
    assert serving.stop() == 0
    assert pulse("user", "list", "--data", data).stdout == "ann\tadmin\to\t*\tphones\n"
    slip = pulse("user", "add", "--data", data, "--role", "viewer", "--organisation", "O", "bob", **secret)
    assert (slip.returncode, "no organisation 'O'; there are o" in slip.stderr) == (1, True)
    assert pulse("user", "remove", "--data", data, "ann").returncode == 0


def test_a_loader_that_cannot_go_on_ends_the_process_and_says_why(serving: Serving) -> None:
    send(serving.kafka, call(2, id="unfit", calls=1_000))
    assert serving.process.wait(WITHIN_S) == 1
    assert "unfit" in serving.log.read_text().splitlines()[-1]
