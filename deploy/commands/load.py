"""`pulse load`: the loader alone, facts topics to ClickHouse, until SIGTERM or SIGINT."""

import logging
import signal
import socket
import threading
from hashlib import sha256
from pathlib import Path

import click

from deploy.options import data_option, database_option, generation_option, kafka_option, server_option

LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"


@click.command()
@data_option
@kafka_option
@server_option()
@database_option
@generation_option
def command(data: Path, kafka: str, url: str | None, database: str, generation: int | None) -> None:
    """Ends with 0 when told to stop; with 1 and the reason where no retry can help."""
    from clickhouse.engine import connect, open_embedded  # noqa: PLC0415  (the engine takes a second to import)
    from clickhouse.loader.generations import run_loaders  # noqa: PLC0415
    from clickhouse.loader.run import LoaderSettings  # noqa: PLC0415

    logging.basicConfig(level=logging.INFO, format=LINE)
    logging.getLogger("kafka").setLevel(logging.WARNING)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    instance = None if url else _instance(data)
    with connect(url) if url else open_embedded(data / "clickhouse") as engine:
        run_loaders(LoaderSettings(kafka, engine, database, instance=instance), stop, generation)


def _instance(data: Path) -> str:
    """A folder has one loader: after a restart it has its partitions back without waiting for a time-out."""
    return f"{socket.gethostname()}-load-{sha256(str(data.resolve()).encode()).hexdigest()[:12]}"
