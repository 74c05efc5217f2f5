"""`pulse stream`: the Faust worker."""

import signal
import sys
from pathlib import Path

import click

from deploy.options import data_option, generation_option, kafka_option


@click.command()
@data_option
@kafka_option
@generation_option
@click.option(
    "--refused-run",
    type=click.IntRange(min=0),
    default=1_000,
    envvar="PULSE_REFUSED_RUN",
    metavar="N",
    help="So many refused records of a partition in a row stop the worker; 0: none do.",
)
@click.option(
    "--refused-ratio",
    type=click.FloatRange(0, 1),
    default=0.5,
    envvar="PULSE_REFUSED_RATIO",
    metavar="SHARE",
    help="A larger share of refused records in a window of a partition stops the worker; 0: none does.",
)
@click.option(
    "--refused-window",
    type=click.IntRange(min=1),
    default=10_000,
    envvar="PULSE_REFUSED_WINDOW",
    metavar="N",
    help="Records of a partition that the share is of.",
)
def command(
    data: Path, kafka: str, generation: int | None, refused_run: int, refused_ratio: float, refused_window: int
) -> None:
    """Ends with 0 on SIGTERM or SIGINT, at any time, and when a rebuild has made another generation current; with 1
    when anything else stopped it, with the reason."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # Faust has its own once it runs
    from streams.app import run  # noqa: PLC0415  (Faust takes a second to import)
    from streams.delivery.refusals import Tolerance  # noqa: PLC0415

    raise SystemExit(run(kafka, data, generation, Tolerance(refused_run, refused_ratio, refused_window)))
