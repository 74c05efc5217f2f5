"""`GET /api/v1/timeseries`: metrics over buckets, by group, with totals and a comparison; the same as CSV and XLSX."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from math import inf
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response

from clickhouse.queries.answer import Timeseries
from clickhouse.queries.parse import Raw
from clickhouse.queries.query import BadParameter
from clickhouse.queries.timeseries import timeseries
from dashboard.api.parameters import LANG, TIMESERIES, as_file, raw
from dashboard.files import as_csv, as_xlsx
from dashboard.files.sheet import Sheet, sheet
from dashboard.gauges import Gauges
from dashboard.sources import Sources


@dataclass(frozen=True)
class Form:
    """A kind of file: its ending, its media type, and what writes it."""

    ending: str
    media_type: str
    written: Callable[[Sheet], bytes]
    most: float = inf
    """Values that one can have, where it can have fewer than an answer."""


MOST_XLSX: Final = 200_000
"""A workbook is made in memory, cell by cell."""
FORMS: Final = (
    Form("csv", as_csv.MEDIA_TYPE, as_csv.as_csv),
    Form("xlsx", as_xlsx.MEDIA_TYPE, as_xlsx.as_xlsx, MOST_XLSX),
)


def routes(sources: Sources, gauges: Gauges) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    async def found(given: Raw) -> Timeseries:
        complete = await asyncio.to_thread(sources.complete_until)
        directory = sources.directory()
        with gauges.query_seconds.time():
            return await sources.readers.ask(lambda store: timeseries(store, directory, given, complete))

    @router.get(
        "/timeseries",
        responses={200: {"model": Timeseries}},
        openapi_extra={"parameters": TIMESERIES},
        summary="Metrics over time",
    )
    async def answer(request: Request) -> Response:
        return Response(orjson.dumps(await found(raw(request))), media_type="application/json")

    for form in FORMS:
        router.add_api_route(
            f"/timeseries.{form.ending}",
            _file(form, found),
            response_class=Response,
            responses={200: {"content": {form.media_type: {"schema": {"type": "string", "format": "binary"}}}}},
            openapi_extra={"parameters": [*TIMESERIES, LANG]},
            summary=f"The same as {form.ending.upper()}",
        )
    return router


def _file(form: Form, found: Callable[[Raw], Awaitable[Timeseries]]) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        given, lang = as_file(raw(request))
        series = await found(given)
        _refuse_too_large(form, series)
        content = await asyncio.to_thread(lambda: form.written(sheet(series, lang)))
        days = " ".join(text[:10] for text in (series["meta"]["from"], series["meta"]["to"]))
        named = {"Content-Disposition": f'attachment; filename="pulse {days}.{form.ending}"'}
        return Response(content, media_type=form.media_type, headers=named)

    return answer


def _refuse_too_large(form: Form, answer: Timeseries) -> None:
    lines = sum(1 if series["comparison"] is None else 2 for series in answer["series"])
    values = lines * len(answer["buckets"])
    if values > form.most:
        raise BadParameter(
            "step",
            f"{values} values are too many for {form.ending.upper()}, which takes {form.most}: take CSV, a longer "
            "step, a shorter range, or top",
        )
