"""`pulse doctor`: what is configured, reachable, lagging; exit 1 where something is wrong."""

import os
from pathlib import Path

import click

from deploy.doctor import WRONG, findings
from deploy.options import data_option, generation_option


@click.command()
@data_option
@click.option(
    "--kafka", envvar="PULSE_KAFKA", metavar="HOST:PORT", help="Kafka's address; else that of the run in DIR."
)
@generation_option
def command(data: Path, kafka: str | None, generation: int | None) -> None:
    wrong = 0
    for finding in findings(data, kafka, generation, os.environ):
        click.echo(f"{finding.state:<6} {finding.subject:<18} {finding.text}")
        wrong += finding.state == WRONG
    if wrong:
        raise click.ClickException(f"{wrong} wrong")
