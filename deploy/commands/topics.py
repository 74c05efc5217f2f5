"""`pulse topics apply`: create or alter the topics of streams/contracts/topics.py."""

from pathlib import Path

import click

from deploy import topics
from deploy.options import data_option, generation_option, kafka_option


@click.group()
def command() -> None: ...


@command.command(short_help="Create what is missing, alter what differs.")
@data_option
@kafka_option
@generation_option
@click.option(
    "--replication-factor",
    type=click.IntRange(min=1),
    envvar="PULSE_REPLICATION_FACTOR",
    help="Copies of each new topic, else 1; a topic that has another number of them is named.",
)
@click.option(
    "--partitions",
    type=click.IntRange(min=1),
    envvar="PULSE_PARTITIONS",
    help="Of each new topic that workers or loaders share, so the most of them that find work; else the registry's.",
)
def apply(
    data: Path,  # noqa: ARG001
    kafka: str,
    generation: int | None,
    replication_factor: int | None,
    partitions: int | None,
) -> None:
    """Create the topics that are missing and alter settings that differ from the registry.

    The number of partitions of a topic is never changed: the state keyed by it would split. Nor is that of its copies.
    """
    applied = topics.apply(kafka, topics.Wanted(generation, replication_factor, partitions))
    for topic in applied:
        click.echo(f"{topic.name}: {topic.what}")
    if any(topic.wrong for topic in applied):
        raise click.ClickException(
            "how many partitions and copies a topic has is settled when it is created; see above"
        )
