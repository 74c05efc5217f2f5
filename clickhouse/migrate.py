"""Migrations: numbered SQL files, applied once each, in order, and never changed afterwards.

Comes in: a client of the database, the files of clickhouse/migrations. Goes out: what was applied. A ledger in the
database keeps the checksum of each; a file that has changed since is refused before anything is done.

Four kinds, by file name: `0001_x.sql` once; `0003_x.generation.sql` once for every generation of the derived tables;
`0012_x.fresh.sql` once for every one that holds nothing yet; `0005_x.current.sql` views on the current generation, made
anew when it changes.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from string import Template

from clickhouse_connect.driver.client import Client

from clickhouse.engine import Engine
from clickhouse.families import FAMILIES

FOLDER = Path(__file__).parent / "migrations"
FIRST_GENERATION = 1
_NAME = re.compile(r"(\d{4})_\w+(?:\.(generation|fresh|current))?\.sql")
_LEDGER = Template(
    """CREATE TABLE IF NOT EXISTS migrations $on_cluster (
    number UInt16 COMMENT 'Number in the file name',
    generation UInt32 COMMENT 'Generation it was applied for; 0 where it is for all',
    name String COMMENT 'File name',
    checksum String COMMENT 'SHA-256 of the file as applied',
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3) COMMENT 'When'
)
ENGINE = ${replicated}MergeTree
ORDER BY (number, generation)
COMMENT 'Migrations that were applied'"""
)


class MigrationError(RuntimeError):
    """The schema cannot be brought up to date; the message says which file and what to do."""


@dataclass(frozen=True)
class Layout:
    """One node, or a cluster whose nodes hold replicas."""

    cluster: str = ""

    def placeholders(self, generation: int) -> Mapping[str, str]:
        return {
            "generation": str(generation),
            "on_cluster": self.on_cluster,
            "replicated": "Replicated" if self.cluster else "",
        }

    @property
    def on_cluster(self) -> str:
        return f"ON CLUSTER '{self.cluster}'" if self.cluster else ""


@dataclass(frozen=True)
class Migration:
    number: int
    name: str
    kind: str
    text: str

    @cached_property
    def checksum(self) -> str:
        return sha256(self.text.encode()).hexdigest()

    def statements(self, layout: Layout, generation: int) -> Iterator[str]:
        filled = Template(self.text).substitute(layout.placeholders(generation))
        code = "".join(f"{line}\n" for line in filled.splitlines() if not line.startswith("--"))
        return (statement.strip() for statement in code.split(";\n") if statement.strip())


@dataclass(frozen=True)
class Step:
    """One migration for one generation (0: for all)."""

    migration: Migration
    generation: int

    def __str__(self) -> str:
        return self.migration.name + (f" for generation {self.generation}" if self.generation else "")


Ledger = Mapping[tuple[int, int], str]
"""(number, generation) -> checksum."""


def read_migrations(folder: Path = FOLDER) -> Sequence[Migration]:
    found = [_read(path) for path in sorted(folder.glob("*.sql"))]
    numbers = [migration.number for migration in found]
    if numbers != list(range(1, len(found) + 1)):
        raise MigrationError(f"the numbers of the files in {folder} must run 1, 2, 3, …: found {numbers}")
    return found


def migrate(client: Client, layout: Layout = Layout(), *, dry_run: bool = False, folder: Path = FOLDER) -> list[Step]:
    """Brings the schema up to date and says what that took (would take). Twice is no more than once."""
    migrations = read_migrations(folder)
    ledger = _ledger(client)
    _refuse_changed(migrations, ledger)
    wanted = _wanted(migrations, ledger, current_generation(client), partial(_holds_nothing, client))
    pending = [step for step in wanted if _key(step) not in ledger]
    if not dry_run:
        client.command(_LEDGER.substitute(layout.placeholders(0)))
        _apply(client, layout, pending)
        _begin(client)
    return pending


def migrate_database(engine: Engine, database: str, layout: Layout = Layout(), *, dry_run: bool = False) -> list[Step]:
    """`migrate` of a database that may not be there yet."""
    if dry_run and not engine.has_database(database):
        return list(_wanted(read_migrations(), {}, FIRST_GENERATION, lambda _: True))
    engine.create_database(database, layout.on_cluster)
    with closing(engine.writer(database)) as client:
        return migrate(client, layout, dry_run=dry_run)


def create_generation(client: Client, generation: int, layout: Layout = Layout()) -> None:
    """The fact and rollup tables of a generation that is not read yet."""
    ledger = _ledger(client)
    kinds = {"generation", "fresh"} if _holds_nothing(client, generation) else {"generation"}
    steps = [Step(m, generation) for m in read_migrations() if m.kind in kinds]
    _apply(client, layout, [step for step in steps if _key(step) not in ledger])


def switch_to(client: Client, generation: int, layout: Layout = Layout()) -> None:
    """From here on this generation is read: through the bi_ views and, last of all, by the query layer."""
    ledger = _ledger(client)
    for migration in read_migrations():
        if migration.kind == "current":
            step = Step(migration, generation)
            _run(client, layout, step)
            if _key(step) not in ledger:
                _note(client, step)
    _make_current(client, generation)


def generations_stored(client: Client) -> set[int]:
    """Those that have tables here."""
    return {generation for _, generation in _ledger(client) if generation}


def drop_generation(client: Client, generation: int, layout: Layout = Layout()) -> None:
    """Its tables and all that is remembered about them; cut off, it is done by doing it again."""
    ending = f"_g{generation}"
    names = client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND endsWith(name, {ending:String}) "
        "ORDER BY engine != 'MaterializedView', name",  # the views first, which read from the tables
        parameters={"ending": ending},
    ).result_rows
    for (name,) in names:
        client.command(f"DROP TABLE IF EXISTS {name} {layout.on_cluster} SYNC")
    at_once = {"mutations_sync": 2, "lightweight_deletes_sync": 2}
    for condition in (
        f"stored_topics {layout.on_cluster} WHERE endsWith(topic, '.g{generation}')",
        f"migrations {layout.on_cluster} WHERE generation = {generation}",
    ):
        client.command(f"DELETE FROM {condition}", settings=at_once)  # noqa: S608 - our own words and a number


def current_generation(client: Client) -> int:
    """The generation that is read; the first one in a database that has none yet."""
    return generation_read(client) if _exists(client, "generations") else FIRST_GENERATION


def generation_read(client: Client) -> int:
    """The same of a database that has been migrated; one statement, for it is asked with every question."""
    found = client.query("SELECT argMax(generation, current_since), count() FROM generations").result_rows[0]
    return int(found[0]) if found[1] else FIRST_GENERATION


def _read(path: Path) -> Migration:
    parts = _NAME.fullmatch(path.name)
    if parts is None:
        raise MigrationError(
            f"{path}: a migration is named like 0001_words.sql, or …generation.sql, …fresh.sql, …current.sql"
        )
    return Migration(int(parts[1]), path.name, parts[2] or "once", path.read_text())


def _ledger(client: Client) -> Ledger:
    if not _exists(client, "migrations"):
        return {}
    rows = client.query("SELECT number, generation, checksum FROM migrations").result_rows
    return {(number, generation): checksum for number, generation, checksum in rows}


def _exists(client: Client, table: str) -> bool:
    return bool(client.command(f"EXISTS TABLE {table}"))


def _refuse_changed(migrations: Sequence[Migration], ledger: Ledger) -> None:
    files = {migration.number: migration for migration in migrations}
    for (number, _), checksum in ledger.items():
        if number not in files:
            raise MigrationError(
                f"migration {number:04d} was applied to this database, but this version has no such file: "
                "run the version that made it, or a newer one"
            )
        if files[number].checksum != checksum:
            raise MigrationError(
                f"{files[number].name} has changed since it was applied (checksum {checksum[:12]}, now "
                f"{files[number].checksum[:12]}): restore it, and put the change into a new file"
            )


def _wanted(
    migrations: Sequence[Migration], ledger: Ledger, current: int, holds_nothing: Callable[[int], bool]
) -> Iterator[Step]:
    generations = sorted({generation for _, generation in ledger if generation} | {current})
    fresh = [generation for generation in generations if holds_nothing(generation)]
    targets = {"once": [0], "generation": generations, "fresh": fresh, "current": [current]}
    return (Step(migration, generation) for migration in migrations for generation in targets[migration.kind])


def _holds_nothing(client: Client, generation: int) -> bool:
    """Whether no batch has ever come in: a rollup keeps its rows also where all was taken back."""
    tables = [f"{family.rollups['hour']}_g{generation}" for family in FAMILIES]
    rows = "SELECT count() FROM {table:Identifier}"
    return not any(_exists(client, table) and client.command(rows, parameters={"table": table}) for table in tables)


def _key(step: Step) -> tuple[int, int]:
    return step.migration.number, step.generation


def _apply(client: Client, layout: Layout, steps: Sequence[Step]) -> None:
    for step in steps:
        _run(client, layout, step)
        _note(client, step)


def _note(client: Client, step: Step) -> None:
    client.insert(
        "migrations",
        [[*_key(step), step.migration.name, step.migration.checksum]],
        column_names=["number", "generation", "name", "checksum"],
    )


def _run(client: Client, layout: Layout, step: Step) -> None:
    for statement in step.migration.statements(layout, step.generation):
        try:
            client.command(statement)
        except Exception as error:
            raise MigrationError(f"{step}: {error}\nin: {statement}") from error


def _begin(client: Client) -> None:
    if not client.command("SELECT count() FROM generations"):
        _make_current(client, FIRST_GENERATION)


def _make_current(client: Client, generation: int) -> None:
    client.insert("generations", [[generation]], column_names=["generation"])
