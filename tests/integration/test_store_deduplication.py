"""What exact loading rests on: a token counts once in the fact table AND in every rollup, and a late insert not at all.

These hold the behaviour of the engine that the loader is built on; a new version that breaks one must not go out.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from clickhouse_connect.driver.client import Client

from clickhouse.engine import Engine
from clickhouse.errors import TooLateError
from clickhouse.families import BY_TABLE
from clickhouse.loader.batch import INSERTED_TOGETHER
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.mapping import CALLS, MAPPINGS, ORDERS, FactsMapping
from clickhouse.loader.store import FactStore
from clickhouse.loader.windows import check_windows
from clickhouse.migrate import FOLDER, create_generation, migrate
from clickhouse.queries.net_rows import Rows, lines
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from tests.integration.fact_rows import (
    DAY_S,
    MADE,
    NEW_YEAR_2026_S,
    batch,
    everywhere,
    expected,
    expected_talk_histogram,
    stored,
    stored_talk_histogram,
)

FIRST_BY_SERVICE = 10
"""So many migrations there were before the rollups by service."""


@pytest.fixture
def client(engine: Engine, database: str) -> Iterator[Client]:
    with engine.writer(database) as opened:
        yield opened


@pytest.fixture(params=MAPPINGS, ids=lambda mapping: mapping.name)
def store(client: Client, request: pytest.FixtureRequest) -> FactStore:
    return FactStore(client, request.param, 1, "topic-id")


def in_time(store: FactStore) -> int:
    return store.clock_ms() + 60_000


def holds(store: FactStore, facts: list[dict[str, object]]) -> bool:
    """The fact table and every rollup: neither less nor more."""
    return stored(store.client, 1, store.mapping) == everywhere(expected(facts, store.mapping), store.mapping)


def made(store: FactStore, number: int, **changed: object) -> dict[str, object]:
    return MADE[store.mapping.name](number, **changed)


def spread(store: FactStore, count: int, seed: int = 1) -> list[dict[str, object]]:
    """Over ten weeks around a new year: calls answered and missed, of all lengths; orders that ended in any way."""
    chance = random.Random(seed)
    outcome = {"calls": outcome_of_call, "orders": outcome_of_order}[store.mapping.name]
    return [
        made(store, number, at_s=NEW_YEAR_2026_S + chance.randrange(-35, 35) * DAY_S, **outcome(chance))
        for number in range(count)
    ]


def outcome_of_order(chance: random.Random) -> dict[str, object]:
    if chance.random() < 0.7:
        return {"revenue": int(10 ** chance.uniform(0, 12))}
    return {"state": "no_car", "orders_completed": 0, "orders_no_car": 1, "revenue": 0, "new_clients_service": 0}


def outcome_of_call(chance: random.Random) -> dict[str, object]:
    ms = int(10 ** chance.uniform(0, 7))
    if chance.random() < 0.7:
        return {"wait_answered_ms": ms, "talk_ms": ms * 2}
    return {"calls_answered": 0, "calls_missed": 1, "wait_answered_ms": 0, "wait_missed_ms": ms, "talk_ms": 0}


def test_every_rollup_equals_the_sum_of_its_facts(client: Client, store: FactStore) -> None:
    facts = spread(store, 2_000)
    store.insert(batch(facts), in_time(store))
    assert holds(store, facts)
    for rollup in BY_TABLE[store.mapping.table].histograms and store.mapping.rollups:
        assert stored_talk_histogram(client, f"{rollup}_g1") == expected_talk_histogram(facts)


@pytest.mark.parametrize("mapping", MAPPINGS, ids=lambda mapping: mapping.name)
def test_what_an_older_version_filled_is_right_in_rollups_that_are_new(
    engine: Engine, mapping: FactsMapping, tmp_path: Path
) -> None:
    """Also after a batch that was announced before and is repeated: the old tables have it and know its token."""
    for path in sorted(FOLDER.glob("*.sql"))[:FIRST_BY_SERVICE]:
        (tmp_path / path.name).write_text(path.read_text())
    name = f"older_{mapping.name}"
    engine.create_database(name)
    with engine.writer(name) as client:
        migrate(client, folder=tmp_path)
        old = FactStore(client, mapping, 1, "topic-id")
        facts = spread(old, 300)
        old.insert(batch(facts[:200]), in_time(old))
        assert [step.migration.kind for step in migrate(client) if step.generation] == ["generation"]
        check_windows(client, mapping.tables(1))
        old.insert(batch(facts[:200]), in_time(old))
        old.insert(batch(facts[200:], 200), in_time(old))
        assert holds(old, facts)
        create_generation(client, 2)
        new = FactStore(client, mapping, 2, "topic-id")
        new.insert(batch(facts), in_time(new))
        for table in mapping.rollups:
            assert by_key(client, mapping, table, 1) == by_key(client, mapping, table, 2)
        client.command(f"DROP DATABASE {name}")


def by_key(client: Client, mapping: FactsMapping, table: str, generation: int) -> list[str]:
    store = Store(client, generation, PROVIDER)
    return sorted(b"".join(lines(store, Rows(table))).decode().splitlines())


def test_tables_whose_making_was_cut_off_are_made_anew(client: Client, store: FactStore) -> None:
    client.command(f"DROP TABLE feed_{store.mapping.rollups[-1]}_g1 SYNC")
    client.command(f"DROP TABLE {store.mapping.rollups[-1]}_g1 SYNC")
    client.command("DELETE FROM migrations WHERE name LIKE '%.fresh.sql'")
    assert {step.migration.kind for step in migrate(client)} == {"fresh"}
    facts = spread(store, 100)
    store.insert(batch(facts), in_time(store))
    assert holds(store, facts)


def test_the_same_token_counts_once_in_the_facts_and_in_every_rollup(client: Client, store: FactStore) -> None:
    facts = spread(store, 500)
    for _ in range(3):
        store.insert(batch(facts), in_time(store) + random.randrange(1_000))
    assert holds(store, facts)


def test_a_token_is_remembered_over_later_batches_of_many_months(client: Client, store: FactStore) -> None:
    facts = [made(store, number, at_s=NEW_YEAR_2026_S + number % 12 * 31 * DAY_S) for number in range(600)]
    for first in range(0, 600, 12):
        store.insert(batch(facts[first : first + 12], first), in_time(store))
    store.insert(batch(facts[:12]), in_time(store))
    assert holds(store, facts)


def test_a_late_insert_is_refused_with_nothing_landed(client: Client, store: FactStore) -> None:
    with pytest.raises(TooLateError):
        store.insert(batch(spread(store, 50)), store.clock_ms() - 1)
    assert holds(store, [])


def test_what_a_late_insert_was_about_can_still_go_in(client: Client, store: FactStore) -> None:
    facts = spread(store, 50)
    with pytest.raises(TooLateError):
        store.insert(batch(facts), store.clock_ms() - 1)
    store.insert(batch(facts), in_time(store))
    assert holds(store, facts)


def test_the_same_token_repairs_what_a_failing_view_left_half_done(client: Client, store: FactStore) -> None:
    facts = spread(store, 200)
    weekly = f"{store.mapping.rollups[2]}_g1"
    client.command(f"RENAME TABLE {weekly} TO hidden")
    with pytest.raises(LoaderError):
        store.insert(batch(facts), in_time(store))
    client.command(f"RENAME TABLE hidden TO {weekly}")
    store.insert(batch(facts), in_time(store))
    assert holds(store, facts)


def test_what_is_said_and_taken_back_in_one_batch_counts_nothing_also_when_repeated(
    client: Client, store: FactStore
) -> None:
    facts = [made(store, 1), made(store, 1, sign=-1), made(store, 2)]
    for _ in range(2):
        store.insert(batch(facts), in_time(store))
        store.insert(batch([made(store, 3), made(store, 3, sign=-1)], 3), in_time(store))
    assert holds(store, [made(store, 2)])
    if store.mapping is CALLS:
        assert stored_talk_histogram(client, "calls_monthly_g1") == expected_talk_histogram([made(store, 2)])


CHANGING = {"calls": "talk_ms", "orders": "revenue"}
"""A measure that a correction may change."""


def test_merging_facts_changes_neither_sums_nor_lists(client: Client, store: FactStore) -> None:
    said = corrections(store, things=40, said=400)
    for first in range(0, len(said), 25):
        store.insert(batch(said[first : first + 25], first), in_time(store))
    listed = standing(store)
    assert holds(store, said)
    client.command(f"OPTIMIZE TABLE {store.table} FINAL")
    assert holds(store, said)
    measure = CHANGING[store.mapping.name]
    assert standing(store) == listed == {(one["id"], one[measure]) for one in held(said)}
    assert client.command(f"SELECT count() FROM {store.table}") == len(listed)  # noqa: S608


def test_merging_keeps_two_orders_of_two_unknown_organisations_apart(client: Client) -> None:
    """Only the word that each was called by tells them apart."""
    store = FactStore(client, ORDERS, 1, "topic-id")
    nobodys = {"organisation": "", "service": ""}
    said = [made(store, 1, unmapped=f'{{"organisation":"{word}"}}', **nobodys) for word in ("Orbita", "ORBITA")]
    store.insert(batch(said), in_time(store))
    client.command(f"OPTIMIZE TABLE {store.table} FINAL")
    assert client.command(f"SELECT sum(sign) FROM {store.table}") == len(said)  # noqa: S608
    assert holds(store, said)


def corrections(store: FactStore, things: int, said: int) -> list[dict[str, object]]:
    """Calls (orders) stated, taken back and stated anew with other values, in the order the agents would say it."""
    chance = random.Random(3)
    standing: dict[int, dict[str, object]] = {}
    out: list[dict[str, object]] = []
    while len(out) < said:
        number = chance.randrange(things)
        if number in standing:
            out.append(standing.pop(number) | {"sign": -1})
        else:
            changed = {CHANGING[store.mapping.name]: chance.randrange(100_000)}
            standing[number] = made(store, number, gateway=f"GSM{chance.randrange(4)}", **changed)
            out.append(standing[number])
    return out


def held(said: list[dict[str, object]]) -> list[dict[str, object]]:
    standing: dict[object, dict[str, object]] = {}
    for one in said:
        if one["sign"] == 1:
            standing[one["id"]] = one
        else:
            del standing[one["id"]]
    return list(standing.values())


def standing(store: FactStore) -> set[tuple[str, int]]:
    measure = CHANGING[store.mapping.name]
    sql = f"SELECT id, {measure} FROM {store.table} GROUP BY id, {measure}, gateway HAVING sum(sign) = 1"  # noqa: S608
    return {(name, found) for name, found in store.client.query(sql).result_rows}


def test_one_batch_is_one_block_in_every_table(client: Client, store: FactStore) -> None:
    """Tokens are counted on per block: a batch that fell apart could be repeated in other pieces."""
    client.command("SYSTEM STOP MERGES")
    try:
        store.insert(batch([made(store, number) for number in range(INSERTED_TOGETHER)]), in_time(store))
        sql = "SELECT table, count() FROM system.parts WHERE database = currentDatabase() AND active GROUP BY table"
        parts = {table: count for table, count in client.query(sql).result_rows}  # noqa: C416 - rows are lists to mypy
    finally:
        client.command("SYSTEM START MERGES")
    assert {parts[table] for table in store.mapping.tables(1)} == {1}


def test_a_row_that_the_columns_do_not_take_is_named(store: FactStore) -> None:
    rows = [made(store, 1), made(store, 2, local_time=-5), made(store, 3)]
    with pytest.raises(LoaderError, match=rf"offset 11 of partition 4 of {store.mapping.topic.name}.*-2'"):
        store.insert(batch(rows, 10, partition=4), in_time(store))


def test_a_row_that_lacks_a_field_is_named(store: FactStore) -> None:
    lacking = CHANGING[store.mapping.name]
    rows = [made(store, 1), {name: value for name, value in made(store, 2).items() if name != lacking}]
    with pytest.raises(LoaderError, match=rf"offset 11 of partition 0 of {store.mapping.topic.name}.*{lacking}"):
        store.insert(batch(rows, 10), in_time(store))


@pytest.mark.parametrize(
    ("mapping", "table"), [(mapping, table) for mapping in MAPPINGS for table in mapping.tables(1)]
)
def test_a_table_that_forgets_too_soon_is_not_loaded(client: Client, mapping: FactsMapping, table: str) -> None:
    check_windows(client, mapping.tables(1))
    client.command(f"ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = 3")
    with pytest.raises(LoaderError, match=f"{table} remembers the last 3 inserted blocks"):
        check_windows(client, mapping.tables(1))
