"""What exact loading rests on: a token counts once in the fact table AND in every rollup, and a late insert not at all.

These hold the behaviour of the engine that the loader is built on; a new version that breaks one must not go out.
"""

import random
from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client

from clickhouse.engine import Engine
from clickhouse.loader.errors import LoaderError, TooLateError
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.store import INSERTED_TOGETHER, FactStore
from clickhouse.loader.windows import check_windows
from tests.integration.fact_rows import (
    DAY_S,
    NEW_YEAR_2026_S,
    ROLLUPS,
    batch,
    everywhere,
    expected,
    expected_talk_histogram,
    fact,
    stored,
    stored_talk_histogram,
)


@pytest.fixture
def client(engine: Engine, database: str) -> Iterator[Client]:
    with engine.writer(database) as opened:
        yield opened


@pytest.fixture
def store(client: Client) -> FactStore:
    return FactStore(client, CALLS, 1, "topic-id")


def in_time(store: FactStore) -> int:
    return store.clock_ms() + 60_000


def spread(count: int, seed: int = 1) -> list[dict[str, object]]:
    """Calls over ten weeks around a new year, answered and missed, of all lengths."""
    chance = random.Random(seed)
    return [
        fact(number, at_s=NEW_YEAR_2026_S + chance.randrange(-35, 35) * DAY_S, **outcome(chance))
        for number in range(count)
    ]


def outcome(chance: random.Random) -> dict[str, int]:
    ms = int(10 ** chance.uniform(0, 7))
    if chance.random() < 0.7:
        return {"wait_answered_ms": ms, "talk_ms": ms * 2}
    return {"calls_answered": 0, "calls_missed": 1, "wait_answered_ms": 0, "wait_missed_ms": ms, "talk_ms": 0}


def test_every_rollup_equals_the_sum_of_its_facts(client: Client, store: FactStore) -> None:
    facts = spread(2_000)
    store.insert(batch(facts), in_time(store))
    assert stored(client) == everywhere(expected(facts))
    for rollup in ROLLUPS:
        assert stored_talk_histogram(client, f"{rollup}_g1") == expected_talk_histogram(facts)


def test_the_same_token_counts_once_in_the_facts_and_in_every_rollup(client: Client, store: FactStore) -> None:
    facts = spread(500)
    for _ in range(3):
        store.insert(batch(facts), in_time(store) + random.randrange(1_000))
    assert stored(client) == everywhere(expected(facts))


def test_a_token_is_remembered_over_later_batches_of_many_months(client: Client, store: FactStore) -> None:
    facts = [fact(number, at_s=NEW_YEAR_2026_S + number % 12 * 31 * DAY_S) for number in range(600)]
    for first in range(0, 600, 12):
        store.insert(batch(facts[first : first + 12], first), in_time(store))
    store.insert(batch(facts[:12]), in_time(store))
    assert stored(client) == everywhere(expected(facts))


def test_a_late_insert_is_refused_with_nothing_landed(client: Client, store: FactStore) -> None:
    with pytest.raises(TooLateError):
        store.insert(batch(spread(50)), store.clock_ms() - 1)
    assert stored(client) == everywhere(expected([]))


def test_what_a_late_insert_was_about_can_still_go_in(client: Client, store: FactStore) -> None:
    facts = spread(50)
    with pytest.raises(TooLateError):
        store.insert(batch(facts), store.clock_ms() - 1)
    store.insert(batch(facts), in_time(store))
    assert stored(client) == everywhere(expected(facts))


def test_the_same_token_repairs_what_a_failing_view_left_half_done(client: Client, store: FactStore) -> None:
    facts = spread(200)
    client.command("RENAME TABLE calls_weekly_g1 TO hidden")
    with pytest.raises(LoaderError):
        store.insert(batch(facts), in_time(store))
    client.command("RENAME TABLE hidden TO calls_weekly_g1")
    store.insert(batch(facts), in_time(store))
    assert stored(client) == everywhere(expected(facts))


