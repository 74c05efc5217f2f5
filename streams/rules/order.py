"""From the revisions of one order to its image: in the directory's words, with its phone, its price and its end.

Pure: the same revisions and the same directory give the same image.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import get_args

import orjson

from streams.contracts.activity import MOST_TEXT, OrderImage, Unmapped
from streams.contracts.directory import OrderSource, OrderState, Organisation
from streams.contracts.times import wall_clock
from streams.directory import Directory
from streams.phones import e164
from streams.rules.revisions import Revision

TERMINAL: frozenset[OrderState] = frozenset({"completed", "cancelled", "no_car", "no_show"})
STATES: dict[str, OrderState] = {word: word for word in get_args(OrderState)}
SOURCES: dict[str, OrderSource] = {word: word for word in get_args(OrderSource)}


def order_image(organisation: str, order: str, newest_first: Iterator[Revision], directory: Directory) -> OrderImage:
    """`organisation` as the records name it. Reads no further back than to the revision before the order's end."""
    owner = directory.organisations.get(organisation)
    owned = organisation if owner is not None else ""
    latest = next(newest_first)
    service = directory.service_called(owned, latest.service)
    state, source = state_of(latest.state, owner), source_of(latest.source, owner)
    text = latest.phone or ""
    phone = e164(text, *directory.numbering(owned, service or ""), directory.settings(owned).local_digits)
    zone = directory.zone_of(owned, service or "", latest.server or "")
    local_time, offset = wall_clock(latest.created_at, zone)
    return {
        "organisation": owned,
        "service": service or "",
        "id": order,
        "phone": phone,
        "is_client": bool(phone) and not directory.is_staff(owned, phone, text),
        "source": source or "other",
        "state": state or "other",
        "created_at": latest.created_at,
        "closed_at": closed_at(chain((latest,), newest_first), owner),
        "pickup_at": latest.pickup_at,
        "local_time": local_time,
        "utc_offset_min": offset,
        "server": latest.server or "",
        "call_id": latest.call_id or "",
        "price": latest.price,
        "currency": "" if latest.price is None else latest.currency or "",
        "revenue": revenue(latest, state, owner),
        "unmapped": unmapped(latest, organisation, owner, service, state, source),
    }


def state_of(word: str, owner: Organisation | None) -> OrderState | None:
    """The organisation's own word goes first, a fixed word means itself; None: nobody knows it."""
    own = owner.order_states.get(word) if owner is not None else None
    return own or STATES.get(word)


def source_of(word: str | None, owner: Organisation | None) -> OrderSource | None:
    if word is None:
        return "unknown"
    own = owner.order_sources.get(word) if owner is not None else None
    return own or SOURCES.get(word)


def closed_at(newest_first: Iterable[Revision], owner: Organisation | None) -> int | None:
    """When the first of the revisions began from which on all are terminal."""
    closed = None
    for revision in newest_first:
        if state_of(revision.state, owner) not in TERMINAL:
            break
        closed = revision.occurred_at
    return closed


def revenue(latest: Revision, state: OrderState | None, owner: Organisation | None) -> int:
    """Of completed orders in the organisation's currency only."""
    if owner is None or state != "completed" or latest.currency != owner.currency:
        return 0
    return latest.price or 0


def unmapped(
    latest: Revision,
    organisation: str,
    owner: Organisation | None,
    service: str | None,
    state: OrderState | None,
    source: OrderSource | None,
) -> str:
    """The words that mean nothing to the directory, as the contract writes them."""
    if None not in (owner, service, state, source):
        return ""
    words: dict[Unmapped, str] = {}
    if owner is None:
        words["organisation"] = organisation[:MOST_TEXT]
    if service is None:
        words["service"] = latest.service[:MOST_TEXT]
    if state is None:
        words["state"] = latest.state[:MOST_TEXT]
    if source is None:
        words["source"] = (latest.source or "")[:MOST_TEXT]
    return orjson.dumps(words).decode()
