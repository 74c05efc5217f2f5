"""`pulse stream`: the Faust worker."""

import signal
import sys
from pathlib import Path

import click

from deploy.options import data_option, generation_option, kafka_option


@click.command(help="Run a worker: call records to signed facts. As many at once as there are partitions.")
@data_option
@kafka_option
@generation_option
def command(data: Path, kafka: str, generation: int | None) -> None:
    """Ends with 0 on SIGTERM or SIGINT, at any time, and when a rebuild has made another generation current; with 1
    when anything else stopped it, with the reason."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # Faust has its own once it runs
    from streams.app import run  # noqa: PLC0415  (Faust takes a second to import)

    raise SystemExit(run(kafka, data, generation))
