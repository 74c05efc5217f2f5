"""`pulse verify`: what is put side by side, what is asked for again, and rollups against facts alone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from clickhouse.families import CALLS
from clickhouse.queries.net_rows import Rows
from clickhouse.verify import rollups
from clickhouse.verify.pairs import Pair
from clickhouse.verify.quick import verify_rollups
from clickhouse.verify.rollups import rollup
from clickhouse.verify.run import ROUNDS
from clickhouse.verify.sides import IDS_AT_A_TIME, MOST_IDS, TABLES, narrowed, net
from deploy.cli import main
from tests.unit.reference_world import call, derived, order

FACTS = derived(call("c1", answered=True), call("c2", 60), order("o1", 1, price=100, currency="RUB"))


class Store:
    """Tables in memory; `late` rollups show a fact only from the second time on that they are read."""

    def __init__(self, *late: str) -> None:
        self.late = list(late)
        self.asked: list[Rows] = []

    def rows(self, wanted: Rows) -> Iterator[dict[str, Any]]:
        self.asked.append(wanted)
        facts: list[Any] = [*(FACTS.calls if "call" in wanted.table else FACTS.orders)]
        if wanted.table.endswith("_facts"):
            return iter([{**fact, "sign": 1} for fact in facts])
        if wanted.table in self.late:
            self.late.remove(wanted.table)
            facts.pop()
        return iter([_row(wanted.table, *row) for row in rollup(facts, wanted.table)])


def _row(table: str, key: bytes, sums: bytes) -> dict[str, Any]:
    names = ["organisation", "service", "time"]
    names += [] if table.endswith("by_service") else ["server", "gateway", "number"]
    names += ["source", "state"] if table.startswith("orders") else []
    names += ["utc_offset_min"] if "hourly" in table else []
    return {**dict(zip(names, orjson.loads(key), strict=True)), **orjson.loads(sums)}


def silent(_text: str) -> None: ...


def test_rollups_that_equal_the_facts_are_good_in_one_round() -> None:
    store = Store()
    verdict = verify_rollups(store, silent)
    assert verdict.good
    assert sorted(each.table for each in store.asked) == sorted(TABLES)


def test_a_fact_that_came_between_two_reads_is_no_difference_and_only_that_organisation_is_read_again() -> None:
    store = Store("orders_daily")
    assert verify_rollups(store, silent).good
    again = store.asked[len(TABLES) :]
    assert Rows("orders_daily", "one") in again
    assert all(each.organisation == "one" for each in again)


def test_a_rollup_that_stays_off_is_wrong() -> None:
    verdict = verify_rollups(Store(*["calls_weekly"] * ROUNDS), silent)
    assert [pair.table for pair in verdict.wrong] == ["calls_weekly"]


@pytest.mark.parametrize("table", CALLS.starts)
def test_a_rollup_is_the_same_however_few_rows_are_summed_at_a_time(
    table: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts: list[Any] = [{**fact, "sign": sign} for sign in (1, 1, -1, 1) for fact in FACTS.calls]
    at_once = list(rollup(facts, table))
    monkeypatch.setattr(rollups, "KEPT", 1)
    assert list(rollup(facts, table)) == at_once
    assert len(at_once) >= 1


def test_what_is_taken_back_counts_against_it() -> None:
    """The facts of the store are net: their sign may be any number."""
    fact: dict[str, Any] = {**FACTS.calls[0]}
    once, twice, minus = (next(rollup([fact | {"sign": sign}], "calls_hourly"))[1] for sign in (1, 2, -1))
    sums, doubled, negative = (orjson.loads(row) for row in (once, twice, minus))
    assert (sums["calls"], doubled["calls"], negative["calls"]) == (1, 2, -1)
    assert [set(each["talk_histogram"].values()) for each in (sums, doubled, negative)] == [{1}, {2}, {-1}]


def test_two_facts_that_read_the_same_stand_twice() -> None:
    """Orders of organisations that the directory does not know may."""
    ((key, value),) = net([FACTS.orders[0], FACTS.orders[0]], "order_facts")
    assert key == b'["one","o1"]'
    assert orjson.loads(value)["sign"] == 2


def differing(table: str, *keys: list[Any]) -> list[Pair]:
    return [Pair(table, orjson.dumps(key), (), ()) for key in keys]


def test_only_what_differed_is_asked_for_again() -> None:
    pairs = differing("call_facts", ["p1", "c1"], ["p2", "c1"], ["p1", "c2"])
    pairs += differing("orders_daily", ["one", "a", 1], ["two", "x", 1], ["one", "b", 1])
    assert narrowed(pairs) == {
        "call_facts": [Rows("call_facts", ids=("c1", "c2"))],
        "orders_daily": [Rows("orders_daily", "one"), Rows("orders_daily", "two")],
    }


def test_many_ids_are_asked_for_in_parts_and_too_many_not_one_by_one() -> None:
    ids = [["one", f"o{number}"] for number in range(MOST_IDS + 1)]
    parts = narrowed(differing("order_facts", *ids[:-1]))["order_facts"]
    assert len(parts) == MOST_IDS / IDS_AT_A_TIME
    assert sum(len(each.ids) for each in parts) == MOST_IDS
    assert narrowed(differing("order_facts", *ids))["order_facts"] == [Rows("order_facts")]


def test_the_quick_way_explains_nothing(tmp_path: Path) -> None:
    asked = ["verify", "--data", str(tmp_path / "none"), "--quick"]
    result = CliRunner().invoke(main, [*asked, "--explain"])
    assert result.exit_code == 2
    assert "--explain needs the raw records" in result.output
