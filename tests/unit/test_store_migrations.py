"""Migrations are numbered files; what is misnamed or missing is refused before anything is done."""

from pathlib import Path

import pytest

from clickhouse.migrate import Layout, MigrationError, read_migrations

FILE = """-- What it is for; said in words.
CREATE TABLE x_g$generation $on_cluster (a Int8)
ENGINE = ${replicated}MergeTree;
"""


def written(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).write_text(FILE)
    return folder


def test_files_are_read_in_their_order_and_by_their_kind(tmp_path: Path) -> None:
    found = read_migrations(written(tmp_path, "0002_b.generation.sql", "0001_a.sql", "0003_c.current.sql"))
    assert [(one.number, one.kind) for one in found] == [(1, "once"), (2, "generation"), (3, "current")]


@pytest.mark.parametrize("name", ["1_a.sql", "0001-a.sql", "0001_a.weekly.sql"])
def test_a_misnamed_file_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MigrationError, match="a migration is named like"):
        read_migrations(written(tmp_path, name))


def test_a_missing_number_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="must run 1, 2, 3"):
        read_migrations(written(tmp_path, "0001_a.sql", "0003_c.sql"))


def test_placeholders_make_one_node_or_a_cluster_of_replicas(tmp_path: Path) -> None:
    (migration,) = read_migrations(written(tmp_path, "0001_a.sql"))
    assert list(migration.statements(Layout(), 7)) == ["CREATE TABLE x_g7  (a Int8)\nENGINE = MergeTree"]
    assert list(migration.statements(Layout("main"), 7)) == [
        "CREATE TABLE x_g7 ON CLUSTER 'main' (a Int8)\nENGINE = ReplicatedMergeTree"
    ]


def test_every_migration_begins_with_what_it_is_for() -> None:
    assert all(one.text.startswith("-- ") for one in read_migrations())
