"""`pulse produce file|simulate`: feed events into the raw topics."""

import gc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from signal import SIGTERM, default_int_handler, signal
from typing import Any

import click

from deploy.feeding import watcher
from deploy.options import data_option, kafka_option, kafka_option_if
from producers.file import CONTRACTS, Feed, Sent, produce_file
from producers.lines import FileError
from producers.sending import DeliveryError
from producers.simulator.city import Plan, directory_text
from producers.simulator.run import file_of, send_history, send_live, write_history
from producers.simulator.simulate import Simulation

COLLECTED_EVERY = 100_000
"""New objects between two looks for garbage. Thousands of records on their way are none, and looking through them every
700 objects, as is usual, takes a sixth of the time."""


@click.group()
def command() -> None:
    gc.set_threshold(COLLECTED_EVERY, 50, 100)
    signal(SIGTERM, default_int_handler)  # as Ctrl-C: what is on its way is still delivered


@command.command(short_help="JSON lines of a contract, from files or standard input.")
@data_option
@kafka_option
@click.option("--topic", type=click.Choice(sorted(CONTRACTS)), required=True, help="The contract that the lines keep.")
@click.option("--restart", is_flag=True, help="From the beginning, also what was delivered before.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def file(data: Path, kafka: str, topic: str, restart: bool, files: tuple[str, ...]) -> None:
    """Send the lines of files (.gz too; - is standard input), each as it is written.

    A line that the contract refuses is sent as well and ends in the dead letters with its reason; a file of which the
    first hundred lines are no records of the topic is refused as a whole. A run that was cut
    off goes on where deliveries were acknowledged: run the same command again.
    """
    feed = Feed(kafka, topic, data, lambda: datetime.now(UTC), restart)
    failed = [name for name in files if not _sent(feed, name)]
    if failed:
        raise click.ClickException(f"{len(failed)} of {len(files)} files could not be sent whole: {', '.join(failed)}")


def _sent(feed: Feed, name: str) -> bool:
    with watcher() as shown:
        try:
            sent = produce_file(feed, name, shown)
        except FileError as error:
            click.echo(str(error), err=True)
            return False
        except DeliveryError as error:
            raise click.ClickException(f"{name}: {error}") from error
    click.echo(_summary(sent))
    return True


def _summary(sent: Sent) -> str:
    began = f" from line {sent.start.line + 1} on" if sent.start.line else ""
    parts = [f"{sent.name}: {sent.records + sent.too_long} lines sent{began}"]
    if sent.is_empty:
        parts.append("the file is empty")
    if sent.refused:
        parts.append(f"{sent.refused} of them for the dead letters of the stream")
    if sent.refused == sent.records > 1:
        parts.append("none of them is a record of this topic: is --topic the right one?")
    if sent.too_long:
        parts.append(f"{sent.too_long} too long for the topic, put into the dead letters")
    if sent.blank:
        parts.append(f"{sent.blank} blank ones left out")
    return "; ".join(parts)


FILE = click.Path(dir_okay=False, path_type=Path)


@command.command(short_help="An invented city: clients, calls, orders, and all that goes wrong with their records.")
@data_option
@click.option("--seed", type=int, default=1, help="Which city: the same seed gives the same bytes on any machine.")
@click.option("--start", type=click.DateTime(["%Y-%m-%d"]), default="2026-03-01", help="First day of the history.")
@click.option("--days", type=click.IntRange(1, 3_660), default=14, help="Days of history.")
@click.option("--organisations", type=click.IntRange(1, 99), default=3, help="How many; each has two services.")
@click.option("--calls-per-day", type=click.IntRange(min=1), default=2_000, help="Of the whole city, at first.")
@click.option("--half-hour-zone", is_flag=True, help="Let the last organisation live in a zone with :30.")
@click.option("--live", is_flag=True, help="Not the history but what follows it, at its own pace, until Ctrl-C.")
@click.option(
    "--speed", type=click.FloatRange(min=0.01), default=1.0, help="Of --live: hours an hour, until it is now."
)
@click.option(
    "--to-file",
    type=FILE,
    is_eager=True,
    help="Write JSON lines instead of sending them, a file for each topic: NAME.jsonl as NAME.TOPIC.jsonl.",
)
@click.option("--write-directory", type=FILE, is_eager=True, help="Write the directory there; send nothing.")
@kafka_option_if(lambda given: not (given["to_file"] or given["write_directory"]))
def simulate(
    data: Path,  # noqa: ARG001
    kafka: str,
    live: bool,
    speed: float,
    to_file: Path | None,
    write_directory: Path | None,
    **city: Any,
) -> None:
    """Send the records of an invented city. Times are those of its calendar, never of this machine.

    First `--write-directory FILE` and `pulse directory apply FILE`, then this, with the same options.
    """
    simulation = Simulation(Plan(**city | {"start": city["start"].date()}))
    if write_directory:
        write_directory.write_text(directory_text(simulation.city), encoding="utf-8")
        click.echo(f"{write_directory}: the directory of this city; publish it with `pulse directory apply`")
    elif to_file:
        for topic, count in write_history(simulation, to_file).items():
            click.echo(f"{file_of(to_file, topic)}: {count} lines for {topic}")
    else:
        _send_city(simulation, kafka, speed if live else None)


def _send_city(simulation: Simulation, kafka: str, speed: float | None) -> None:
    try:
        with watcher() as shown:
            if speed is None:
                click.echo(f"simulated city: {send_history(simulation, kafka, shown)} records sent")
                return
            with suppress(KeyboardInterrupt):
                send_live(simulation, kafka, shown, speed)
    except DeliveryError as error:
        raise click.ClickException(str(error)) from error
