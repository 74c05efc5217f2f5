"""`pulse drain`: waits until everything produced so far can be queried; exit 0, or 1 with where it hangs."""

import sys
from pathlib import Path
from time import monotonic

import click

from deploy.options import data_option, generation_option, kafka_option
from streams.drain import Standing, drain
from streams.progress import Progress

PLAIN_LINE_EVERY_S = 5.0


class Teller:
    """One line that is written over on a terminal, else a plain line whenever a stage begins and every few seconds."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()
        self._stage = ""
        self._told_at = 0.0

    def __call__(self, standing: Standing) -> None:
        if self._terminal:
            click.echo(f"\r\x1b[2K{standing}", nl=False, err=True)
        elif standing.stage != self._stage or monotonic() - self._told_at >= PLAIN_LINE_EVERY_S:
            click.echo(standing, err=True)
            self._stage, self._told_at = standing.stage, monotonic()

    def end(self) -> None:
        if self._terminal:
            click.echo("\r\x1b[2K", nl=False, err=True)


@click.command(help="Wait until everything produced so far can be queried; exit 1 with where it hangs.")
@data_option
@kafka_option
@generation_option
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=600.0,
    envvar="PULSE_DRAIN_TIMEOUT",
    metavar="S",
    help="Seconds to wait in all.",
)
def command(data: Path, kafka: str, generation: int, timeout: float) -> None:  # noqa: ARG001
    teller = Teller()
    with Progress(kafka, generation) as progress:
        hangs = drain(progress, timeout, teller)
    teller.end()
    if hangs is not None:
        raise click.ClickException(f"not drained within {timeout:g} s\n{hangs.explain()}")
    click.echo("drained: everything produced so far can be queried")
