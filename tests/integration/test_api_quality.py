"""The quality page: what is to be put right is listed with its counts, and only that."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from clickhouse.engine import Engine, open_embedded
from clickhouse.loader.mapping import CALLS, ORDERS
from clickhouse.migrate import migrate
from tests.integration.test_api_routes import (
    AUTHORISED,
    ORDERS_MADE,
    client,
    fact,
    insert,
    sources,
)

__all__ = ["client", "sources"]
RANGE = {"from": "2026-03-01", "to": "2026-03-08"}
UNMAPPED = {"organisation": "", "service": "", "number": "", "counted": 0, "reason": "unmapped", "calls": 0}
BRIDGED = fact(5, bridged='["o","p"]', calls_no_number=1, phone="")
CALLS_MADE = [
    fact(1),
    BRIDGED,
    fact(7, gateway="GSM7", **UNMAPPED),
    fact(9, gateway="GSM7", **UNMAPPED),
    fact(8, gateway="GSM8", **UNMAPPED),
]


def order(name: str, **changes: Any) -> dict[str, Any]:
    return ORDERS_MADE[0] | {"id": name} | changes


ORDERS_HERE = [
    order("known"),
    order("words", unmapped='{"state":"пауза","source":"рация"}', phone=""),
    order("word", unmapped='{"state":"пауза"}'),
    order("put right", unmapped='{"service":"север"}'),
    order("dollars", currency="USD", price=500),
    order("pounds of nobody", currency="GBP", price=900, state="cancelled"),
]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with open_embedded(tmp_path_factory.mktemp("clickhouse")) as engine:
        engine.create_database()
        with engine.writer() as writer:
            migrate(writer)
            mapped = fact(8, gateway="GSM8", **UNMAPPED)
            insert(writer, CALLS, [*((one, 1) for one in CALLS_MADE), (mapped, -1)])
            insert(writer, ORDERS, [*((one, 1) for one in ORDERS_HERE), (ORDERS_HERE[3], -1), (order("put right"), 1)])
        yield engine


@pytest.fixture
async def found(client: httpx.AsyncClient) -> Any:
    answer = await client.get("/api/v1/quality", params=RANGE)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_calls_of_gateways_that_nobody_has_mapped_are_counted(found: Any) -> None:
    """Those that were mapped since are gone."""
    assert found["unmapped_gateways"] == [
        {
            "gateway": "pbx/GSM7",
            "calls": 2,
            "first_call": "2026-03-01T14:30:00Z",
            "last_call": "2026-03-01T16:30:00Z",
        }
    ]


async def test_words_that_nobody_knows_are_listed_with_their_orders(found: Any) -> None:
    assert found["unmapped_words"] == [
        {"kind": "state", "word": "пауза", "organisation": "o", "orders": 2},
        {"kind": "source", "word": "рация", "organisation": "o", "orders": 1},
    ]


async def test_calls_and_orders_without_a_number_are_counted(found: Any) -> None:
    assert found["no_number"] == {
        "calls": [{"organisation": "o", "service": "city", "gateway": "pbx/GSM1", "calls": 2, "no_number": 1}],
        "orders": [{"organisation": "o", "service": "city", "source": "operator", "orders": 6, "no_number": 1}],
    }


async def test_bridged_calls_are_listed(found: Any) -> None:
    assert found["bridged"]["total"] == 1
    [call] = found["bridged"]["calls"]
    assert (call["server"], call["id"], call["organisations"]) == ("pbx", "call-5", ["o"])


async def test_prices_of_completed_orders_in_another_currency_are_told(found: Any) -> None:
    assert found["foreign_currency"] == [{"organisation": "o", "currency": "USD", "orders": 1, "price": 500}]


async def test_a_gateway_that_used_to_have_calls_is_silent_after_some_days(
    client: httpx.AsyncClient, found: Any
) -> None:
    assert found["silent_gateways"] == [
        {
            "gateway": "pbx/GSM1",
            "organisation": "o",
            "service": "city",
            "number": "+7495",
            "last_call": "2026-03-01",
            "days": 9,
        }
    ]
    later = await client.get("/api/v1/quality", params={**RANGE, "silent_days": 10})
    assert later.json()["silent_gateways"] == []


async def test_the_newest_of_each_source_is_told_whatever_the_range(client: httpx.AsyncClient) -> None:
    other = {"from": "2026-02-01", "to": "2026-02-08"}
    found = (await client.get("/api/v1/quality", params=other)).json()
    assert found["unmapped_gateways"] == found["unmapped_words"] == []
    [server] = found["freshness"]["servers"]
    [organisation] = found["freshness"]["organisations"]
    assert (server["server"], server["last_call"]) == ("pbx", "2026-03-01T16:30:00Z")
    assert (organisation["organisation"], organisation["last_order"]) == ("o", "2026-03-01T07:30:00Z")


async def test_of_an_organisation_only_its_own_is_told(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/quality", params={**RANGE, "organisation": "o"})).json()
    assert found["unmapped_gateways"] == []
    assert found["freshness"]["servers"][0]["last_call"] == "2026-03-01T12:30:00Z"
    wrong = await client.get("/api/v1/quality", params={**RANGE, "organisation": "none"})
    assert (wrong.status_code, wrong.json()["parameter"]) == (422, "organisation")


async def test_dead_letters_are_counted_by_reason_and_topic(found: Any) -> None:
    assert found["dead_letters"]["letters"] == 3
    assert found["dead_letters"]["kinds"] == [
        {"reason": "bad_time", "topic": "dispatch.order-events", "letters": 2, "replayed": 1},
        {"reason": "not_json", "topic": "dispatch.order-events", "letters": 1, "replayed": 0},
    ]


async def test_the_last_verification_of_each_kind_is_told(client: httpx.AsyncClient) -> None:
    told = {"kind": "full", "records": 10, "rows": 20, "differences": 0, "undecided": 0}
    for finished_at in (1_772_000_000_000, 1_772_355_600_000):
        left = {**told, "finished_at": finished_at, "generation": 1}
        assert (await client.post("/-/verification", json=left, headers=AUTHORISED)).status_code == 204
    assert (await client.post("/-/verification", json={})).status_code == 401
    found = (await client.get("/api/v1/quality", params=RANGE)).json()
    assert found["verifications"] == [{**told, "finished_at": "2026-03-01T09:00:00Z"}]


async def test_how_sure_the_calls_of_orders_are(found: Any) -> None:
    assert found["levels"] == {"A": 1.0, "B": 0.0, "C": 0.0, "D": 0.0}
