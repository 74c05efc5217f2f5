"""`pulse drain`: waits until everything produced so far can be queried; exit 0, or 1 with where it hangs."""

from collections.abc import Callable
from pathlib import Path
from time import monotonic

import click

from deploy.options import data_option, generation_option, kafka_option
from deploy.superseded import GivenOrCurrent, SupersededError
from deploy.telling import Teller
from streams.drain import Standing, drain
from streams.progress import Progress


@click.command()
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
    deadline = monotonic() + timeout
    hangs = _drain(kafka, generation, lambda: deadline - monotonic(), teller)
    teller.end()
    if hangs is not None:
        raise click.ClickException(f"not drained within {timeout:g} s\n{hangs.explain()}")
    click.echo("drained: everything produced so far can be queried")


def _drain(kafka: str, generation: int | None, left_s: Callable[[], float], teller: Teller) -> Standing | None:
    """Begun anew where a rebuild swaps another generation in meanwhile."""
    followed = GivenOrCurrent(kafka, generation)

    def tell(standing: Standing) -> None:
        followed.check()
        teller(str(standing))

    try:
        with Progress(kafka, followed.number) as progress:
            return drain(progress, left_s(), tell)
    except SupersededError as superseded:
        teller(str(superseded))
        return _drain(kafka, generation, left_s, teller)
