"""Annotations and saved views: the directory's campaigns, incidents noted by hand, what people have named."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from typing import Any

import httpx
import pytest

from dashboard.app import create_app
from dashboard.sources import Sources
from streams.contracts.directory import Campaign
from streams.directory import Directory
from tests.integration.test_api_routes import DIRECTORY, client_of, engine, sources

__all__ = ["engine", "sources"]
CAMPAIGNS = (
    Campaign(id="march", service="city", name="Март", start=date(2026, 3, 1), until=date(2026, 4, 1), spend=90_000),
    Campaign(id="ever", service="city", name="Радио", start=date(2026, 5, 1)),
)
NOTE: dict[str, Any] = {"title": "Снегопад", "from": "2026-03-05T08:00", "until": "2026-03-06", "service": None}
VIEW: dict[str, Any] = {"name": "Мой вид", "state": "metric=calls&range=28d", "shared": False}


@pytest.fixture
async def client(sources: Sources) -> AsyncIterator[httpx.AsyncClient]:
    entities = DIRECTORY.entities.model_copy(update={"campaigns": CAMPAIGNS})
    async with client_of(create_app(replace(sources, directory_now=lambda: Directory(entities, 4)))) as client:
        yield client
        for kept in (sources.notes.incidents, sources.notes.views):
            kept.remove_where(lambda _: True)


async def titles(client: httpx.AsyncClient, **given: str) -> list[str]:
    answer = await client.get("/api/v1/annotations", params=given)
    assert answer.status_code == 200, answer.text
    return [one["title"] for one in answer.json()["annotations"]]


async def test_campaigns_come_from_the_directory_and_cannot_be_changed(client: httpx.AsyncClient) -> None:
    [march, _] = (await client.get("/api/v1/annotations")).json()["annotations"]
    assert march == {
        "id": "campaign/march",
        "kind": "campaign",
        "title": "Март",
        "from": "2026-03-01",
        "until": "2026-04-01",
        "organisation": "o",
        "service": "city",
        "gateways": [],
        "spend": 90_000,
        "currency": "RUB",
        "editable": False,
    }
    assert (await client.delete("/api/v1/annotations/campaign%2Fmarch")).status_code == 404


async def test_an_incident_is_noted_changed_and_taken_away(client: httpx.AsyncClient) -> None:
    made = await client.post("/api/v1/annotations?organisation=o", json=NOTE)
    assert made.status_code == 201
    told = made.json()
    assert told == {
        **NOTE,
        "id": told["id"],
        "kind": "incident",
        "until": "2026-03-06T00:00",
        "organisation": "o",
        "gateways": [],
        "spend": None,
        "currency": None,
        "editable": True,
    }
    address = f"/api/v1/annotations/{told['id']}"
    moment = {**NOTE, "title": "Авария", "until": None, "service": "city"}
    assert (await client.put(address, json=moment)).json() == {**told, **moment}
    assert "Авария" in await titles(client)
    assert (await client.delete(address)).status_code == 204
    assert (await client.delete(address)).status_code == (await client.put(address, json=NOTE)).status_code == 404
    assert await titles(client) == ["Март", "Радио"]


async def test_only_what_touches_the_range_and_the_services_is_told(client: httpx.AsyncClient) -> None:
    await client.post("/api/v1/annotations", json={**NOTE, "until": None, "service": "city"})
    await client.post("/api/v1/annotations", json={**NOTE, "title": "Вся контора", "from": "2026-04-01", "until": None})
    assert await titles(client, **{"from": "2026-03-01", "to": "2026-03-05T08:00"}) == ["Март"]
    assert await titles(client, **{"from": "2026-03-05T08:00", "to": "2026-03-06"}) == ["Март", "Снегопад"]
    assert await titles(client, **{"from": "2026-03-31T23:00", "to": "2026-04-01"}) == ["Март"]
    assert await titles(client, **{"from": "2026-04-01", "to": "2026-04-02"}) == ["Вся контора"], "until is outside"
    assert await titles(client, **{"from": "2027-01-01"}) == ["Радио"]
    assert await titles(client, service="other") == ["Вся контора"]
    assert (await client.get("/api/v1/annotations?organisation=none")).status_code == 422
    for name in ("from", "to"):
        refused = await client.get("/api/v1/annotations", params={name: "2026-03-05T08:00+05:00"})
        assert (refused.status_code, refused.json()["parameter"]) == (422, name)


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [
        ({"title": "  "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"from": "2026-03-05T08:30"}, "from"),
        ({"from": "2026-03-05T08:00+03:00"}, "from"),
        ({"until": "2026-03-05T08:00"}, "until"),
        ({"service": "other"}, "service"),
        ({"organisation": "other"}, "organisation"),
        ({"colour": "red"}, "colour"),
    ],
)
async def test_what_cannot_be_noted_is_refused(
    client: httpx.AsyncClient, changed: dict[str, Any], parameter: str
) -> None:
    answer = await client.post("/api/v1/annotations", json={**NOTE, **changed})
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)


@pytest.mark.parametrize(
    ("sent", "parameter", "said"),
    [
        ('{"title": "x"', None, "no JSON: Expecting ',' delimiter (character 13)"),
        ('["title"]', None, "valid dictionary"),
        ("", None, "Field required"),
        ('{"title": "x"}', "from", "Field required"),
    ],
)
async def test_only_what_has_a_name_is_called_a_parameter(
    client: httpx.AsyncClient, sent: str, parameter: str | None, said: str
) -> None:
    given: dict[str, Any] = {"content": sent, "headers": {"Content-Type": "application/json"}}
    answer = await client.post("/api/v1/annotations", **given)
    assert (answer.status_code, answer.json().get("parameter")) == (422, parameter)
    assert said in answer.json()["detail"]


async def test_a_view_is_saved_changed_and_taken_away(client: httpx.AsyncClient) -> None:
    made = await client.post("/api/v1/views", json=VIEW)
    assert made.status_code == 201
    view = made.json()
    assert view == {
        **VIEW,
        "id": view["id"],
        "owner": "",
        "organisation": None,
        "editable": True,
        "updated_at": "2026-03-10T00:00:00Z",
    }
    assert (await client.get("/api/v1/views")).json() == {"views": [view]}
    address = f"/api/v1/views/{view['id']}"
    changed = {**VIEW, "name": "Общий", "shared": True}
    assert (await client.put(address, json=changed)).json() == {**view, **changed}
    assert (await client.delete(address)).status_code == 204
    assert (await client.put(address, json=VIEW)).status_code == 404
    assert (await client.get("/api/v1/views")).json() == {"views": []}


@pytest.mark.parametrize(
    ("changed", "parameter"),
    [({"name": ""}, "name"), ({"state": "a b"}, "state"), ({"state": "x" * 8_001}, "state"), ({"shared": 7}, "shared")],
)
async def test_what_is_no_view_is_refused(client: httpx.AsyncClient, changed: dict[str, Any], parameter: str) -> None:
    answer = await client.post("/api/v1/views", json={**VIEW, **changed})
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)
