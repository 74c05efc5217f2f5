"""Routes for our own commands; the gate lets nobody else in: the net rows of a table, the loader's state, and what a
verification has found."""

import asyncio
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from starlette.exceptions import HTTPException

from clickhouse.queries.net_rows import FACTS, TABLES, Rows
from clickhouse.queries.query import BadParameter
from clickhouse.verify.left import Outcome
from dashboard.sources import Sources

MAX_IDS = 1_000


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/-", include_in_schema=False)

    @router.get("/tables/{table}")
    async def rows(
        table: str,
        organisation: str | None = None,
        ids: Annotated[tuple[str, ...], Query(alias="id")] = (),
        generation: Annotated[int | None, Query(ge=1)] = None,
    ) -> StreamingResponse:
        wanted = _rows(table, organisation, ids)
        return StreamingResponse(sources.readers.stream(wanted, generation), media_type="application/x-ndjson")

    @router.post("/verification", status_code=HTTPStatus.NO_CONTENT)
    async def verified(verification: Outcome) -> Response:
        """What `pulse verify` found, for the quality page."""
        await asyncio.to_thread(lambda: sources.notes.verifications.put(verification))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    @router.get("/state")
    async def state() -> dict[str, Any]:
        directory = sources.directory_now()
        return {"loader": sources.loading(), "directory_version": None if directory is None else directory.version}

    return router


def _rows(table: str, organisation: str | None, ids: tuple[str, ...]) -> Rows:
    if table not in TABLES:
        raise HTTPException(404, f"there is no table {table!r}; there are {', '.join(TABLES)}")
    if ids and table not in FACTS:
        raise BadParameter("id", f"{table} has no ids, only {' and '.join(FACTS)} have")
    if len(ids) > MAX_IDS:
        raise BadParameter("id", f"{len(ids)} ids, at most {MAX_IDS} are taken")
    return Rows(table, organisation, ids)
