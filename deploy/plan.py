"""What `up` and `demo` are asked for: the same options on both, handed over as one plan."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from pathlib import Path

import click

from deploy.options import data_option, host_option, http_port_option, kafka_port_option


@dataclass(frozen=True)
class Plan:
    """A port of 0 is any free one."""

    data: Path
    host: str
    http_port: int
    kafka_port: int
    workers: int


workers_option = click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    envvar="PULSE_WORKERS",
    help="How many Faust workers; more than a topic has partitions (4) find no work.",
)


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Gives a command these options, as its first argument `plan`."""

    @data_option
    @host_option
    @http_port_option
    @kafka_port_option
    @workers_option
    @wraps(command)
    def planned(data: Path, host: str, http: int, kafka: int, workers: int, **rest: object) -> None:
        command(Plan(data, host, http, kafka, workers), **rest)

    return planned
