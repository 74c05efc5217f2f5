"""`/api/v1/views`: named views of the page, each seen by who saved it, or shared with his organisation.

Who sees only some services is shown those of the shared ones that name nothing outside of these.
"""

import asyncio
from http import HTTPStatus
from typing import Annotated, Final, get_args
from uuid import uuid4

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, StringConstraints
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.metrics import BY_NAME
from clickhouse.queries.query import BadParameter
from clickhouse.queries.tenant import numbers
from dashboard.api.asker import Asker, asker
from dashboard.notes import View
from dashboard.sources import Sources
from streams.contracts.directory import OrderSource, OrderState
from streams.contracts.times import instant, utc_text

MOST: Final = 500
"""Views that are kept of one owner."""
NO_VIEW: Final = "there is no such view"
_WORDS: Final = frozenset({"", "*", *get_args(OrderSource), *get_args(OrderState), *BY_NAME})
"""What a view may name in any directory; * is the rest beside the top groups."""


class SavedView(TypedDict):
    id: str
    name: str
    state: str
    shared: bool
    owner: str
    organisation: str | None
    editable: bool
    updated_at: str


class SavedViews(TypedDict):
    views: list[SavedView]


class Saving(BaseModel):
    """`state` is the query string of the page."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True)]
    state: Annotated[str, StringConstraints(max_length=8_000, pattern=r"^[\x21-\x7e]*$")]
    shared: bool = False


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1/views")
    kept = sources.notes.views

    @router.get("", summary="Saved views")
    async def answer() -> SavedViews:
        asks = asker()
        own = _names(asks, sources)
        seen = (view for view in kept.all() if _sees(view, asks, own))
        return {"views": [_shown(view, asks) for view in sorted(seen, key=lambda view: (view.name, view.id))]}

    @router.post("", status_code=HTTPStatus.CREATED, summary="Save a view")
    async def save(saving: Saving) -> SavedView:
        asks = asker()
        if sum((view.owner, view.organisation) == (asks.name, asks.home) for view in kept.all()) >= MOST:
            raise BadParameter("name", f"{MOST} views are saved already: take some away first")
        view = View(uuid4().hex, owner=asks.name, organisation=asks.home, **_of(saving, sources))
        await asyncio.to_thread(lambda: kept.put(view))
        return _shown(view, asks)

    @router.put("/{id}", summary="Change a saved view")
    async def change(id: str, saving: Saving) -> SavedView:  # noqa: A002 - as the contract calls it
        asks = asker()
        former = _changeable(kept.get(id), asks, _names(asks, sources))
        view = View(id, owner=former.owner, organisation=former.organisation, **_of(saving, sources))
        if await asyncio.to_thread(lambda: kept.change(id, lambda found: found and view)) is None:
            raise HTTPException(404, NO_VIEW)  # taken away meanwhile
        return _shown(view, asks)

    @router.delete("/{id}", status_code=HTTPStatus.NO_CONTENT, summary="Take a saved view away")
    async def remove(id: str) -> Response:  # noqa: A002
        asks = asker()
        _changeable(kept.get(id), asks, _names(asks, sources))
        await asyncio.to_thread(lambda: kept.remove(id))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


class _Of(TypedDict):
    name: str
    state: str
    shared: bool
    updated_at: int


def _of(saving: Saving, sources: Sources) -> _Of:
    return {
        "name": saving.name,
        "state": saving.state,
        "shared": saving.shared,
        "updated_at": sources.notes.clock(),
    }


Names = frozenset[str] | None
"""What a shared view may name; None: anything."""


def _sees(view: View, asks: Asker, names: Names) -> bool:
    if view.organisation != asks.home or not (view.shared or view.owner == asks.name):
        return False
    return view.owner == asks.name or names is None or view.names() <= names


def _names(asks: Asker, sources: Sources) -> Names:
    """Of all that there is for who sees only some services."""
    if asks.services is None:
        return None
    directory = sources.directory()
    gateways = (gateway.id for gateway in directory.gateways.values())
    return _WORDS.union(directory.organisations, directory.services, gateways, numbers(directory))


def _changeable(view: View | None, asks: Asker, names: Names) -> View:
    if view is None or not _sees(view, asks, names):
        raise HTTPException(404, NO_VIEW)
    if not asks.may_change(view.owner, view.organisation):
        raise HTTPException(403, "only who saved it, or an admin of the organisation, may change it")
    return view


def _shown(view: View, asks: Asker) -> SavedView:
    return {
        "id": view.id,
        "name": view.name,
        "state": view.state,
        "shared": view.shared,
        "owner": view.owner,
        "organisation": view.organisation or None,
        "editable": asks.may_change(view.owner, view.organisation),
        "updated_at": utc_text(instant(view.updated_at)),
    }
