"""`pulse verify`: recompute from the raw topics and compare with ClickHouse, row by row, also while it runs."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from clickhouse.engine import connect, open_embedded
from clickhouse.queries.run import Store
from clickhouse.verify.run import Verdict, Verification
from clickhouse.verify.tables import ServedTables, StoreTables, Tables
from deploy import run
from deploy.options import data_option, generation_option, kafka_option
from deploy.telling import Teller
from streams.directory_topic import read_directory
from streams.generations import read_generations
from streams.progress import Progress


@click.command(short_help="Recompute from the raw topics and compare with ClickHouse, row by row.")
@data_option
@kafka_option
@generation_option
@click.option("--clickhouse", envvar="PULSE_CLICKHOUSE", metavar="URL", help="A server; else what runs on DIR, or DIR.")
@click.option("--limit", type=click.IntRange(min=0), default=20, envvar="PULSE_VERIFY_LIMIT", help="Differences shown.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=600.0,
    envvar="PULSE_VERIFY_TIMEOUT",
    metavar="S",
    help="Seconds to wait, each time, until the flow has passed what was read.",
)
def command(data: Path, kafka: str, generation: int | None, clickhouse: str | None, limit: int, timeout: float) -> None:
    """Work every fact and every rollup row out again from the raw records, and compare; also while records come in.

    Exit code 1 with the first differences, or where something could not be decided.
    """
    teller = Teller()
    number = generation or read_generations(kafka).current
    with Progress(kafka, number) as progress, _tables(data, clickhouse, number) as tables:
        verdict = Verification(kafka, tables, lambda: read_directory(kafka), progress, timeout, teller).run()
    teller.end()
    _show(verdict, limit)
    if not verdict.good:
        raise click.exceptions.Exit(1)


@contextmanager
def _tables(data: Path, url: str | None, generation: int) -> Iterator[Tables]:
    """Asked of the process that owns the store, where one runs; else read by ourselves."""
    running = run.read(data)
    if url is None and running is not None and running.http and running.token:
        with closing(ServedTables(running.http, running.token, generation)) as served:
            yield served
        return
    with connect(url) if url else open_embedded(data / "clickhouse") as engine, closing(engine.reader()) as client:
        yield StoreTables(Store(client, generation))


def _show(verdict: Verdict, limit: int) -> None:
    refused = ", ".join(f"{reason} {count}" for reason, count in sorted(verdict.refused.items()))
    click.echo(
        f"records read: {sum(verdict.records.values())}, refused: {verdict.refused.total()}{refused and f' ({refused})'}"
    )
    click.echo("rows compared: " + ", ".join(f"{table} {count}" for table, count in verdict.rows.items()))
    for pair in verdict.wrong[:limit]:
        click.echo(f"  {pair}")
    if len(verdict.wrong) > limit:
        click.echo(f"  ... and {len(verdict.wrong) - limit} more")
    for pair in verdict.undecided[:limit]:
        click.echo(f"  undecided, later records changed it in every round: {pair}")
    click.echo(f"differences: {len(verdict.wrong)}, undecided: {len(verdict.undecided)}")
