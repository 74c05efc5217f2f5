"""`pulse verify`: recompute from the raw topics and compare with ClickHouse, row by row, also while it runs."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from clickhouse.engine import Engine, connect, open_embedded
from clickhouse.kept import Keeping
from clickhouse.migrate import current_generation
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from clickhouse.verify.left import Outcome
from clickhouse.verify.quick import verify_rollups
from clickhouse.verify.run import Verdict, Verification
from clickhouse.verify.tables import ServedTables, StoreTables, Tables, TablesError
from deploy import run
from deploy.cli import DIFFERENT, UNDECIDED, in_one_line, is_expected
from deploy.options import data_option, database_option, generation_option, kafka_option_if, server_option
from deploy.superseded import GivenOrCurrent
from deploy.telling import Teller
from streams.directory_topic import read_directory
from streams.progress import Progress

EXPLAINED = 5
Leaving = Callable[[Outcome], None]


@click.command()
@data_option
@click.option("--quick", is_flag=True, is_eager=True, help="Only compare every rollup with the facts in the store.")
@kafka_option_if(lambda given: not given["quick"])
@generation_option
@server_option(without="what runs on DIR, or the embedded one in it")
@database_option
@click.option("--limit", type=click.IntRange(min=0), default=20, envvar="PULSE_VERIFY_LIMIT", help="Differences shown.")
@click.option(
    "--explain", is_flag=True, help=f"Name the raw records and the definition behind the first {EXPLAINED} differences."
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=600.0,
    envvar="PULSE_VERIFY_TIMEOUT",
    metavar="S",
    help="Seconds to wait, each time, until the flow has passed what was read.",
)
def command(  # noqa: PLR0913
    *,
    data: Path,
    quick: bool,
    kafka: str,
    generation: int | None,
    url: str | None,
    database: str,
    limit: int,
    explain: bool,
    timeout: float,
) -> None:
    """Work every fact and every rollup row out again from the raw records, and compare; also while records come in.

    Exit code 1 with the first differences; 3 where nothing differs, but it could not be decided.
    """
    if quick and explain:
        raise click.UsageError("--explain needs the raw records, which --quick does not read: leave one of them out")
    teller, store = Teller(), _Store(data, url, database)
    with _undecided_where_it_fails():
        if quick:
            verdict = _quickly(store, generation, teller)
        else:
            verdict = _fully(store, kafka, generation, timeout, EXPLAINED if explain else 0, teller)
    teller.end()
    _show(verdict, limit)
    if not verdict.good:
        raise click.exceptions.Exit(DIFFERENT if verdict.wrong else UNDECIDED)


class UndecidedError(click.ClickException):
    exit_code = UNDECIDED


@contextmanager
def _undecided_where_it_fails() -> Iterator[None]:
    """A store or a broker that is away says nothing of the numbers."""
    try:
        yield
    except Exception as error:
        if isinstance(error, click.ClickException) or not is_expected(error):
            raise
        raise UndecidedError(in_one_line(error)) from error


@dataclass(frozen=True)
class _Store:
    """Where it is: a server at the address, else what runs on the folder, else the folder itself."""

    data: Path
    url: str | None
    database: str


def _quickly(store: _Store, generation: int | None, teller: Teller) -> Verdict:
    with _tables(store, generation) as (tables, leave):
        verdict = verify_rollups(tables, teller)
        leave(_left(verdict, "quick", generation))
    return verdict


def _fully(
    store: _Store, kafka: str, generation: int | None, timeout: float, explained: int, teller: Teller
) -> Verdict:
    verified = GivenOrCurrent(kafka, generation)

    def tell(text: str) -> None:
        verified.check()
        teller(text)

    with _tables(store, verified.number) as (tables, leave), Progress(kafka, verified.number) as progress:
        verdict = Verification(kafka, tables, lambda: read_directory(kafka), progress, timeout, tell, explained).run()
        leave(_left(verdict, "full", verified.number))
    return verdict


@contextmanager
def _tables(store: _Store, generation: int | None) -> Iterator[tuple[Tables, Leaving]]:
    """Asked of the process that owns the store, where one runs; else read by ourselves. And what keeps the outcome."""
    running = run.read(store.data)
    if store.url is None and running is not None and running.http and running.token:
        with closing(ServedTables(running.http, running.token, generation)) as served:
            yield served, lambda found: _leave(served, found)
        return
    with (
        connect(store.url, store.database) if store.url else open_embedded(store.data / "clickhouse") as engine,
        closing(engine.reader()) as client,
    ):
        yield (
            StoreTables(Store(client, generation or current_generation(client), PROVIDER)),
            lambda found: _keep(engine, found),
        )


def _leave(served: ServedTables, found: Outcome) -> None:
    """The verdict is told all the same where it cannot be left."""
    try:
        served.leave(found)
    except TablesError as error:
        click.echo(str(error), err=True)


def _keep(engine: Engine, found: Outcome) -> None:
    with closing(engine.writer()) as client:
        Keeping(client).of(Outcome).put(found)


def _left(verdict: Verdict, kind: str, generation: int | None) -> Outcome:
    return Outcome(
        kind=kind,
        finished_at=time.time_ns() // 1_000_000,
        generation=generation or 0,
        records=sum(verdict.records.values()),
        rows=sum(verdict.rows.values()),
        differences=len(verdict.wrong),
        undecided=len(verdict.undecided),
    )


def _show(verdict: Verdict, limit: int) -> None:
    refused = ", ".join(f"{reason} {count}" for reason, count in sorted(verdict.refused.items()))
    read = ", ".join(f"{topic} {count}" for topic, count in verdict.records.items())
    if verdict.records:
        click.echo(f"records read: {read}; refused: {verdict.refused.total()}{refused and f' ({refused})'}")
    click.echo("rows compared: " + ", ".join(f"{table} {count}" for table, count in verdict.rows.items()))
    for pair in verdict.wrong[:limit]:
        click.echo(f"  {pair}")
        for line in verdict.explained.get(pair.place, ()):
            click.echo(f"      {line}")
    if len(verdict.wrong) > limit:
        click.echo(f"  ... and {len(verdict.wrong) - limit} more")
    for pair in verdict.undecided[:limit]:
        click.echo(f"  undecided, later records changed it in every round: {pair}")
    click.echo(f"differences: {len(verdict.wrong)}, undecided: {len(verdict.undecided)}")
