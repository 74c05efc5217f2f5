"""`pulse produce file|simulate`: feed events into the raw topics."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from deploy.feeding import watcher
from deploy.options import data_option, kafka_option
from producers.file import CONTRACTS, Feed, Sent, produce_file
from producers.lines import FileError
from producers.sending import DeliveryError


@click.group(help="Feed events: from files, from a simulated city.")
def command() -> None: ...


@command.command(short_help="JSON lines of a contract, from files or standard input.")
@data_option
@kafka_option
@click.option("--topic", type=click.Choice(sorted(CONTRACTS)), required=True, help="The contract that the lines keep.")
@click.option("--restart", is_flag=True, help="From the beginning, also what was delivered before.")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
def file(data: Path, kafka: str, topic: str, restart: bool, files: tuple[str, ...]) -> None:
    """Send the lines of files (.gz too; - is standard input), each as it is written.

    A line that the contract refuses is sent as well and ends in the dead letters with its reason. A run that was cut
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
    click.echo(_summary(sent), file=sys.stdout)
    return True


def _summary(sent: Sent) -> str:
    began = f" from line {sent.start.line + 1} on" if sent.start.line else ""
    parts = [f"{sent.name}: {sent.records + sent.too_long} lines sent{began}"]
    if sent.refused:
        parts.append(f"{sent.refused} of them for the dead letters of the stream")
    if sent.too_long:
        parts.append(f"{sent.too_long} too long for the topic, put into the dead letters")
    if sent.blank:
        parts.append(f"{sent.blank} blank ones left out")
    return "; ".join(parts)
