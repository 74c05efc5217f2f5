"""`pulse up` as its user meets it: numbers that can be counted by hand, one run per folder, nothing left behind."""

import json
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest

DIRECTORY = Path(__file__).with_name("directory.yaml")
DAYS = ("2026-03-02", "2026-03-03", "2026-03-04")
IVAN, PYOTR, MARIA, ANNA = "89161234567", "9261112233", "+7 903 555-66-77", "84957654321"

Start = Callable[..., Any]

pytestmark = pytest.mark.timeout(400)


def leg(server: str, gateway: str | None, at: str, caller: str, **changes: object) -> dict[str, object]:
    """A missed call of 20 seconds of one leg, unless changed."""
    start = datetime.fromisoformat(at)
    end = (start + timedelta(seconds=20)).isoformat()
    given = {
        "v": 1,
        "server": server,
        "record_id": f"{gateway} {at}",
        "call_id": f"{gateway} {at}",
        "direction": "inbound",
        "gateway": gateway,
        "caller": caller,
        "callee": "",
        "started_at": start.isoformat(),
        "ended_at": end,
        "observed_at": end,
    }
    return given | changes


def answered(record: dict[str, object]) -> dict[str, object]:
    return record | {"answered_at": record["started_at"], "answered_by": "agent", "agent": "7"}


FIRST = answered(leg("pbx-1", "GSM1", "2026-03-02T10:00:00+03:00", IVAN))
GROUP = leg("pbx-1", "GSM1", "2026-03-04T08:00:00+03:00", MARIA)
RECORDS = [
    FIRST,
    leg("pbx-1", "GSM1", "2026-03-02T12:00:00+03:00", IVAN),
    leg("pbx-1", "GSM2", "2026-03-03T10:00:00+03:00", "+7 916 123-45-67"),  # Ivan again: new to that service only
    leg("pbx-2", "GSM1", "2026-03-02T09:00:00+03:00", IVAN),  # another organisation on an account of the same name
    leg("pbx-1", "GSM1", "2026-03-03T23:30:00+03:00", ""),  # hidden: a call, and nobody's
    leg("pbx-1", "GSM2", "2026-03-03T22:30:00+03:00", PYOTR),  # 00:30 of the next day where that service is
    GROUP,  # a ring group: two legs, one call
    answered(GROUP | {"record_id": "second leg", "gateway": None, "started_at": "2026-03-04T08:00:05+03:00"}),
    leg("pbx-1", "GSM1", "2026-01-05T10:00:00+03:00", ANNA),  # within 28 days of the beginning of records
    leg("pbx-1", "GSM1", "2026-03-04T11:00:00+03:00", ANNA),  # so nobody knows whether she is new
    leg("pbx-1", "GSM9", "2026-03-02T10:00:00+03:00", IVAN),  # unmapped
    leg("pbx-1", "GSM1", "2026-03-02T15:00:00+03:00", "101"),  # staff
    leg("pbx-1", "trunk-pbx-2", "2026-03-02T15:00:00+03:00", PYOTR),
    leg("pbx-1", None, "2026-03-02T16:00:00+03:00", "102", direction="internal"),
    FIRST,  # the same record once more
]
CALLS = {"pbx-1/GSM1": [2, 1, 2], "pbx-1/GSM2": [0, 1, 1], "pbx-2/GSM1": [1, 0, 0]}
NEW_IN_SERVICE = {"pbx-1/GSM1": [1, 0, 1], "pbx-1/GSM2": [0, 1, 1], "pbx-2/GSM1": [1, 0, 0]}
NEW_IN_ORGANISATION = {"pbx-1/GSM1": [1, 0, 1], "pbx-1/GSM2": [0, 0, 1], "pbx-2/GSM1": [1, 0, 0]}
REFUSED = ["not json", json.dumps(FIRST | {"record_id": "1990", "started_at": "1990-01-01T00:00:00Z"})]


def written(folder: Path) -> str:
    file = folder / "records.jsonl"
    lines = [json.dumps(record) for record in RECORDS] + REFUSED
    file.write_text("\n".join(lines) + "\n")
    return str(file)


def by_gateway(answer: dict[str, Any], metric: str) -> dict[str, list[int]]:
    """Gateways where something was counted."""
    series = [each for each in answer["series"] if each["metric"] == metric and any(each["values"])]
    return {each["group"]["gateway"]: each["values"] for each in series}


