"""The schema: migrated once, readable on one page, described column by column, and following the current generation."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from clickhouse.dimensions import load_dimensions
from clickhouse.engine import Engine
from clickhouse.families import CALLS as CALL_FAMILY
from clickhouse.families import FAMILIES, ORDERS, Family
from clickhouse.histogram import bucket
from clickhouse.loader.identity import TopicIdentity, remember
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.mapping import ORDERS as ORDER_MAPPING
from clickhouse.loader.store import FactStore
from clickhouse.migrate import (
    FOLDER,
    MigrationError,
    create_generation,
    current_generation,
    drop_generation,
    generations_stored,
    migrate,
    migrate_database,
    switch_to,
)
from clickhouse.schema import SNAPSHOT, schema
from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service
from streams.directory import Directory
from tests.integration.fact_rows import batch, fact, order

VIEWS = [f"bi_calls_{step}" for step in ("hourly", "daily", "weekly", "monthly")]
ORDER_VIEWS = [view.replace("calls", "orders") for view in VIEWS]


@pytest.fixture
def client(engine: Engine, database: str) -> Iterator[Client]:
    with engine.writer(database) as opened:
        yield opened


def test_the_migrated_schema_is_the_one_on_the_page(client: Client) -> None:
    assert schema(client) == SNAPSHOT.read_text(), "run `python -m clickhouse.schema`"


def test_migrating_twice_does_nothing(client: Client) -> None:
    assert migrate(client) == []


def test_a_dry_run_says_what_it_would_do_and_does_nothing(engine: Engine) -> None:
    assert len(migrate_database(engine, "not_there", dry_run=True)) == len(list(FOLDER.glob("*.sql")))
    assert not engine.has_database("not_there")


NEW = f"{len(list(FOLDER.glob('*.sql'))) + 1:04d}_new.sql"


def copied(folder: Path) -> Path:
    for path in FOLDER.glob("*.sql"):
        (folder / path.name).write_text(path.read_text())
    return folder


def test_an_old_file_that_was_changed_is_refused(client: Client, tmp_path: Path) -> None:
    changed = copied(tmp_path) / "0002_dimensions.sql"
    changed.write_text(changed.read_text() + "-- better\n")
    (tmp_path / NEW).write_text("-- New.\nCREATE TABLE new (a Int8) ENGINE = Memory;\n")
    with pytest.raises(MigrationError, match=r"0002_dimensions.sql has changed since it was applied"):
        migrate(client, folder=tmp_path)
    assert not client.command("EXISTS TABLE new")


def test_a_new_file_is_applied_once(client: Client, tmp_path: Path) -> None:
    (copied(tmp_path) / NEW).write_text("-- New.\nCREATE TABLE new (a Int8) ENGINE = Memory;\n")
    assert [str(step) for step in migrate(client, folder=tmp_path)] == [NEW]
    assert migrate(client, folder=tmp_path) == []


def test_a_database_of_a_newer_version_is_refused(client: Client, tmp_path: Path) -> None:
    (copied(tmp_path) / NEW).write_text("-- New.\nCREATE TABLE new (a Int8) ENGINE = Memory;\n")
    migrate(client, folder=tmp_path)
    with pytest.raises(MigrationError, match="run the version that made it, or a newer one"):
        migrate(client)


@pytest.mark.parametrize("view", [*VIEWS, *ORDER_VIEWS])
def test_every_column_of_a_bi_view_says_what_it_is(client: Client, view: str) -> None:
    sql = "SELECT name, comment FROM system.columns WHERE database = currentDatabase() AND table = {view:String}"
    comments = dict(map(tuple, client.query(sql, parameters={"view": view}).result_rows))
    family = ORDERS if view in ORDER_VIEWS else CALL_FAMILY
    assert {"organisation_name", "service_name", "time", *family.measures, *family.histograms} <= set(comments)
    assert all(comments.values()), comments


@pytest.mark.parametrize("family", FAMILIES)
def test_the_tables_have_the_columns_that_their_family_says(client: Client, family: Family) -> None:
    sql = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
    for table in family.tables:
        names = {row[0] for row in client.query(sql, parameters={"table": f"{table}_g1"}).result_rows}
        if table == family.facts:
            assert names == {*family.fields, "sign", "observed_at", "_partition", "_offset", "_insert_by"}
        else:
            assert names == {*family.key(table), *family.measures, *family.histograms}


def test_the_views_of_orders_have_their_sums_and_the_currency(client: Client) -> None:
    FactStore(client, ORDER_MAPPING, 1, "orders").insert(batch([order(1), order(2), order(2, sign=-1)]), far(client))
    load_dimensions(client, directory("North", 1))
    for view in ORDER_VIEWS:
        sql = f"SELECT service_name, source, state, currency, orders, revenue, attributed_a FROM {view}"  # noqa: S608
        [found] = [tuple(row) for row in client.query(sql).result_rows if row[4]]
        assert found == ("North city", "operator", "completed", "RUB", 1, 35_001, 1)


def test_views_and_readers_follow_the_current_generation(client: Client) -> None:
    create_generation(client, 2)
    FactStore(client, CALLS, 1, "first").insert(batch([fact(1)]), far(client))
    FactStore(client, CALLS, 2, "second").insert(batch([fact(1), fact(2)]), far(client))
    assert (current_generation(client), calls_in(client, VIEWS[0])) == (1, 1)
    switch_to(client, 2)
    assert current_generation(client) == 2
    assert [calls_in(client, view) for view in VIEWS] == [2, 2, 2, 2]


def test_nothing_of_a_dropped_generation_is_left_and_the_current_one_is_as_it_was(client: Client) -> None:
    create_generation(client, 2)
    FactStore(client, CALLS, 2, "second").insert(batch([fact(1)]), far(client))
    switch_to(client, 2)
    remember(client, TopicIdentity("facts.calls.g1", "first", "cluster"))
    drop_generation(client, 1)
    drop_generation(client, 1)
    assert generations_stored(client) == {2}
    assert not client.query("SELECT name FROM system.tables WHERE endsWith(name, '_g1')").result_rows
    assert not client.query("SELECT topic FROM stored_topics").result_rows
    assert [calls_in(client, view) for view in VIEWS] == [1, 1, 1, 1]
    assert migrate(client) == []


def far(client: Client) -> int:
    return FactStore(client, CALLS, 1, "").clock_ms() + 60_000


def calls_in(client: Client, view: str) -> int:
    total: int = client.query(f"SELECT sum(calls) FROM {view}").result_rows[0][0]  # noqa: S608
    return total


def directory(name: str, version: int) -> Directory:
    return Directory(
        Entities(
            organisations=(Organisation(id="north", name=name, time_zone="Europe/Moscow", region="RU"),),
            services=(Service(id="city", organisation="north", name=f"{name} city"),),
            servers=(Server(id="pbx-1", time_zone="Europe/Moscow"),),
            gateways=(Gateway(server="pbx-1", account="GSM1", lines=(Line(service="city", numbers=("+7495",)),)),),
        ),
        version,
    )


def test_the_names_in_the_views_are_those_of_the_newest_directory(client: Client) -> None:
    FactStore(client, CALLS, 1, "t").insert(batch([fact(1)]), far(client))
    for version, name in enumerate(["North", "Nord"], 1):
        load_dimensions(client, directory(name, version))
        sql = "SELECT organisation_name, service_name, calls FROM bi_calls_monthly"
        assert list(map(tuple, client.query(sql).result_rows)) == [(name, f"{name} city", 1)]
    lines = client.query(
        "SELECT organisation, service, number, line_from, directory_version FROM dim_lines"
    ).result_rows
    assert list(map(tuple, lines)) == [("north", "city", "+7495", None, 2)]


def test_only_the_dimensions_remain_when_they_were_replaced(client: Client) -> None:
    before = client.query("SHOW TABLES").result_rows
    load_dimensions(client, directory("North", 1))
    load_dimensions(client, Directory(Entities()))
    assert client.query("SHOW TABLES").result_rows == before
    assert client.command("SELECT count() FROM dim_services") == 0


def test_a_reader_can_change_nothing(engine: Engine, database: str) -> None:
    with engine.reader(database) as reader:
        assert reader.command("SELECT count() FROM calls_daily_g1") == 0
        with pytest.raises(DatabaseError, match="readonly"):
            reader.command("DROP TABLE calls_daily_g1")


def test_times_come_back_in_utc_whatever_the_machine_says(engine: Engine, database: str) -> None:
    with engine.reader(database) as reader:
        found = reader.query("SELECT toDateTime(0, 'UTC'), toStartOfDay(toDateTime(90000)), timezone()").result_rows[0]
        assert [str(one) for one in found] == ["1970-01-01 00:00:00", "1970-01-02 00:00:00", "UTC"]


def test_a_second_process_is_told_who_owns_the_folder(engine: Engine) -> None:
    folder = Path(engine.connection["path"]).parent
    opening = (
        f"from pathlib import Path; from clickhouse.engine import open_embedded; open_embedded(Path({str(folder)!r}))"
    )
    second = subprocess.run([sys.executable, "-c", opening], capture_output=True, text=True, check=False)
    assert second.returncode != 0
    assert "is in use by process" in second.stderr
    assert "read through its HTTP address" in second.stderr


WRITTEN = re.findall(r"sumMapIf\(map\((.+), toInt64", (FOLDER / "0004_call_rollups.generation.sql").read_text())
"""What the view of the hours makes of each duration."""


def test_the_store_and_python_agree_on_every_bucket(client: Client) -> None:
    [formula] = {re.sub(r"f\.\w+_ms", "ms", written) for written in WRITTEN}
    assert len(WRITTEN) == len(CALL_FAMILY.histograms)
    edges = sorted({max(0, (1 << power) + near) for power in range(50) for near in (-1, 0, 1)} | set(range(3_000)))
    sql = f"SELECT ms, {formula} FROM (SELECT arrayJoin({{edges:Array(Int64)}}) AS ms)"  # noqa: S608
    found = client.query(sql, parameters={"edges": edges}).result_rows
    assert list(map(tuple, found)) == [(ms, bucket(ms)) for ms in edges]
