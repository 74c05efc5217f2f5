"""Of each source the quality page tells what came last and stands, whatever was taken back after it, also once a merge
has dropped that."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from clickhouse.engine import open_embedded
from clickhouse.loader.mapping import CALLS, MAPPINGS, ORDERS
from clickhouse.loader.store import FactStore
from clickhouse.migrate import migrate
from clickhouse.queries.quality import quality
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from streams.contracts.directory import Entities
from streams.contracts.times import parse_time
from streams.directory import Directory
from tests.integration.fact_rows import batch, fact, order

RANGE = {"from": ["2026-01-01"], "to": ["2026-02-01"]}
NOW = datetime(2026, 1, 10, tzinfo=UTC)


def at(time: str) -> int:
    return parse_time(time) // 1_000


BEFORE_MIDNIGHT = fact(1, server="pbx-9", at_s=at("2026-01-05T20:59:50Z"))
AFTER = fact(2, server="pbx-9", at_s=at("2026-01-05T21:00:05Z"))
ANOTHERS, OF_NONE = fact(3, at_s=at("2026-01-02T10:00:00Z")), fact(4, server="pbx-0")
MADE, OF_A_WRONG_DAY = order(1, at_s=at("2026-01-05T10:00:00Z")), order(2, at_s=at("2031-01-05T10:00:00Z"))


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with open_embedded(tmp_path_factory.mktemp("clickhouse")) as engine:
        engine.create_database()
        with closing(engine.writer()) as writer:
            migrate(writer)
            calls, orders = (FactStore(writer, mapping, 1, mapping.name) for mapping in (CALLS, ORDERS))
            until = calls.clock_ms() + 60_000
            calls.insert(batch([BEFORE_MIDNIGHT, AFTER, ANOTHERS, OF_NONE]), until)
            calls.insert(batch([{**one, "sign": -1} for one in (AFTER, OF_NONE)], 4), until)
            orders.insert(batch([MADE, OF_A_WRONG_DAY]), until)
            orders.insert(batch([OF_A_WRONG_DAY | {"sign": -1}], 2), until)
            yield writer


@pytest.fixture(params=["not merged", "merged"], scope="module")
def told(request: pytest.FixtureRequest, store: Client) -> Any:
    if request.param == "merged":
        for mapping in MAPPINGS:
            store.command(f"OPTIMIZE TABLE {mapping.table}_g1 FINAL")
    return quality(Store(store, 1, PROVIDER), Directory(Entities()), RANGE, NOW)["freshness"]


def test_a_server_whose_call_of_today_was_joined_to_one_of_yesterday_is_still_there(told: Any) -> None:
    """One of which nothing stands is not."""
    assert (BEFORE_MIDNIGHT["local_time"] % 86_400, AFTER["local_time"] % 86_400) == (86_390, 5)
    assert told["servers"] == [
        {"server": "pbx-1", "last_call": "2026-01-02T10:00:00Z", "observed_at": "2026-01-02T10:01:31Z"},
        {"server": "pbx-9", "last_call": "2026-01-05T20:59:50Z", "observed_at": "2026-01-05T21:01:21Z"},
    ]


def test_an_order_of_a_wrong_day_to_come_hides_nobody_once_it_is_withdrawn(told: Any) -> None:
    [only] = told["organisations"]
    assert (only["organisation"], only["last_order"]) == ("north", "2026-01-05T10:00:00Z")
