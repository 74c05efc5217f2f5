"""Options that several commands share, so that one variable means one thing everywhere.

`--kafka` is an address, or the port of the broker where one is started. `kafka_option` needs `data_option` on the same
command: where no address is given it asks DIR/run.json.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from deploy import run

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    default=Path(".pulse"),
    envvar="PULSE_DATA",
    is_eager=True,
    metavar="DIR",
    help="Folder of all that a run writes.",
)


def kafka_option_if(needed: Callable[[Mapping[str, Any]], bool]) -> Decorator:
    """`needed` is asked with the options that the command takes before this one (`is_eager`); where it is not and none
    is given, the command gets an empty address."""

    def address(context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
        if given:
            return _addresses(given)
        return _running_broker(context.params["data"]) if needed(context.params) else ""

    return click.option(
        "--kafka",
        envvar="PULSE_KAFKA",
        callback=address,
        metavar="HOST:PORT",
        help="Kafka's address, or several with commas; else that of the run in DIR.",
    )


def _addresses(given: str) -> str:
    if not all(re.fullmatch(r"\S+:\d{1,5}", each) for each in given.split(",")):
        raise click.BadParameter(f"{given!r} is not HOST:PORT, nor several of these with commas between them")
    return given


def _running_broker(data: Path) -> str:
    found = run.read(data)
    if found is None:
        raise click.ClickException(
            f"no broker known: nothing runs on {data} ({data / run.FILE}); start `pulse up --data {data}`, "
            "or give --kafka HOST:PORT (PULSE_KAFKA)"
        )
    return found.kafka


kafka_option = kafka_option_if(lambda _: True)
generation_option = click.option(
    "--generation",
    type=click.IntRange(min=1),
    envvar="PULSE_GENERATION",
    help="Which derivation, by its number in the names of topics, groups and tables; else the current one.",
)


def server_option(without: str | None = "the embedded one in DIR") -> Decorator:
    """`without` says what is used where none is given; None where there has to be one."""
    return click.option(
        "--clickhouse",
        "url",
        envvar="PULSE_CLICKHOUSE",
        metavar="URL",
        required=without is None,
        help=f"A server, like http://user:password@host:8123{f'; without it {without}' if without else ''}.",
    )


database_option = click.option("--database", default="pulse", envvar="PULSE_DATABASE", help="Name of the database.")
cluster_option = click.option(
    "--cluster", default="", envvar="PULSE_CLUSTER", help="Name of the server's cluster: replicated tables."
)
http_port_option = click.option(
    "--http",
    type=click.IntRange(0, 65_535),
    default=8080,
    envvar="PULSE_HTTP_PORT",
    metavar="PORT",
    help="Port of the API and the page; 0 = any free.",
)
host_option = click.option(
    "--host",
    default="127.0.0.1",
    envvar="PULSE_HOST",
    metavar="ADDRESS",
    help="Where the API and the page listen; other machines only once there are users (pulse user add).",
)
kafka_port_option = click.option(
    "--kafka",
    type=click.IntRange(0, 65_535),
    default=9092,
    envvar="PULSE_KAFKA_PORT",
    metavar="PORT",
    help="Port of the broker on this machine; 0 = any free.",
)
