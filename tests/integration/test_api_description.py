"""Every route answers as `/openapi.json` says it does, whatever it is asked; requests have ids, answers tags."""

import logging
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Err
from schemathesis.specs.openapi import checks

from clickhouse.queries.timeseries import MAX_SERIES
from dashboard.app import create_app
from dashboard.requests import WithRequest
from dashboard.sources import Sources
from streams.directory import Directory
from tests.integration.test_api_routes import client, client_of, engine, sources

__all__ = ["client", "engine", "sources"]
DASHBOARD = Path(__file__).parents[2] / "dashboard" / "README.md"
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
EXAMPLES = 3
WEEK = {"metric": "calls", "from": "2026-03-01", "to": "2026-03-08"}


@pytest.mark.timeout(300)
def test_every_route_answers_as_it_is_described(sources: Sources) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", create_app(sources))
    asked = 0
    for found in schema.get_all_operations():
        assert not isinstance(found, Err), found

        @given(case=found.ok().as_strategy())
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def answers(case: Any) -> None:
            case.call_and_validate(checks=CHECKS, headers={"Authorization": f"Bearer {sources.token}"})

        answers()
        asked += 1
    assert asked >= 15


async def test_every_route_stands_in_the_readme(client: httpx.AsyncClient) -> None:
    """Whole, or without what all of them begin with; one of a thing, beside those of all."""
    page = DASHBOARD.read_text()
    for path in (await client.get("/openapi.json")).json()["paths"]:
        said = path.removesuffix("/{id}") if path.count("{") == 1 else path
        assert f"`{said}" in page or f"`{said.removeprefix('/api/v1')}" in page, path


async def test_every_route_names_problem_details_and_a_schema(client: httpx.AsyncClient) -> None:
    described = (await client.get("/openapi.json")).json()
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            assert operation["summary"], path
            problem = operation["responses"]["default"]["content"]
            assert list(problem) == ["application/problem+json"], (path, method)
            [good] = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
            for content in good.get("content", {}).values():
                assert content["schema"] not in ({}, {"type": "object"}), (path, method)


async def test_an_answer_that_has_not_changed_is_not_sent_again(client: httpx.AsyncClient) -> None:
    for path in ("/api/v1/timeseries", "/api/v1/metrics", "/api/v1/dimensions/service"):
        asked = WEEK if path.endswith("timeseries") else {}
        first = await client.get(path, params=asked)
        again = await client.get(path, params=asked, headers={"If-None-Match": f'"x", W/{first.headers["etag"]}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
        other = await client.get(path, params=asked, headers={"If-None-Match": '"x"'})
        assert (other.status_code, other.content) == (200, first.content)


async def test_a_request_keeps_its_id_in_the_answer_the_problem_and_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.handler.addFilter(WithRequest())
    with caplog.at_level(logging.INFO, "dashboard"):
        answer = await client.get("/api/v1/calls?from=x", headers={"X-Request-ID": "mine-1"})
    assert answer.headers["x-request-id"] == answer.json()["request_id"] == "mine-1"
    [line] = [record for record in caplog.records if record.name == "dashboard.requests"]
    assert line.getMessage().startswith("GET /api/v1/calls?from=x 422 ")
    assert line.__dict__["request"] == "[mine-1] "
    made = [
        (await client.get("/healthz", headers={"X-Request-ID": given})).headers["x-request-id"]
        for given in ("", "with space", "x" * 65)
    ]
    assert len({*made}) == 3
    assert all(len(one) == 32 for one in made)


async def test_what_fails_inside_is_logged_with_the_id_and_not_shown(
    sources: Sources, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> Directory:
        raise RuntimeError("a secret of the inside")

    caplog.handler.addFilter(WithRequest())
    async with client_of(create_app(replace(sources, directory_now=broken))) as client:
        answer = await client.get("/api/v1/dimensions/service")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert "secret" not in answer.text
    [failed] = [record for record in caplog.records if record.exc_info]
    assert failed.__dict__["request"] == f"[{answer.json()['request_id']}] "


async def test_too_many_series_or_values_are_refused_and_said_how_to_ask(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clickhouse.queries.timeseries.MAX_VALUES", 100)
    many = await client.get("/api/v1/timeseries", params={**WEEK, "step": "hour"})
    assert (many.status_code, many.json()["parameter"]) == (422, "step")
    monkeypatch.setattr("clickhouse.queries.timeseries.MAX_SERIES", 1)
    wide = await client.get("/api/v1/timeseries", params={**WEEK, "metric": ["calls", "talk_avg"], "by": "gateway"})
    assert (wide.status_code, wide.json()["parameter"]) == (422, "by")
    assert "top" in wide.json()["detail"]
    assert MAX_SERIES > 1
