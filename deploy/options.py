"""Options that several commands share, so that one name means one thing everywhere.

Every one is also an environment variable. `kafka_option` needs `data_option` on the same command: where no address is
given it asks DIR/run.json.
"""

from pathlib import Path

import click

from deploy import run

data_option = click.option(
    "--data",
    type=click.Path(file_okay=False, resolve_path=True, path_type=Path),
    default=Path(".pulse"),
    envvar="PULSE_DATA",
    is_eager=True,
    metavar="DIR",
    help="Folder of all that a run writes.",
)


def running(data: Path) -> run.Run:
    """What runs on this folder, or one clear line that nothing does."""
    found = run.read(data)
    if found is None:
        raise click.ClickException(f"nothing runs on {data}: start `pulse up --data {data}` first")
    return found


def broker(context: click.Context, _parameter: click.Parameter, given: str | None) -> str:
    if given:
        return given
    data: Path = context.params["data"]
    found = run.read(data)
    if found is None:
        raise click.ClickException(
            f"no broker known: nothing runs on {data} ({data / run.FILE}); start `pulse up --data {data}`, "
            "or give --kafka HOST:PORT (PULSE_KAFKA)"
        )
    return found.kafka


kafka_option = click.option(
    "--kafka",
    envvar="PULSE_KAFKA",
    callback=broker,
    metavar="HOST:PORT",
    help="Kafka's address; else that of the run in DIR.",
)
generation_option = click.option(
    "--generation",
    type=click.IntRange(min=1),
    envvar="PULSE_GENERATION",
    help="Which derivation, by its number in the names of topics, groups and tables; else the current one.",
)
server_option = click.option(
    "--clickhouse",
    "url",
    envvar="PULSE_CLICKHOUSE",
    metavar="URL",
    help="A server, like http://user:password@host:8123; without it the embedded one in DIR.",
)
database_option = click.option("--database", default="pulse", envvar="PULSE_DATABASE", help="Name of the database.")
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
