"""The command line: help at once, addresses from where they are known, expected errors in one line, exit codes."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from kafka.errors import KafkaTimeoutError

from deploy import run
from deploy.broker import BrokerError
from deploy.cli import COMMANDS, Flow, in_one_line, is_expected, main
from deploy.options import data_option, kafka_option, kafka_option_if
from tests.chain import PULSE, clean_environment


@click.command()
@data_option
@kafka_option
def where(data: Path, kafka: str) -> None:
    click.echo(f"{data} {kafka}")


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("PULSE_KAFKA", raising=False)
    monkeypatch.setenv("PULSE_DATA", str(tmp_path))
    run.write(tmp_path, run.Run(os.getpid(), "127.0.0.1:1111"))
    return tmp_path


def asked(*arguments: str, **environment: str) -> str:
    result = CliRunner().invoke(where, arguments, env=environment)
    assert result.exit_code == 0, result.output
    return result.stdout.split()[-1]


def test_the_broker_is_the_option_else_the_variable_else_the_running_one(data: Path) -> None:
    assert asked("--kafka", "option:1", PULSE_KAFKA="variable:1") == "option:1"
    assert asked(PULSE_KAFKA="variable:1") == "variable:1"
    assert asked() == "127.0.0.1:1111"


def test_several_brokers_are_named_with_commas(data: Path) -> None:
    assert asked("--kafka", "one:1,two:2") == "one:1,two:2"


@pytest.mark.parametrize("slip", ["kafka1", "kafka1:", "one:1,", "http://one"])
def test_what_is_no_address_of_brokers_is_said(data: Path, slip: str) -> None:
    result = CliRunner().invoke(where, ["--kafka", slip])
    assert result.exit_code == 2
    assert f"{slip!r} is not HOST:PORT" in result.stderr


def test_no_known_broker_is_one_clear_line(data: Path) -> None:
    result = CliRunner().invoke(where, ["--data", str(data / "other")])
    assert result.exit_code == 1
    assert "no broker known" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(("asked_for", "told"), [(["--offline"], "[]\n"), ([], "[127.0.0.1:1111]\n")])
def test_no_broker_is_looked_for_where_none_is_needed(data: Path, asked_for: list[str], told: str) -> None:
    @click.command()
    @data_option
    @click.option("--offline", is_flag=True, is_eager=True)
    @kafka_option_if(lambda given: not given["offline"])
    def sometimes(data: Path, offline: bool, kafka: str) -> None:
        click.echo(f"[{kafka}]")

    assert CliRunner().invoke(sometimes, asked_for).stdout == told


def test_help_imports_no_stage_and_no_driver() -> None:
    code = (
        "import sys; from deploy.cli import main; main(['--help'], standalone_mode=False);"
        "print([m for m in sys.modules if m.partition('.')[0] in "
        "{'faust','kafka','chdb','pydantic','fastapi','psutil','rich','streams','producers','clickhouse','dashboard'}])"
    )
    out = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout
    assert out.splitlines()[-1] == "[]"
    assert all(f"  {name} " in out for name in COMMANDS)


def test_an_unknown_command_is_wrong_usage() -> None:
    assert CliRunner().invoke(main, ["nonsense"]).exit_code == 2


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (BrokerError("no java found"), "no java found"),
        (KafkaTimeoutError(), "Kafka: KafkaTimeoutError"),
        (OSError(errno.ENOSPC, "No space left on device", "DIR/x"), "disk full: no room for DIR/x"),
        (PermissionError(errno.EACCES, "Permission denied", "DIR/x"), "Permission denied: 'DIR/x'"),
    ],
)
def test_what_can_be_expected_to_go_wrong_is_one_line_and_exit_1(error: Exception, line: str) -> None:
    @click.command()
    def failing() -> None:
        raise error

    class OneCommand(Flow):
        def get_command(self, _context: click.Context, _name: str) -> click.Command:
            return failing

    result = CliRunner().invoke(OneCommand("pulse"), ["failing"])
    assert result.exit_code == 1
    assert line in result.stderr
    assert result.stderr.count("\n") == 1


def test_a_reader_that_has_seen_enough_is_no_error(tmp_path: Path) -> None:
    """As `| head`."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [PULSE, "doctor", "--data", str(tmp_path)]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False, env=clean_environment())
    os.close(writer)
    assert ended.stderr == b""


def test_a_mistake_of_ours_keeps_its_traceback() -> None:
    assert not is_expected(KeyError("x"))
    assert not is_expected(ZeroDivisionError())


def test_lines_of_a_longer_message_are_joined() -> None:
    assert in_one_line(BrokerError("first\n  second")) == "first second"
