"""`GET /api/v1/quality`: how far the numbers can be trusted, and what is to be put right."""

import asyncio

import orjson
from fastapi import APIRouter, Request, Response
from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.queries.quality import quality
from clickhouse.queries.quality_answer import Quality
from clickhouse.verify.left import Outcome
from dashboard.api.asker import asker
from dashboard.api.parameters import QUALITY, raw
from dashboard.letters import DeadLetters
from dashboard.sources import Sources
from streams.contracts.times import instant, utc_text


class Verified(TypedDict):
    kind: str
    """full: from the raw records; quick: rollups against facts."""
    finished_at: str
    records: int | None
    """How much there is of all tenants together, as rows: the provider's alone."""
    rows: int | None
    differences: int
    undecided: int


class QualityOfAll(Quality):
    dead_letters: DeadLetters | None
    """The provider's alone; null also where they cannot be read yet."""
    verifications: list[Verified]
    """The last of each kind."""


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get(
        "/quality",
        responses={200: {"model": QualityOfAll}},
        openapi_extra={"parameters": QUALITY},
        summary="How far the numbers can be trusted",
    )
    async def answer(request: Request) -> Response:
        complete_until = await asyncio.to_thread(sources.complete_until)
        directory, given = sources.directory(), raw(request)
        found = await sources.readers.ask(lambda store: quality(store, directory, given, complete_until))
        of_all = asker().organisation is None
        whole: QualityOfAll = {
            **found,
            "dead_letters": await asyncio.to_thread(sources.letters.counted) if of_all else None,
            "verifications": [_verified(one, of_all=of_all) for one in sources.notes.verifications.all()],
        }
        return Response(orjson.dumps(whole), media_type="application/json")

    return router


def _verified(one: Outcome, *, of_all: bool) -> Verified:
    return {
        "kind": one.kind,
        "finished_at": utc_text(instant(one.finished_at)),
        "records": one.records if of_all else None,
        "rows": one.rows if of_all else None,
        "differences": one.differences,
        "undecided": one.undecided,
    }