def test_the_numbers_are_those_counted_by_hand(start: Start, tmp_path: Path) -> None:
    up = start("data", "up", "--directory", str(DIRECTORY), "--workers", "2")
    up.ready()
    up.did("produce", "file", "--topic", "telephony.call-records", written(tmp_path))
    up.did("drain", "--timeout", "90")
    up.did("verify")
    metrics = ("calls", "new_callers_service", "new_callers_organisation")
    asked = [word for metric in metrics for word in ("--metric", metric)]
    period = ("--by", "gateway", "--step", "day", "--from", DAYS[0], "--to", "2026-03-05")
    answer = json.loads(up.did("report", *asked, *period, "--format", "json"))
    assert [label[:10] for label in answer["buckets"]] == list(DAYS)
    assert by_gateway(answer, "calls") == CALLS
    assert by_gateway(answer, "new_callers_service") == NEW_IN_SERVICE
    assert by_gateway(answer, "new_callers_organisation") == NEW_IN_ORGANISATION
    assert up.interrupt() == 0


def test_a_killed_worker_is_started_again_and_ctrl_c_leaves_nothing_behind(start: Start) -> None:
    up = start("data", "up", "--directory", str(DIRECTORY))
    up.ready()
    worker = next(process for process in up.processes() if "stream" in process.cmdline())
    worker.kill()
    up.until(lambda: "stream-1 was ended by SIGKILL" in up.output, 20)
    up.until(lambda: any("stream" in p.cmdline() and p.pid != worker.pid for p in up.processes()), 20)
    assert up.interrupt() == 0
    assert up.output.splitlines()[-1] == "stopped"
    assert up.processes() == []
    assert not (up.data / "run.json").exists()


def test_a_second_run_on_the_same_folder_is_refused(start: Start, pulse_command: Any) -> None:
    up = start("data", "up")
    up.until((up.data / "run.json").exists, 20)
    second = pulse_command("up", "--data", str(up.data), "--http", "0", "--kafka", "0")
    assert second.returncode == 1
    assert second.stderr == (
        f"Error: another run is using {up.data} (pid {up.process.pid}): stop it, or choose another --data\n"
    )
    assert up.interrupt() == 0


def test_nothing_outlives_a_run_that_is_killed_and_the_next_one_goes_on(start: Start, tmp_path: Path) -> None:
    up = start("data", "up", "--directory", str(DIRECTORY))
    up.ready()
    assert len(up.processes()) == 4, "up itself, broker, serve, worker"
    up.process.kill()
    up.process.wait()
    deadline = datetime.now().astimezone() + timedelta(seconds=20)
    while up.processes():
        assert datetime.now().astimezone() < deadline
    edited = tmp_path / "edited.yaml"
    edited.write_text(DIRECTORY.read_text().replace("GSM2", "GSM7"))
    again = start("data", "up", "--directory", str(edited))
    _goes_on_with_the_published_directory(again, edited)
    _ends_at_once_when_told_twice(again)


def _goes_on_with_the_published_directory(up: Any, edited: Path) -> None:
    up.ready()
    up.until(lambda: "warning: " in up.output, 20)
    ready, warning = up.output.splitlines()[-2:]
    assert ready.startswith("ready: ")
    assert warning == (
        f"warning: {edited} changes what is counted, so it is not published: "
        f"`pulse directory apply --data {up.data} {edited}`, then `pulse rebuild`"
    )
    assert "version 1 is published already" in up.did("directory", "apply", str(DIRECTORY))


def _ends_at_once_when_told_twice(up: Any) -> None:
    """A worker that hangs is waited for, and said to be; a second Ctrl-C waits for nobody."""
    worker = next(process for process in up.processes() if "stream" in process.cmdline())
    worker.suspend()
    up.process.send_signal(signal.SIGINT)
    up.until(lambda: "waiting for stream-1 to settle what is in hand" in up.output, 20)
    began = time.monotonic()
    assert up.interrupt() == 0
    assert time.monotonic() - began < 10
    _, alive = psutil.wait_procs(up.processes(), timeout=10)
    assert alive == []
    assert not (up.data / "run.json").exists()


def test_a_directory_is_published_before_anything_can_count(start: Start, tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("organisations: 5\n")
    up = start("data", "up", "--directory", str(bad))
    assert up.process.wait(90) == 1
    assert "nothing was published" in up.output
    assert [log.name for log in (up.data / "logs").iterdir()] == ["broker.log"]


def test_users_that_cannot_be_asked_for_are_not_said_to_be_none(start: Start, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "clickhouse").write_text("no store")
    up = start("data", "up", "--host", "0.0.0.0")  # noqa: S104
    assert up.process.wait(60) == 1
    assert "who may sign in is not known: Error: " in up.output
    assert "nobody can sign in yet" not in up.output


@pytest.mark.parametrize("option", ["--http", "--kafka"])
def test_a_taken_port_is_one_line(
    option: str, tmp_path: Path, pulse_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        free = {"--http": "--kafka", "--kafka": "--http"}[option]
        refused = pulse_command("up", "--data", str(tmp_path / "data"), option, str(port), free, "0")
    assert refused.returncode == 1
    assert refused.stderr == f"Error: port {port} is taken: choose another with {option}, or 0 for any free one\n"
