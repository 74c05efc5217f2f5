"""`pulse doctor`: what is configured, reachable, lagging; exit 1 where something is wrong."""

import os
from pathlib import Path

import click

from deploy.doctor import WRONG, Places, findings
from deploy.options import data_option, database_option, generation_option, kafka_option_if, server_option


@click.command()
@data_option
@kafka_option_if(lambda _: False)
@server_option("none is asked")
@database_option
@generation_option
def command(data: Path, kafka: str, url: str | None, database: str, generation: int | None) -> None:
    wrong = 0
    for finding in findings(Places(data, kafka or None, url, database), generation, os.environ):
        click.echo(f"{finding.state:<6} {finding.subject:<18} {finding.text}")
        wrong += finding.state == WRONG
    if wrong:
        raise click.ClickException(f"{wrong} wrong")
