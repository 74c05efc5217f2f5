"""`pulse up`: broker, topics, directory, workers, loader and API on this machine, until Ctrl-C."""

from contextlib import suppress
from pathlib import Path

import click

from deploy.local import Plan, interrupt_on_sigterm, running
from deploy.options import data_option, generation_option, http_port_option, kafka_port_option


@click.command(help="Run everything on this machine until Ctrl-C; what it started ends with it.")
@data_option
@http_port_option
@kafka_port_option
@generation_option
@click.option("--workers", type=click.IntRange(1, 64), default=1, envvar="PULSE_WORKERS", help="Faust workers.")
@click.option(
    "--directory",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="PULSE_DIRECTORY",
    help="Directory file to publish before anything is counted.",
)
def command(data: Path, http: int, kafka: int, generation: int, workers: int, directory: Path | None) -> None:
    plan = Plan(data, http, kafka, workers, generation, directory)
    interrupt_on_sigterm()
    with suppress(KeyboardInterrupt), running(plan, click.echo) as system:
        click.echo(f"ready: {system.http}, Kafka at {system.kafka}; Ctrl-C stops it all")
        system.supervisor.watch()
    click.echo("stopped")
