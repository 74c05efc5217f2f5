"""`/api/v1/annotations`: what happened and may explain a number: campaigns of the directory, incidents noted by hand.

Incidents are a moment or a span of whole hours of the wall clock, of an organisation or of one of its services; those
of the provider are of all. Campaigns are changed in the directory only.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final, Literal
from uuid import uuid4

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.exceptions import HTTPException
from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.queries.parse import Raw, bound, one, refuse_unknown
from clickhouse.queries.query import BadParameter
from clickhouse.queries.scope import check_organisation
from dashboard.access.principal import tenant
from dashboard.api.asker import Asker, asker
from dashboard.api.parameters import ANNOTATIONS, ORGANISATION, organisation, raw
from dashboard.notes import Incident
from dashboard.sources import Sources
from streams.contracts.directory import Campaign, Organisation
from streams.directory import Directory

MOST: Final = 10_000
"""Incidents that are kept of an organisation."""
NO_INCIDENT: Final = "there is no such incident"

Annotation = TypedDict(
    "Annotation",
    {
        "id": str,
        "kind": Literal["campaign", "incident"],
        "title": str,
        "from": str,
        "until": str | None,
        "organisation": str | None,
        "service": str | None,
        "gateways": list[str],
        "spend": int | None,
        "currency": str | None,
        "editable": bool,
    },
)


class Annotations(TypedDict):
    annotations: list[Annotation]


class Note(BaseModel):
    """An incident: `until` null is a moment, `service` null all of the organisation."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    title: Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
    start: Annotated[str, Field(alias="from", examples=["2026-03-01T08:00"])]
    until: str | None = None
    service: str | None = None
    organisation: str | None = None


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/api/v1/annotations")
    kept = sources.notes.incidents

    @router.get("", openapi_extra={"parameters": ANNOTATIONS}, summary="Campaigns and incidents")
    async def answer(request: Request) -> Annotations:
        directory, given, asks = sources.directory(), raw(request), asker()
        found = [*_campaigns(directory, _owner(given, directory)), *_incidents(kept.all(), given, directory, asks)]
        inside = (each for each in found if _touches(each, given))
        return {"annotations": sorted(inside, key=lambda each: (each["from"], each["id"]))}

    @router.post("", status_code=HTTPStatus.CREATED, openapi_extra={"parameters": [ORGANISATION]}, summary="Note one")
    async def note(note: Note, request: Request) -> Annotation:
        directory, asks = sources.directory(), asker()
        made = _incident(note, uuid4().hex, organisation(request, directory), directory, asks, sources.notes.clock())
        if sum(each.organisation == made.organisation for each in kept.all()) >= MOST:
            raise BadParameter("title", f"{MOST} incidents are noted already: take some away first")
        await asyncio.to_thread(lambda: kept.put(made))
        return _shown(made, asks)

    @router.put("/{id}", summary="Change an incident")
    async def change(id: str, note: Note) -> Annotation:  # noqa: A002 - as the contract calls it
        directory, asks = sources.directory(), asker()
        former = _changeable(kept.get(id), asks)
        made = _incident(note, id, former.organisation or None, directory, asks, sources.notes.clock())
        made = replace(made, author=former.author)
        if await asyncio.to_thread(lambda: kept.change(id, lambda found: found and made)) is None:
            raise HTTPException(404, NO_INCIDENT)  # taken away meanwhile
        return _shown(made, asks)

    @router.delete("/{id}", status_code=HTTPStatus.NO_CONTENT, summary="Take an incident away")
    async def remove(id: str) -> Response:  # noqa: A002
        _changeable(kept.get(id), asker())
        await asyncio.to_thread(lambda: kept.remove(id))
        return Response(status_code=HTTPStatus.NO_CONTENT)

    return router


def _owner(given: Raw, directory: Directory) -> str | None:
    refuse_unknown(given, {parameter["name"] for parameter in ANNOTATIONS})
    asked = one(given, "organisation")
    check_organisation(asked, directory, tenant())
    return asked


