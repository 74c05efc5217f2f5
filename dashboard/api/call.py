"""`GET /api/v1/calls/{server}/{id}`: one call with its legs."""

import orjson
from fastapi import APIRouter, Request, Response
from starlette.exceptions import HTTPException

from clickhouse.queries.call import CallWithLegs, call_with_legs
from dashboard.api.parameters import ORGANISATION, organisation
from dashboard.sources import Sources


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get(
        "/calls/{server}/{id:path}",
        responses={200: {"model": CallWithLegs}},
        openapi_extra={"parameters": [ORGANISATION]},
        summary="A call with its legs",
    )
    async def answer(server: str, id: str, request: Request) -> Response:  # noqa: A002 - as the contract calls it
        directory = sources.directory()
        owner = organisation(request, directory)
        found = await sources.readers.ask(lambda store: call_with_legs(store, directory, server, id, owner))
        if found is None:
            raise HTTPException(404, f"there is no call {id!r} of the server {server!r}")
        return Response(orjson.dumps(found), media_type="application/json")

    return router
