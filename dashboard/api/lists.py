"""`GET /api/v1/calls`, `/contacts`, `/orders`: the rows behind a point of a time series, page by page; all as CSV."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from typing import Final

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from clickhouse.metrics.metric import ListName
from clickhouse.queries.listing import LISTED, MAX_PAGE
from clickhouse.queries.lists import Page, rows_behind
from clickhouse.queries.parse import Raw
from clickhouse.queries.query import BadParameter
from dashboard.api.parameters import LANG, as_file, listed, point, raw
from dashboard.files.as_csv import MARK, MEDIA_TYPE
from dashboard.files.list_lines import headings, lines
from dashboard.files.words import Lang
from dashboard.sources import Sources

MOST_LINES: Final = 100_000
Reading = Callable[[Raw], Awaitable[Page]]


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1")
    for name in LISTED:
        reading = _reading(name, sources)
        router.add_api_route(
            f"/{name}",
            _page(reading),
            responses={200: {"model": Page}},
            openapi_extra={"parameters": listed(name)},
            summary=f"The {name} behind a point",
        )
        router.add_api_route(
            f"/{name}.csv",
            _file(name, reading),
            response_class=Response,
            responses={200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}}}}},
            openapi_extra={"parameters": [*point(name), LANG]},
            summary=f"All the {name} behind a point as CSV",
        )
    return router


def _reading(name: ListName, sources: Sources) -> Reading:
    async def read(given: Raw) -> Page:
        complete = await asyncio.to_thread(sources.complete_until)
        directory = sources.directory()
        return await sources.readers.ask(lambda store: rows_behind(name, store, directory, given, complete))

    return read


def _page(read: Reading) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        return Response(orjson.dumps(await read(raw(request))), media_type="application/json")

    return answer


def _file(name: ListName, read: Reading) -> Callable[[Request], Awaitable[Response]]:
    async def answer(request: Request) -> Response:
        given, lang = as_file(raw(request))
        _refuse_paging(given)
        first = await read({**given, "limit": [str(MAX_PAGE)]})
        if first["total"] > MOST_LINES:
            raise BadParameter("to", f"{first['total']} rows, a file has at most {MOST_LINES}: take a shorter range")
        named = {"Content-Disposition": f'attachment; filename="pulse {name} {first["meta"]["from"][:10]}.csv"'}
        return StreamingResponse(_pieces(name, first, given, lang, read), media_type=MEDIA_TYPE, headers=named)

    return answer


def _refuse_paging(given: Mapping[str, Sequence[str]]) -> None:
    for name in ("cursor", "limit"):
        if name in given:
            raise BadParameter(name, "no such parameter: a file has all the rows")


async def _pieces(name: ListName, page: Page, given: Raw, lang: Lang, read: Reading) -> AsyncIterator[bytes]:
    yield (MARK + headings(name, lang)).encode()
    yield lines(name, page["rows"], lang).encode()
    while page["next_cursor"] is not None:
        page = await read({**given, "limit": [str(MAX_PAGE)], "cursor": [page["next_cursor"]]})
        yield lines(name, page["rows"], lang).encode()