def _touches(annotation: Annotation, given: Raw) -> bool:
    """Whether it is of the services and the range asked for; a campaign without an end goes on, and what ended when the
    range begins is over."""
    services = given.get("service", ())
    if services and annotation["service"] not in (None, *services):
        return False
    start, end = (None if (text := one(given, name)) is None else _wall(name, text) for name in ("from", "to"))
    return (end is None or datetime.fromisoformat(annotation["from"]) < end) and (
        start is None or _lasts(annotation, start)
    )


def _lasts(annotation: Annotation, start: datetime) -> bool:
    if annotation["until"] is not None:
        return datetime.fromisoformat(annotation["until"]) > start
    return annotation["kind"] == "campaign" or datetime.fromisoformat(annotation["from"]) >= start


def _campaigns(directory: Directory, owner: str | None) -> Iterator[Annotation]:
    for campaign in directory.entities.campaigns:
        service = directory.services.get(campaign.service)
        if service is not None and owner in (None, service.organisation):
            yield _campaign(campaign, directory.organisations[service.organisation])


def _campaign(campaign: Campaign, owner: Organisation) -> Annotation:
    """What was spent is in minor units of the organisation's currency."""
    return {
        "id": f"campaign/{campaign.id}",
        "kind": "campaign",
        "title": campaign.name,
        "from": campaign.start.isoformat(),
        "until": None if campaign.until is None else campaign.until.isoformat(),
        "organisation": owner.id,
        "service": campaign.service,
        "gateways": list(campaign.gateways),
        "spend": campaign.spend,
        "currency": owner.currency,
        "editable": False,
    }


def _incidents(incidents: list[Incident], given: Raw, directory: Directory, asks: Asker) -> Iterator[Annotation]:
    owner = _owner(given, directory)
    for incident in incidents:
        if _sees(incident, asks) and (owner is None or incident.organisation in ("", owner)):
            yield _shown(incident, asks)


def _sees(incident: Incident, asks: Asker) -> bool:
    """The provider's are everybody's."""
    own = asks.organisation is None or incident.organisation in ("", asks.organisation)
    return own and (asks.services is None or incident.service in ("", *asks.services))


def _shown(incident: Incident, asks: Asker) -> Annotation:
    return {
        "id": incident.id,
        "kind": "incident",
        "title": incident.title,
        "from": incident.began,
        "until": incident.until or None,
        "organisation": incident.organisation or None,
        "service": incident.service or None,
        "gateways": [],
        "spend": None,
        "currency": None,
        "editable": asks.may_change(incident.author, incident.organisation),
    }


def _changeable(incident: Incident | None, asks: Asker) -> Incident:
    if incident is None or not _sees(incident, asks):
        raise HTTPException(404, NO_INCIDENT)
    if not asks.may_change(incident.author, incident.organisation):
        raise HTTPException(403, "only who noted it, or an admin of its organisation, may change it")
    return incident


def _incident(note: Note, identity: str, owner: str | None, directory: Directory, asks: Asker, now_ms: int) -> Incident:
    began, until = _kept("from", note.start), "" if note.until is None else _kept("until", note.until)
    if until and until <= began:
        raise BadParameter("until", f"{until} is not after from ({began})")
    return Incident(
        id=identity,
        title=note.title,
        began=began,
        until=until,
        service=note.service or "",
        organisation=_whose(note, owner, directory, asks),
        author=asks.name,
        updated_at=now_ms,
    )


def _kept(name: str, text: str) -> str:
    return _wall(name, text).isoformat(timespec="minutes")


def _wall(name: str, text: str) -> datetime:
    found = bound(name, text)
    if found.offset_min is not None:
        raise BadParameter(name, f"{text!r} has an offset: give the local time of the service")
    return found.wall


def _whose(note: Note, owner: str | None, directory: Directory, asks: Asker) -> str:
    """That of the service, else the one named, else that of who notes it."""
    for given in (note.organisation, owner):
        check_organisation(given, directory, tenant())
    named = asks.organisation or note.organisation or owner
    if note.service is None:
        return named or ""
    service: Any = directory.services.get(note.service)
    if service is None or named not in (None, "", service.organisation):
        raise BadParameter("service", f"there is no service {note.service!r} in the organisation")
    return str(service.organisation)
