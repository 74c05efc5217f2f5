"""What the entities of one directory say about each other: ids given twice, unknown references, overlapping lines.

Comes in: entities with the place they stand at. Goes out: problems. An entity that could not be read still declares
its id, so that one mistake is told once and not again at everything that refers to it.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import Any, Generic, TypeVar

from producers.directory.tree import Problem, Trail, Tree
from streams.contracts.directory import Campaign, Entity, Gateway, Line, Organisation, Server, Service

E = TypeVar("E", bound=Entity)
Found = Iterator[tuple[Trail, str]]


@dataclass(frozen=True)
class Located(Generic[E]):
    """An entity, its fields as written, and the path at which it stands; None where it could not be read."""

    at: Trail
    fields: dict[str, Any]
    entity: E | None


def contradictions(
    tree: Tree,
    organisations: Sequence[Located[Organisation]],
    services: Sequence[Located[Service]],
    servers: Sequence[Located[Server]],
    gateways: Sequence[Located[Gateway]],
    campaigns: Sequence[Located[Campaign]],
) -> list[Problem]:
    found = [
        *_twice(tree, "organisation", organisations, _id),
        *_twice(tree, "service", services, _id),
        *_twice(tree, "server", servers, _id),
        *_twice(tree, "campaign", campaigns, _id),
        *_twice(tree, "gateway", gateways, _gateway_id),
        *_aliases(services),
        *_gateways(gateways, _ids(services), _ids(servers)),
        *_campaigns(campaigns, _ids(services), {_gateway_id(gateway) for gateway in gateways}),
    ]
    return [Problem(tree.line(path), error) for path, error in found]


def _id(located: Located[Any]) -> Any:
    return located.fields.get("id")


def _gateway_id(located: Located[Any]) -> str | None:
    server, account = located.fields.get("server"), located.fields.get("account")
    return f"{server}/{account}" if server and account else None


def _ids(located: Iterable[Located[Any]]) -> set[Any]:
    return {_id(one) for one in located if isinstance(_id(one), str)}


def _twice(tree: Tree, kind: str, located: Sequence[Located[Any]], identity: Any) -> Found:
    first: dict[str, Trail] = {}
    for one in located:
        name = identity(one)
        if not isinstance(name, str):
            continue
        if name in first:
            place = tree.line(first[name])
            yield one.at, f"{kind} {name!r} is given twice; it stands on line {place} already"
        first.setdefault(name, one.at)


def _aliases(services: Sequence[Located[Service]]) -> Found:
    """Within one organisation a word means one service."""
    owner = {(one.entity.organisation, one.entity.id): one.entity.id for one in services if one.entity}
    for one in services:
        if one.entity is None:
            continue
        for index, alias in enumerate(one.entity.aliases):
            other = owner.setdefault((one.entity.organisation, alias), one.entity.id)
            if other != one.entity.id:
                yield (*one.at, "aliases", index), f"alias {alias!r} already means service {other!r}"


def _gateways(gateways: Sequence[Located[Gateway]], services: set[str], servers: set[str]) -> Found:
    for one in gateways:
        server = one.fields.get("server")
        if isinstance(server, str) and server not in servers:
            yield (*one.at, "server"), f"unknown server {server!r}; add it under servers"
        if one.entity is not None:
            yield from _lines((*one.at, "lines"), one.entity.lines, services)


def _lines(at: Trail, lines: Sequence[Line], services: set[str]) -> Found:
    for index, line in enumerate(lines):
        if line.service not in services:
            yield (*at, index, "service"), f"unknown service {line.service!r}; add it under its organisation"
        yield from _backwards((*at, index, "until"), line.start, line.until)
    for (_, one), (index, other) in combinations(enumerate(lines), 2):
        if _overlap(one, other):
            yield (*at, index), f"this line overlaps the one of {one.service!r} ({_days(one)}); end that with `until`"


def _campaigns(campaigns: Sequence[Located[Campaign]], services: set[str], gateways: set[str | None]) -> Found:
    for one in campaigns:
        if one.entity is None:
            continue
        if one.entity.service not in services:
            yield (*one.at, "service"), f"unknown service {one.entity.service!r}; add it under its organisation"
        for index, gateway in enumerate(one.entity.gateways):
            if gateway not in gateways:
                yield (*one.at, "gateways", index), f"unknown gateway {gateway!r}; write server/account"
        yield from _backwards((*one.at, "until"), one.entity.start, one.entity.until)


def _backwards(at: Trail, start: date | None, until: date | None) -> Found:
    if start is not None and until is not None and until <= start:
        yield at, f"until {until} is not after from {start}; `until` is the first day that is no longer in it"


def _overlap(one: Line, other: Line) -> bool:
    first, last = date.min, date.max
    return (one.start or first) < (other.until or last) and (other.start or first) < (one.until or last)


def _days(line: Line) -> str:
    return f"from {line.start or 'ever'} until {line.until or 'further notice'}"