def test_what_is_said_and_taken_back_in_one_batch_counts_nothing_also_when_repeated(
    client: Client, store: FactStore
) -> None:
    facts = [fact(1), fact(1, sign=-1), fact(2)]
    for _ in range(2):
        store.insert(batch(facts), in_time(store))
        store.insert(batch([fact(3), fact(3, sign=-1)], 3), in_time(store))
    assert stored(client) == everywhere(expected([fact(2)]))
    assert stored_talk_histogram(client, "calls_monthly_g1") == expected_talk_histogram([fact(2)])


def test_merging_facts_changes_neither_sums_nor_lists(client: Client, store: FactStore) -> None:
    chance = random.Random(3)
    said = corrections(chance, calls=40, said=400)
    for first in range(0, len(said), 25):
        store.insert(batch(said[first : first + 25], first), in_time(store))
    before, listed = stored(client), standing(client)
    client.command("OPTIMIZE TABLE call_facts_g1 FINAL")
    assert stored(client) == before == everywhere(expected(said))
    assert standing(client) == listed == {(one["id"], one["talk_ms"]) for one in held(said)}
    assert client.query("SELECT count() FROM call_facts_g1").result_rows[0][0] == len(listed)


def corrections(chance: random.Random, calls: int, said: int) -> list[dict[str, object]]:
    """Calls stated, taken back and stated anew with other values, in the order the agents would say it."""
    holds: dict[int, dict[str, object]] = {}
    out: list[dict[str, object]] = []
    while len(out) < said:
        call = chance.randrange(calls)
        if call in holds:
            out.append(holds.pop(call) | {"sign": -1})
        else:
            holds[call] = fact(call, talk_ms=chance.randrange(100_000), gateway=f"GSM{chance.randrange(4)}")
            out.append(holds[call])
    return out


def held(said: list[dict[str, object]]) -> list[dict[str, object]]:
    holds: dict[object, dict[str, object]] = {}
    for one in said:
        if one["sign"] == 1:
            holds[one["id"]] = one
        else:
            del holds[one["id"]]
    return list(holds.values())


def standing(client: Client) -> set[tuple[str, int]]:
    sql = "SELECT id, talk_ms FROM call_facts_g1 GROUP BY server, id, talk_ms, gateway HAVING sum(sign) = 1"
    return {(name, talk) for name, talk in client.query(sql).result_rows}


def test_one_batch_is_one_block_in_every_table(client: Client, store: FactStore) -> None:
    """Tokens are counted on per block: a batch that fell apart could be repeated in other pieces."""
    client.command("SYSTEM STOP MERGES")
    try:
        store.insert(batch([fact(number) for number in range(INSERTED_TOGETHER)]), in_time(store))
        sql = "SELECT table, count() FROM system.parts WHERE database = currentDatabase() AND active GROUP BY table"
        parts = {table: count for table, count in client.query(sql).result_rows}  # noqa: C416 - rows are lists to mypy
    finally:
        client.command("SYSTEM START MERGES")
    assert {parts[f"{table}_g1"] for table in ("call_facts", *ROLLUPS)} == {1}


def test_a_row_that_the_columns_do_not_take_is_named(store: FactStore) -> None:
    rows = [fact(1), fact(2, local_time=-5), fact(3)]
    with pytest.raises(LoaderError, match=r"offset 11 of partition 4 of facts\.calls.*call-2"):
        store.insert(batch(rows, 10, partition=4), in_time(store))


def test_a_row_that_lacks_a_field_is_named(store: FactStore) -> None:
    rows = [fact(1), {name: value for name, value in fact(2).items() if name != "talk_ms"}]
    with pytest.raises(LoaderError, match=r"offset 11 of partition 0 of facts\.calls.*talk_ms"):
        store.insert(batch(rows, 10), in_time(store))


@pytest.mark.parametrize("table", CALLS.tables(1))
def test_a_table_that_forgets_too_soon_is_not_loaded(client: Client, table: str) -> None:
    check_windows(client, CALLS.tables(1))
    client.command(f"ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = 3")
    with pytest.raises(LoaderError, match=f"{table} remembers the last 3 inserted blocks"):
        check_windows(client, CALLS.tables(1))
