"""`GET /api/v1/timeseries`: metrics over buckets, by group, with totals and a comparison."""

import asyncio

import orjson
from fastapi import APIRouter, Request, Response

from clickhouse.queries.answer import Timeseries
from clickhouse.queries.timeseries import timeseries
from dashboard.api.parameters import TIMESERIES, raw
from dashboard.gauges import Gauges
from dashboard.sources import Sources


def routes(sources: Sources, gauges: Gauges) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get(
        "/timeseries",
        responses={200: {"model": Timeseries}},
        openapi_extra={"parameters": TIMESERIES},
        summary="Metrics over time",
    )
    async def answer(request: Request) -> Response:
        complete = await asyncio.to_thread(sources.complete_until)
        directory, given = sources.directory(), raw(request)
        with gauges.query_seconds.time():
            found = await sources.readers.ask(lambda store: timeseries(store, directory, given, complete))
        return Response(orjson.dumps(found), media_type="application/json")

    return router
