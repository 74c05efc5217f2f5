"""`pulse dashboard`: the API and the page alone, over a ClickHouse server that `pulse load` fills."""

from pathlib import Path

import click

from deploy.commands.serve import run_until_told
from deploy.options import data_option, database_option, host_option, http_port_option, kafka_option, server_option


@click.command()
@data_option
@kafka_option
@host_option
@http_port_option
@server_option(without=None)
@database_option
def command(data: Path, kafka: str, host: str, http: int, url: str, database: str) -> None:
    """Ends with 0 on SIGTERM or SIGINT; with 1 when a part of it failed, with the reason."""
    run_until_told(data, kafka, host, http, server=url, database=database)
