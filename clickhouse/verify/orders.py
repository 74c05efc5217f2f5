"""One order and what is counted of it, straight from the definitions, "Order metrics".

Comes in: the winning revisions of one order. Goes out: its fact, without what depends on the phone's calls and other
orders. Shares the contracts with the stream rules, not their code.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import orjson

from clickhouse.verify.lookup import Lookup, Owner
from streams.contracts.activity import MOST_TEXT
from streams.contracts.directory import OrderState
from streams.contracts.facts import OrderFact
from streams.contracts.records import OrderEvent

TERMINAL = ("completed", "cancelled", "no_car", "no_show")


class Ordered(NamedTuple):
    """`named`: the organisation as the records say it; `client`: the phone, '' where it makes no client."""

    named: str
    client: str
    card_server: str
    card_call: str
    fact: OrderFact


def ordered(events: Iterable[OrderEvent], lookup: Lookup) -> Ordered:
    """State, price, phone and service are those of the highest revision."""
    revisions = sorted(events, key=lambda event: event.revision)
    latest = revisions[-1]
    owner = lookup.owner_named(latest.organisation, latest.service)
    text = latest.phone or ""
    phone = lookup.phone(owner, text)
    is_client = phone != "" and owner.organisation != "" and not lookup.is_staff(owner, text, phone)
    fact = _fact(latest, owner, phone, _closed_at(revisions, owner, lookup), lookup)
    return Ordered(latest.organisation, phone if is_client else "", latest.server or "", latest.call_id or "", fact)


def _fact(latest: OrderEvent, owner: Owner, phone: str, closed_at: int | None, lookup: Lookup) -> OrderFact:
    state = lookup.state(owner, latest.state)
    local_time, utc_offset_min = lookup.wall_clock(owner, latest.server or "", latest.created_at)
    currency = latest.currency if latest.price is not None and latest.currency is not None else ""
    earns = state == "completed" and latest.price is not None and currency == lookup.currency(owner)
    return {
        "organisation": owner.organisation,
        "service": owner.service,
        "server": "",
        "gateway": "",
        "number": "",
        "id": latest.order_id,
        "phone": phone,
        "source": lookup.source(owner, latest.source),
        "state": state,
        "created_at": latest.created_at,
        "closed_at": closed_at,
        "pickup_at": latest.pickup_at,
        "local_time": local_time,
        "utc_offset_min": utc_offset_min,
        "price": latest.price,
        "currency": currency,
        "attribution": "",
        "call": "",
        "unmapped": _unmapped(latest, owner, lookup),
        "orders": 1,
        "orders_completed": int(state == "completed"),
        "orders_cancelled": int(state == "cancelled"),
        "orders_no_car": int(state == "no_car"),
        "orders_no_show": int(state == "no_show"),
        "orders_open": int(state not in TERMINAL),
        "new_clients_service": 0,
        "new_clients_organisation": 0,
        "unknown_clients_service": 0,
        "unknown_clients_organisation": 0,
        "new_ordering_clients_service": 0,
        "new_ordering_clients_organisation": 0,
        "unknown_ordering_clients_service": 0,
        "unknown_ordering_clients_organisation": 0,
        "reactivated_clients": 0,
        "revenue": latest.price if earns and latest.price is not None else 0,
        "attributed_a": 0,
        "attributed_b": 0,
        "attributed_c": 0,
        "attributed_d": 0,
    }


def _unmapped(latest: OrderEvent, owner: Owner, lookup: Lookup) -> str:
    """The words of the record that the directory does not know."""
    unknown = {
        "organisation": latest.organisation if owner.organisation == "" else None,
        "service": latest.service if owner.service == "" else None,
        "state": latest.state if not lookup.knows_state(owner, latest.state) else None,
        "source": latest.source if not lookup.knows_source(owner, latest.source) else None,
    }
    words = {kind: text[:MOST_TEXT] for kind, text in unknown.items() if text is not None}
    return orjson.dumps(words).decode() if words else ""


def _closed_at(revisions: Sequence[OrderEvent], owner: Owner, lookup: Lookup) -> int | None:
    """When the first revision began from which on all are terminal."""
    closed_at = None
    for event in reversed(revisions):
        state: OrderState = lookup.state(owner, event.state)
        if state not in TERMINAL:
            break
        closed_at = event.occurred_at
    return closed_at
