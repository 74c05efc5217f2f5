"""`GET /api/v1/calls`, `/contacts`, `/orders`: the rows behind a point of a time series, page by page."""

import asyncio
from collections.abc import Awaitable, Callable

import orjson
from fastapi import APIRouter, Request, Response

from clickhouse.metrics.metric import ListName
from clickhouse.queries.listing import LISTED
from clickhouse.queries.lists import Page, rows_behind
from dashboard.api.parameters import listed, raw
from dashboard.sources import Sources


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1")
    for name in LISTED:
        router.add_api_route(
            f"/{name}",
            _answering(name, sources),
            responses={200: {"model": Page}},
            openapi_extra={"parameters": listed(name)},
            summary=f"The {name} behind a point",
        )
    return router


def _answering(name: ListName, sources: Sources) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        complete = await asyncio.to_thread(sources.complete_until)
        directory, given = sources.directory(), raw(request)
        found = await sources.readers.ask(lambda store: rows_behind(name, store, directory, given, complete))
        return Response(orjson.dumps(found), media_type="application/json")

    return answer
