"""One call and what is counted of it, straight from the definitions, "From records to a call" and "Call metrics".

Comes in: the winning records of one call. Goes out: its fact, without what depends on other calls and orders of the
phone. Shares the contracts with the stream rules, not their code.
"""

from collections.abc import Iterable, Sequence

import orjson

from clickhouse.verify.lookup import NOBODY, Lookup, Owner
from streams.contracts.activity import MOST_LEGS, MOST_TEXT, Direction, NotCounted
from streams.contracts.facts import CallFact
from streams.contracts.records import CallRecord

CONNECTED_MS = 1_000


def call_fact(records: Iterable[CallRecord], lookup: Lookup) -> CallFact:
    """The fact of one call; what depends on the phone's other calls and orders is 0."""
    legs = sorted(records, key=lambda leg: (leg.started_at, leg.record_id))
    direction, gateway, other_side = _way(legs)
    server, start = legs[0].server, legs[0].started_at
    trunk = lookup.is_trunk(server, gateway)
    owner = NOBODY if direction == "internal" or trunk else lookup.owner(server, gateway, start)
    phone = lookup.phone(owner, other_side)
    reason = _reason(direction, trunk, owner, lookup.is_staff(owner, other_side, phone))
    end = max(leg.ended_at for leg in legs if leg.gateway == gateway or not gateway)
    answered_at = _answered_at(direction, gateway, legs)
    local_time, utc_offset_min = lookup.wall_clock(owner, server, start)
    counted = reason == ""
    answered = counted and answered_at is not None
    short = counted and not answered and end - start < lookup.settings(owner).short_call_ms
    missed = counted and not answered and not short
    return {
        "organisation": owner.organisation,
        "service": owner.service,
        "server": server,
        "gateway": gateway,
        "number": owner.number,
        "id": min(leg.call_id for leg in legs),
        "phone": phone,
        "direction": direction,
        "counted": int(counted),
        "reason": reason,
        "started_at": start,
        "ended_at": end,
        "answered_at": answered_at,
        "local_time": local_time,
        "utc_offset_min": utc_offset_min,
        "legs": _legs(legs, start),
        "bridged": _bridged(server, legs, start, lookup),
        "calls": int(counted),
        "calls_answered": int(answered),
        "calls_missed": int(missed),
        "calls_short": int(short),
        "calls_no_number": int(counted and not phone),
        "calls_outbound": int(direction == "outbound" and not trunk),
        "calls_staff": int(reason == "staff"),
        "wait_answered_ms": answered_at - start if answered and answered_at is not None else 0,
        "wait_missed_ms": end - start if missed else 0,
        "talk_ms": _union(_agent_connections(legs)) if answered else 0,
        "new_callers_service": 0,
        "new_callers_organisation": 0,
        "unknown_callers_service": 0,
        "unknown_callers_organisation": 0,
        "contacts": 0,
        "contacts_missed": 0,
        "contacts_recovered": 0,
        "contacts_lost": 0,
        "contacts_demand": 0,
        "contacts_converted": 0,
    }


def _legs(legs: Sequence[CallRecord], start: int) -> str:
    """Each as the contract of the image lists it."""
    told = []
    for leg in legs[:MOST_LEGS]:
        moments = [leg.started_at, leg.answered_at, leg.ended_at]
        times = [at if at is None else at - start for at in moments]
        ends = [leg.caller[:MOST_TEXT], leg.callee[:MOST_TEXT]]
        agent = leg.agent if leg.agent is None else leg.agent[:MOST_TEXT]
        told.append([leg.record_id, leg.direction, leg.gateway, *ends, *times, leg.answered_by, agent])
    return orjson.dumps(told).decode()


def _bridged(server: str, legs: Sequence[CallRecord], start: int, lookup: Lookup) -> str:
    """ "Two tenants' calls bridged on one PBX are one call": whose they are."""
    gateways = {leg.gateway for leg in legs if leg.gateway is not None and not lookup.is_trunk(server, leg.gateway)}
    tenants = {lookup.owner(server, gateway, start).organisation for gateway in gateways} - {NOBODY.organisation}
    return orjson.dumps(sorted(tenants)).decode() if len(tenants) > 1 else ""


def _way(legs: Sequence[CallRecord]) -> tuple[Direction, str, str]:
    """(direction, gateway, the text of the phone on the other side), by the first leg that decides it."""
    for leg in legs:
        if leg.direction == "inbound" and leg.gateway is not None:
            return "inbound", leg.gateway, leg.caller
    for leg in legs:
        if leg.direction == "outbound" and leg.gateway is not None:
            return "outbound", leg.gateway, leg.callee
    return "internal", "", ""


def _reason(direction: Direction, trunk: bool, owner: Owner, staff: bool) -> NotCounted:
    if direction == "internal":
        return "internal"
    if trunk:
        return "trunk"
    if owner == NOBODY:
        return "unmapped"
    if direction == "outbound":
        return "outbound"
    return "staff" if staff else ""


def _answered_at(direction: Direction, gateway: str, legs: Sequence[CallRecord]) -> int | None:
    connections = {
        "inbound": _agent_connections(legs),
        "outbound": _connections(leg for leg in legs if leg.gateway == gateway),
        "internal": [],
    }[direction]
    return min((start for start, _ in connections), default=None)


def _agent_connections(legs: Iterable[CallRecord]) -> list[tuple[int, int]]:
    return _connections(leg for leg in legs if leg.answered_by == "agent")


def _connections(legs: Iterable[CallRecord]) -> list[tuple[int, int]]:
    """From answer to end, where that is a second or more."""
    spans = [(leg.answered_at, leg.ended_at) for leg in legs if leg.answered_at is not None]
    return [(start, end) for start, end in spans if end - start >= CONNECTED_MS]


def _union(spans: Iterable[tuple[int, int]]) -> int:
    """Milliseconds covered by at least one span."""
    covered, until = 0, 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, until))
        until = max(until, end)
    return covered
