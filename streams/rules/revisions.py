"""The winning revisions of orders: one order event in, kept if it wins; read back from the newest on.

Everything of the contract is kept except observed_at, so that an order can be derived again, and so that a later event
of the same revision can be compared.
"""

from collections.abc import Iterator
from typing import NamedTuple

import orjson

from streams.chunks import State
from streams.contracts.records import OrderEvent, canonical
from streams.rules import keys


class Revision(NamedTuple):
    """What one winning event says. Times are epoch milliseconds. The order of the fields is the order in state."""

    revision: int
    occurred_at: int
    created_at: int
    pickup_at: int | None
    state: str
    source: str | None
    service: str
    phone: str | None
    server: str | None
    call_id: str | None
    price: int | None
    currency: str | None
    cancel_reason: str | None


def revision_of(event: OrderEvent) -> Revision:
    return Revision._make(getattr(event, name) for name in Revision._fields)


def newest_first(state: State, organisation: str, order: str) -> Iterator[Revision]:
    prefix = keys.revisions(organisation, order)
    for _, value in state.range(prefix, prefix + keys.END, reverse=True):
        yield Revision._make(orjson.loads(value))


def keep(state: State, event: OrderEvent) -> bool:
    """False where the event changes nothing: it was read before, or another one with its revision outranks it."""
    key = keys.revision(event.organisation, event.order_id, event.revision)
    former = state.get(key)
    if former is not None and not _outranks(event, Revision._make(orjson.loads(former))):
        return False
    state.put(key, orjson.dumps(tuple(revision_of(event))))
    return True


def _outranks(event: OrderEvent, former: Revision) -> bool:
    """Of one revision the greater canonical form wins."""
    if revision_of(event) == former:
        return False
    as_event = OrderEvent.model_construct(
        v=1, organisation=event.organisation, order_id=event.order_id, **former._asdict()
    )
    return canonical(event) > canonical(as_event)
