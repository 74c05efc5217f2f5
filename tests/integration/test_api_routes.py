"""The API over a real store: answers as in the contract, problems that name the parameter, routes behind a token."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, get_args

import httpx
import orjson
import pytest
from clickhouse_connect.driver.client import Client
from fastapi import FastAPI
from kafka.errors import KafkaConnectionError

from clickhouse.engine import Engine, open_embedded
from clickhouse.kept import Keeping
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import CALLS, ORDERS, FactsMapping
from clickhouse.loader.store import FactStore
from clickhouse.metrics import METRICS
from clickhouse.migrate import migrate
from clickhouse.queries.listing import PARAMETERS
from dashboard.access.accounts import Accounts
from dashboard.app import create_app
from dashboard.freshness import Freshness
from dashboard.letters import Letters
from dashboard.notes import Notes
from dashboard.readers import Readers
from dashboard.sources import Sources
from streams.contracts.directory import Entities, Gateway, Line, OrderSource, Organisation, Server, Service
from streams.contracts.facts import CallFact, OrderFact
from streams.dead_letters import Letter
from streams.directory import Directory

TOKEN = "a token"
AUTHORISED = {"Authorization": f"Bearer {TOKEN}"}
NOW = int(datetime(2026, 3, 10, tzinfo=UTC).timestamp() * 1_000)
DIRECTORY = Directory(
    Entities(
        organisations=(Organisation(id="o", name="Орбита", time_zone="Europe/Moscow", region="RU"),),
        services=(Service(id="city", organisation="o", name="Город"),),
        servers=(Server(id="pbx", time_zone="Europe/Moscow"),),
        gateways=(Gateway(server="pbx", account="GSM1", lines=(Line(service="city", numbers=("+7495",)),)),),
    ),
    3,
)


LEGS = orjson.dumps(
    [
        ["r1", "inbound", "GSM1", "+79160", "600", 0, None, 32_000, None, None],
        ["r2", "internal", None, "+79160", "101", 1_000, 2_000, 32_000, "agent", "101"],
    ]
).decode()


def fact(nth: int, **changes: Any) -> dict[str, Any]:
    """An answered call in Moscow, one an hour."""
    start = int(datetime(2026, 3, 1, 7, 30, tzinfo=UTC).timestamp() * 1_000) + nth * 3_600_000
    given = {
        "organisation": "o",
        "service": "city",
        "server": "pbx",
        "gateway": "GSM1",
        "number": "+7495",
        "id": f"call-{nth}",
        "phone": f"+7916{nth % 3}",
        "direction": "inbound",
        "reason": "",
        "counted": 1,
        "calls": 1,
        "calls_answered": 1,
        "wait_answered_ms": 2_000,
        "talk_ms": 30_000,
        "started_at": start,
        "ended_at": start + 32_000,
        "answered_at": start + 2_000,
        "local_time": start // 1_000 + 3 * 3_600,
        "utc_offset_min": 180,
        "legs": LEGS,
        "bridged": "",
    }
    return dict.fromkeys(CallFact.__annotations__, 0) | given | changes


CALLS_MADE = [fact(number) for number in range(30)]
TAKEN_BACK = fact(0, gateway="GSM9")
ORDERS_MADE = [
    dict.fromkeys(OrderFact.__annotations__, 0)
    | {
        "organisation": "o",
        "service": "city",
        "server": "pbx",
        "gateway": "GSM1",
        "number": "+7495",
        "id": f"order-{nth}",
        "phone": "+79160",
        "source": "operator",
        "state": "completed",
        "created_at": CALLS_MADE[nth]["started_at"],
        "closed_at": None,
        "pickup_at": None,
        "local_time": CALLS_MADE[nth]["local_time"],
        "utc_offset_min": 180,
        "price": 45_000,
        "currency": "RUB",
        "attribution": "A",
        "call": f"pbx/call-{nth}",
        "unmapped": "",
        "orders": 1,
        "orders_completed": 1,
        "revenue": 45_000,
        "attributed_a": 1,
    }
    for nth in range(2)
]
ELSEWHERE = fact(99, organisation="", service="", gateway="GSM7", number="", counted=0, reason="unmapped", calls=0)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with open_embedded(tmp_path_factory.mktemp("clickhouse")) as engine:
        engine.create_database()
        writer = engine.writer()
        migrate(writer)
        insert(writer, CALLS, [(TAKEN_BACK, 1), *((one, 1) for one in [*CALLS_MADE, ELSEWHERE]), (TAKEN_BACK, -1)])
        insert(writer, ORDERS, [(one, 1) for one in ORDERS_MADE])
        writer.close()
        yield engine


def insert(writer: Client, mapping: FactsMapping, signed: list[tuple[dict[str, Any], int]]) -> None:
    entries = [Entry(n, {**one, "sign": sign, "observed_at": 0}) for n, (one, sign) in enumerate(signed)]
    store = FactStore(writer, mapping, 1, f"topic of {mapping.name}")
    store.insert(Batch(0, 0, entries[-1].offset, entries), store.clock_ms() + 60_000)


LETTERS = [
    Letter(nth, None, None, {"reason": reason, "source_topic": "dispatch.order-events"})
    for nth, reason in enumerate(("bad_time", "bad_time", "not_json"))
]


class Silent:
    """A flow in which everything is through."""

    def positions(self) -> list[Any]:
        return []


@pytest.fixture
def sources(engine: Engine) -> Iterator[Sources]:
    readers = Readers(engine)
    loading: dict[str, Any] = {
        "calls": {"alive": True, "rows": 32, "last_error": ""},
        "orders": {"alive": True, "rows": 3},
    }
    letters = Letters(lambda first: LETTERS[first:], lambda: {1: "2026-03-09T00:00:00Z"}, lambda: NOW)
    freshness = Freshness(Silent(), lambda: NOW)
    with engine.writer() as writer:
        keeping = Keeping(writer)
        accounts, notes = Accounts(keeping, lambda: NOW), Notes(keeping, lambda: NOW)
        yield Sources(readers, lambda: DIRECTORY, freshness, lambda: loading, TOKEN, accounts, notes, letters)
    readers.close()


def client_of(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://localhost")


@pytest.fixture
async def client(sources: Sources) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(create_app(sources)) as client:
        yield client


async def test_a_time_series_is_as_the_contract_has_it(client: httpx.AsyncClient) -> None:
    asked = {"metric": "calls", "from": "2026-03-01", "to": "2026-03-03", "step": "day", "by": "gateway"}
    answer = await client.get("/api/v1/timeseries", params=asked)
    assert answer.status_code == 200
    assert answer.json() == {
        "meta": {
            "from": "2026-03-01T00:00",
            "to": "2026-03-03T00:00",
            "step": "day",
            "time_zone": "Europe/Moscow",
            "definitions": 1,
            "read_from": "calls_daily",
            "partial_from": None,
            "provisional_from": None,
            "complete_until": "2026-03-10T00:00:00Z",
            "history_from": None,
            "currency": None,
            "levels": None,
        },
        "buckets": ["2026-03-01T00:00+03:00", "2026-03-02T00:00+03:00"],
        "series": [
            {
                "metric": "calls",
                "group": {"gateway": "pbx/GSM1"},
                "rest": False,
                "label": "GSM1 · +7495",
                "unit": "calls",
                "values": [14, 16],
                "total": 30,
                "comparison": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("address", "status", "parameter"),
    [
        ("/api/v1/calls?from=2026-03-01&to=2026-03-02&metric=orders", 422, "metric"),
        ("/api/v1/orders?from=2026-03-01&to=2026-03-02&cursor=x", 422, "cursor"),
        ("/api/v1/contacts?from=2026-03-01", 422, "to"),
        ("/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02T00:30", 422, "to"),
        ("/api/v1/timeseries?metric=nonsense&from=2026-03-01&to=2026-03-02", 422, "metric"),
        ("/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02&by=source", 422, "by"),
        ("/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02&source=website", 422, "source"),
        ("/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02&organisation=none", 422, "organisation"),
        ("/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02&stepp=day", 422, "stepp"),
        ("/api/v1/dimensions/gateway?organisation=none", 422, "organisation"),
        ("/api/v1/dimensions/gateway?service=city", 422, "service"),
        ("/api/v1/dimensions/colour", 404, None),
        ("/nothing", 404, None),
        ("/docs", 404, None),
        ("/-/tables/call_facts", 401, None),
        ("/-/state", 401, None),
    ],
)
async def test_problems_name_the_parameter(
    client: httpx.AsyncClient, address: str, status: int, parameter: str | None
) -> None:
    answer = await client.get(address)
    problem = answer.json()
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, problem["status"], problem.get("parameter")) == (status, status, parameter)
    assert problem["detail"]


async def test_a_wrong_method_and_a_failure_inside_are_problems_too(sources: Sources) -> None:
    def broken() -> Directory:
        raise RuntimeError("a secret of the inside")

    async with client_of(create_app(replace(sources, directory_now=broken))) as client:
        wrong, failed = await client.post("/api/v1/metrics"), await client.get("/api/v1/dimensions/service")
    assert (wrong.status_code, wrong.json()["title"]) == (405, "Method Not Allowed")
    assert failed.status_code == 500
    assert "secret" not in failed.text


async def test_without_a_directory_nothing_is_answered_and_yet_all_is_ready_for_one(sources: Sources) -> None:
    async with client_of(create_app(replace(sources, directory_now=lambda: None))) as client:
        answer = await client.get("/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02")
        assert (answer.status_code, "pulse directory apply" in answer.json()["detail"]) == (503, True)
        assert sources.freshness.refresh(NOW) is not None
        assert (await client.get("/readyz")).json() == {"status": "ready", "directory_version": None}


async def test_not_ready_once_the_loader_has_stopped(sources: Sources) -> None:
    sources.freshness.refresh(NOW)
    async with client_of(
        create_app(replace(sources, loading=lambda: {"calls": {"alive": True}, "orders": {"alive": False}}))
    ) as client:
        assert (await client.get("/healthz")).status_code == 200
        answer = await client.get("/readyz")
        assert (answer.status_code, "loader of orders" in answer.json()["detail"]) == (503, True)


async def test_where_kafka_has_not_answered_yet_its_own_words_are_not_for_who_asks(sources: Sources) -> None:
    class Away:
        def positions(self) -> list[Any]:
            raise KafkaConnectionError("10.0.0.7:9092 and what else the inside is called")

    unknown = replace(sources, freshness=Freshness(Away(), lambda: NOW))
    async with client_of(create_app(unknown)) as client:
        for address in ("/readyz", "/api/v1/timeseries?metric=calls&from=2026-03-01&to=2026-03-02"):
            answer = await client.get(address)
            said = "Kafka has not said yet how far the stages are; the log of this process says why"
            assert (answer.status_code, answer.json()["detail"]) == (503, said)


async def test_the_catalogue_says_what_each_metric_means(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/metrics")).json()
    assert [metric["name"] for metric in found["metrics"]] == [metric.name for metric in METRICS]
    for metric in found["metrics"]:
        assert metric["label"]["ru"] != metric["label"]["en"] or metric["unit"] == "ms"
        assert all(metric["explanation"].values())
        for lang, usual in (("ru", "обычно"), ("en", "by default")):
            said = metric["explanation"][lang]
            assert usual in said or not re.search(r"\d ?(с|минут|дней|s|minutes|days)\b", said), "a setting, no fact"
        of_orders = ["source", "state"] if metric["list"] == "orders" else []
        assert metric["dimensions"] == sorted(["gateway", "number", "service", *of_orders])
        assert (metric["empty"] is None) == metric["name"].endswith(("_avg", "_p50", "_p90", "conversion"))
    parts = {metric["name"]: metric["part_of"] for metric in found["metrics"]}
    assert (parts["calls"], parts["talk_time"]) == ([], [])
    assert parts["contacts_lost"] == [
        {"metric": "contacts_missed", "by": "recovery"},
        {"metric": "contacts", "by": "outcome"},
        {"metric": "calls", "by": "contact"},
    ]


async def test_dimensions_have_what_the_directory_knows_and_what_occurs_without_it(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/dimensions/gateway")).json()["values"]
    assert found == [
        {"value": "pbx/GSM1", "label": "GSM1 · +7495", "organisations": ["o"], "in_directory": True},
        {"value": "pbx/GSM7", "label": "pbx/GSM7", "organisations": [""], "in_directory": False},
        {"value": "pbx/GSM9", "label": "pbx/GSM9", "organisations": ["o"], "in_directory": False},
    ]
    own = (await client.get("/api/v1/dimensions/service?organisation=o")).json()["values"]
    assert own == [{"value": "city", "label": "Город", "organisations": ["o"], "in_directory": True}]


async def lines(client: httpx.AsyncClient, address: str) -> list[dict[str, Any]]:
    answer = await client.get(address, headers=AUTHORISED)
    assert answer.status_code == 200
    return [orjson.loads(line) for line in answer.content.splitlines()]


async def test_the_net_rows_of_facts_can_be_read_by_who_has_the_token(client: httpx.AsyncClient) -> None:
    found = await lines(client, "/-/tables/call_facts")
    stated = [{**one, "sign": 1} for one in [*CALLS_MADE, ELSEWHERE]]
    assert sorted(found, key=lambda row: row["started_at"]) == stated
    few = await lines(client, "/-/tables/call_facts?organisation=o&id=call-1&id=call-2&id=call-99")
    assert sorted(row["id"] for row in few) == ["call-1", "call-2"]


@pytest.mark.parametrize("table", CALLS.rollups)
async def test_the_rows_of_rollups_are_summed(client: httpx.AsyncClient, table: str) -> None:
    found = await lines(client, f"/-/tables/{table}?organisation=o")
    assert sum(row["calls"] for row in found) == 30
    assert {row.get("gateway") for row in found} == ({None} if "by_service" in table else {"GSM1"})
    assert {row["time"] % 3_600 for row in found} == {0}
    assert sum(sum(row["talk_histogram"].values()) for row in found) == 30


@pytest.mark.parametrize(
    ("address", "status"),
    [("/-/tables/migrations", 404), ("/-/tables/calls_daily?id=call-1", 422), ("/-/tables/call_facts;--", 404)],
)
async def test_only_listed_tables_can_be_read(client: httpx.AsyncClient, address: str, status: int) -> None:
    assert (await client.get(address, headers=AUTHORISED)).status_code == status


async def test_state_and_prometheus_tell_of_the_loader(client: httpx.AsyncClient) -> None:
    state = (await client.get("/-/state", headers=AUTHORISED)).json()
    assert (state["loader"]["orders"]["rows"], state["directory_version"]) == (3, 3)
    text = (await client.get("/-/metrics")).text
    assert 'pulse_loader_rows{facts="calls"} 32.0' in text
    assert "pulse_query_seconds_count" in text


async def test_prometheus_hears_that_kafka_is_away_as_falling_behind_though_all_was_through(sources: Sources) -> None:
    now = [NOW]
    sources = replace(sources, freshness=Freshness(Silent(), lambda: now[0]))
    sources.freshness.refresh(NOW)
    async with client_of(create_app(sources)) as client:
        assert "pulse_behind_seconds 0.0" in (await client.get("/-/metrics")).text
        now[0] += 3_600_000
        assert "pulse_behind_seconds 3600.0" in (await client.get("/-/metrics")).text


async def test_openapi_shows_every_parameter(client: httpx.AsyncClient) -> None:
    paths = (await client.get("/openapi.json")).json()["paths"]
    shown = {parameter["name"] for parameter in paths["/api/v1/timeseries"]["get"]["parameters"]}
    assert {"metric", "from", "to", "step", "by", "top", "compare", "organisation", "gateway"} <= shown
    assert not [path for path in paths if path.startswith("/-/")]
    for name in ("calls", "contacts", "orders"):
        listed = {parameter["name"] for parameter in paths[f"/api/v1/{name}"]["get"]["parameters"]}
        assert listed == PARAMETERS


async def test_the_list_behind_a_point_has_as_many_rows_as_the_point_says(client: httpx.AsyncClient) -> None:
    asked = {"metric": "calls_answered", "from": "2026-03-01", "to": "2026-03-03", "step": "day", "gateway": "pbx/GSM1"}
    chart = (await client.get("/api/v1/timeseries", params=asked)).json()
    for bucket, value in zip(chart["buckets"], chart["series"][0]["values"], strict=True):
        page = (await client.get("/api/v1/calls", params={**asked, "bucket": bucket, "limit": 10})).json()
        assert (page["total"], len(page["rows"]), page["meta"]["bucket"]) == (value, 10, bucket)
        rest = (
            await client.get("/api/v1/calls", params={**asked, "bucket": bucket, "cursor": page["next_cursor"]})
        ).json()
        ids = [row["id"] for row in [*page["rows"], *rest["rows"]]]
        assert (len(ids), len(set(ids)), rest["next_cursor"]) == (value, value, None)


async def test_orders_are_listed_and_their_rows_read_like_those_of_calls(client: httpx.AsyncClient) -> None:
    week = {"from": "2026-03-01", "to": "2026-03-08"}
    page = (await client.get("/api/v1/orders", params={"metric": "revenue", **week})).json()
    assert (page["total"], page["sum"], page["rows"][0]["source"]) == (2, 90_000, "operator")
    found = await lines(client, "/-/tables/order_facts")
    assert sorted(found, key=lambda row: row["id"]) == [{**one, "sign": 1} for one in ORDERS_MADE]
    [monthly] = await lines(client, "/-/tables/orders_monthly")
    assert (monthly["orders"], monthly["revenue"], monthly["source"]) == (2, 90_000, "operator")


async def test_dimensions_of_orders_are_the_fixed_words(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/dimensions/source?organisation=o")).json()["values"]
    assert [item["value"] for item in found] == sorted(get_args(OrderSource))
    assert all(item["in_directory"] for item in found)


async def test_a_call_is_told_with_its_legs(client: httpx.AsyncClient) -> None:
    found = (await client.get("/api/v1/calls/pbx/call-3")).json()
    [listed] = (await client.get("/api/v1/calls?from=2026-03-01T13:00&to=2026-03-01T14:00")).json()["rows"]
    assert found["call"] == listed
    assert found["legs"][1] == {
        "record_id": "r2",
        "direction": "internal",
        "gateway": None,
        "caller": "+79160",
        "callee": "101",
        "started": "2026-03-01T13:30:01.000+03:00",
        "answered": "2026-03-01T13:30:02.000+03:00",
        "ended": "2026-03-01T13:30:32.000+03:00",
        "answered_by": "agent",
        "agent": "101",
    }


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("pbx/call-3?organisation=o", 200),
        ("pbx/call-99", 200),
        ("pbx/call-99?organisation=o", 404),
        ("pbx/nothing", 404),
        ("other/call-3", 404),
        ("pbx/call-3?organisation=none", 422),
    ],
)
async def test_nobody_elses_call_is_told(client: httpx.AsyncClient, address: str, status: int) -> None:
    assert (await client.get(f"/api/v1/calls/{address}")).status_code == status
