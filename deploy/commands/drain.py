"""`pulse drain`: waits until everything produced so far can be queried; exit 0, or 1 with where it hangs."""

from pathlib import Path

import click

from deploy.options import data_option, generation_option, kafka_option
from deploy.telling import Teller
from streams.drain import drain
from streams.generations import read_generations
from streams.progress import Progress


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
def command(data: Path, kafka: str, generation: int | None, timeout: float) -> None:  # noqa: ARG001
    teller = Teller()
    with Progress(kafka, generation or read_generations(kafka).current) as progress:
        hangs = drain(progress, timeout, lambda standing: teller(str(standing)))
    teller.end()
    if hangs is not None:
        raise click.ClickException(f"not drained within {timeout:g} s\n{hangs.explain()}")
    click.echo("drained: everything produced so far can be queried")
