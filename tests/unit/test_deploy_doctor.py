"""`pulse doctor` names what is missing and what to do, and shows no secret."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from deploy.cli import main
from deploy.doctor import Finding, Places, findings


def found(
    data: Path, kafka: str | None = None, clickhouse: str | None = None, **environment: str
) -> dict[str, Finding]:
    return {finding.subject: finding for finding in findings(Places(data, kafka, clickhouse), 1, environment)}


def test_a_machine_with_all_it_needs_and_nothing_running(tmp_path: Path) -> None:
    subjects = found(tmp_path / "not" / "there")
    assert {name: finding.state for name, finding in subjects.items()} == {
        "python": "ok",
        "java": "ok",
        "kafka": "ok",
        "disk": "ok",
        "run": "note",
    }
    assert not (tmp_path / "not").exists(), "looking makes nothing"


def test_what_is_missing_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("deploy.doctor.LIBS", tmp_path)
    subjects = found(tmp_path)
    assert subjects["java"] == Finding("wrong", "java", "missing: install Java 17 or later")
    assert subjects["kafka"].text.endswith("run `make setup`")


def test_where_kafka_is_elsewhere_this_machine_needs_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    subjects = found(tmp_path, "127.0.0.1:1,127.0.0.1:2", "http://a:b@127.0.0.1:1")
    assert subjects["java"] == Finding("note", "java", "missing: install Java 17 or later")
    assert subjects["broker"] == Finding("wrong", "broker", "127.0.0.1:1,127.0.0.1:2 does not answer")
    assert subjects["clickhouse"].state == "wrong"
    assert subjects["clickhouse"].text.startswith("no ClickHouse at 127.0.0.1:1: ")


def test_settings_are_shown_and_secrets_are_not(tmp_path: Path) -> None:
    secrets = {"PULSE_TOKEN": "abc", "PULSE_USER_ADD_PASSWORD": "abc", "PULSE_CLICKHOUSE": "http://a:b@/d@c:1"}
    subjects = found(tmp_path, PULSE_DATA="there", HOME="x", **secrets)
    assert subjects["PULSE_DATA"].text == "there"
    assert subjects["PULSE_TOKEN"].text == subjects["PULSE_USER_ADD_PASSWORD"].text == "set"
    assert subjects["PULSE_CLICKHOUSE"].text == "http://…@c:1"
    assert "HOME" not in subjects


@pytest.mark.parametrize("given", [["--clickhouse", "http://127.0.0.1:1"], []])
def test_the_server_is_named_by_option_or_variable_as_everywhere(tmp_path: Path, given: list[str]) -> None:
    variables = {} if given else {"PULSE_CLICKHOUSE": "http://127.0.0.1:1"}
    said = CliRunner().invoke(main, ["doctor", "--data", str(tmp_path), *given], env=variables)
    assert said.exit_code == 1
    assert "wrong  clickhouse         no ClickHouse at http://127.0.0.1:1: Connection refused" in said.output
