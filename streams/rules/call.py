"""From the legs of one call to its image: direction, gateway, line, times, answer, phone, and whether it counts.

Pure: the same legs in any order and the same directory give the same image.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from streams.contracts.activity import MOST_CALL_IDS, MOST_LEGS, MOST_TEXT, CallImage, Direction, NotCounted
from streams.contracts.times import wall_clock
from streams.directory import Directory
from streams.phones import e164
from streams.rules.legs import Leg


class Route(NamedTuple):
    """How the call came or went: its direction, its gateway ('' if internal), and the phone on the other side."""

    direction: Direction
    gateway: str
    phone: str


class Owner(NamedTuple):
    """Whose call it is: '' throughout where the directory gives no line, or where none applies."""

    organisation: str = ""
    service: str = ""
    number: str = ""


class Standing(NamedTuple):
    """What the directory makes of a route: whose call it is, of which phone, and why it does not count, if so."""

    owner: Owner
    phone: str
    reason: NotCounted


Talk = tuple[int, int]
"""From the answer to the end."""

NOBODY = Owner()
INTERNAL = Route("internal", "", "")


def call_image(server: str, legs: Iterable[Leg], directory: Directory) -> CallImage:
    ordered = sorted(legs, key=lambda leg: (leg.started_at, leg.record_id))
    route = route_of(ordered)
    start = ordered[0].started_at
    end = end_of(ordered, route.gateway)
    talks = talks_with_agents(ordered)
    answer = first_answer(ordered, route, talks)
    owner, phone, reason = standing_of(server, route, start, directory)
    local_time, offset = wall_clock(start, directory.zone_of(owner.organisation, owner.service, server))
    short_ms = directory.settings(owner.organisation).short_call_ms
    call_ids = sorted({leg.call_id for leg in ordered})[:MOST_CALL_IDS]
    return {
        "organisation": owner.organisation,
        "service": owner.service,
        "server": server,
        "gateway": route.gateway,
        "number": owner.number,
        "id": call_ids[0],
        "call_ids": call_ids,
        "phone": phone,
        "direction": route.direction,
        "counted": reason == "",
        "reason": reason,
        "started_at": start,
        "ended_at": end,
        "answered_at": answer,
        "local_time": local_time,
        "utc_offset_min": offset,
        "short": answer is None and end - start < short_ms,
        "wait_ms": (end if answer is None else answer) - start,
        "talk_ms": talk_ms(talks),
        "legs": legs_text(ordered, start),
        "bridged": bridged(server, ordered, start, directory),
    }


def standing_of(server: str, route: Route, start: int, directory: Directory) -> Standing:
    trunk = directory.is_internal_peer(server, route.gateway)
    owner = NOBODY if trunk else owner_of(server, route.gateway, start, directory)
    local_digits = directory.settings(owner.organisation).local_digits
    phone = e164(route.phone, *directory.numbering(owner.organisation, owner.service), local_digits)
    staff = directory.is_staff(owner.organisation, phone, route.phone)
    return Standing(owner, phone, why_not_counted(route.direction, trunk, owner, staff))


def route_of(ordered: Sequence[Leg]) -> Route:
    """The first inbound leg with a gateway decides; else the first outbound one; else the call is internal."""
    for leg in ordered:
        if leg.direction == "inbound" and leg.gateway is not None:
            return Route("inbound", leg.gateway, leg.caller)
    for leg in ordered:
        if leg.direction == "outbound" and leg.gateway is not None:
            return Route("outbound", leg.gateway, leg.callee)
    return INTERNAL


def end_of(legs: Iterable[Leg], gateway: str) -> int:
    """The latest end of the legs with the call's gateway: an operator's after-call work is not the client's call."""
    return max([leg.ended_at for leg in legs if not gateway or leg.gateway == gateway])


def talks_with_agents(legs: Iterable[Leg]) -> list[Talk]:
    """The connections with agents of at least a second, by their beginning."""
    return sorted(
        [
            (leg.answered_at, leg.ended_at)
            for leg in legs
            if leg.answered_by == "agent" and leg.answered_at is not None and leg.connected
        ]
    )


def first_answer(legs: Iterable[Leg], route: Route, talks: Sequence[Talk]) -> int | None:
    """Inbound: by a person. Outbound: by the called side, so on a leg with the gateway. Internal calls have none."""
    if route.direction == "inbound":
        return talks[0][0] if talks else None
    if route.direction == "internal":
        return None
    answers = [leg.answered_at for leg in legs if leg.connected and leg.gateway == route.gateway]
    return min((answer for answer in answers if answer is not None), default=None)


def talk_ms(talks: Iterable[Talk]) -> int:
    """Their union: two agents at once count once."""
    total = until = 0
    for begin, end in talks:
        total += max(0, end - max(begin, until))
        until = max(until, end)
    return total


def owner_of(server: str, gateway: str, start: int, directory: Directory) -> Owner:
    """By the gateway's line on the day of the call's start."""
    line = directory.line(server, gateway, start) if gateway else None
    service = directory.services.get(line.service) if line else None
    if line is None or service is None:
        return NOBODY
    return Owner(service.organisation, service.id, line.numbers[0])


def legs_text(ordered: Sequence[Leg], start: int) -> str:
    """As the contract has them: for reading, nothing is counted from it."""
    legs = [
        (
            leg.record_id,
            leg.direction,
            leg.gateway,
            leg.caller[:MOST_TEXT],
            leg.callee[:MOST_TEXT],
            leg.started_at - start,
            None if leg.answered_at is None else leg.answered_at - start,
            leg.ended_at - start,
            leg.answered_by,
            leg.agent and leg.agent[:MOST_TEXT],
        )
        for leg in ordered[:MOST_LEGS]
    ]
    return orjson.dumps(legs).decode()


def bridged(server: str, legs: Sequence[Leg], start: int, directory: Directory) -> str:
    """Whose calls a PBX has made one of: the organisations that its gateways lead to, trunks aside."""
    gateways = {leg.gateway for leg in legs if leg.gateway}
    if len(gateways) < 2:
        return ""
    outside = (each for each in gateways if not directory.is_internal_peer(server, each))
    owners = {owner_of(server, each, start, directory).organisation for each in outside} - {""}
    return orjson.dumps(sorted(owners)).decode() if len(owners) > 1 else ""


def why_not_counted(direction: Direction, trunk: bool, owner: Owner, staff: bool) -> NotCounted:
    if direction == "internal":
        return "internal"
    if trunk:
        return "trunk"
    if owner is NOBODY:
        return "unmapped"
    if direction == "outbound":
        return "outbound"
    return "staff" if staff else ""
