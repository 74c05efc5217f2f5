"""The orders of the organisations in state: each with the fact last emitted for it, under an ordered key.

Reads and writes touch one order and its neighbours, never a phone's whole history.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson

from streams.chunks import State
from streams.contracts.activity import OrderImage
from streams.contracts.facts import OrderFact
from streams.rules import keys
from streams.rules.clients import Client
from streams.rules.marks import OrderRef
from streams.rules.order_facts import FIELDS, order_fact
from streams.rules.runs import Moment, Run, at, length_class, run, run_of

COMPLETED, OTHER = STATES = range(2)
"""The kinds of runs of orders."""


class Tie(NamedTuple):
    """The call that an order is attributed to, as one of its phone and service."""

    phone: str
    service: str
    start: int
    converts: bool
    """At level A or B."""


@dataclass(slots=True)
class StoredOrder:
    """`fact` is exactly what was last emitted. `organisation` as the records name it, also where nobody knows it."""

    organisation: str
    fact: OrderFact
    card: str
    """`<server>/<call_id>` of the call that the order was made from, '' where that does not count."""
    open_until: int
    """It is open from its creation on until then, that moment not included."""
    tie: Tie | None
    key: bytes

    @property
    def ref(self) -> OrderRef:
        return OrderRef(self.fact["created_at"], self.fact["id"])

    @property
    def moment(self) -> Moment:
        return keys.creation(*self.ref)

    @property
    def is_clients(self) -> bool:
        """Part of a client's history: with a phone that makes a client, in a known organisation."""
        return self.key[:1] == b"o"

    @property
    def is_completed(self) -> bool:
        return self.fact["state"] == "completed"

    @property
    def run(self) -> Run:
        """Of a client's order: whether it is completed, and the class of the length of its time open."""
        return run_of(self.key, self.moment)

    def copy(self) -> "StoredOrder":
        return StoredOrder(self.organisation, self.fact.copy(), self.card, self.open_until, self.tie, self.key)


def to_store(organisation: str, image: OrderImage, open_order_ms: int) -> StoredOrder:
    by_card = image["organisation"] and image["call_id"] and image["source"] == "operator"
    card = f"{image['server']}/{image['call_id']}" if by_card else ""
    order = StoredOrder(organisation, order_fact(image), card, open_until(image, open_order_ms), None, b"")
    order.key = _key(order, image["is_client"])
    return order


def open_until(image: OrderImage, open_order_ms: int) -> int:
    """Until it closed, at most so long after its creation or its pickup, whichever is later."""
    created = image["created_at"]
    bound = max(created, image["pickup_at"] or 0) + open_order_ms
    closed = image["closed_at"]
    return max(created, bound if closed is None else min(closed, bound))


def _key(order: StoredOrder, is_client: bool) -> bytes:
    fact = order.fact
    if not (is_client and fact["organisation"]):
        return keys.other_order(order.organisation, fact["id"])
    length = length_class(order.open_until - fact["created_at"])
    of_client = keys.orders(order.organisation, fact["phone"], fact["service"])
    return of_client + run(COMPLETED if order.is_completed else OTHER, length) + order.moment


def load(state: State, organisation: str, order_id: str) -> StoredOrder | None:
    key = state.get(keys.order(organisation, order_id))
    value = None if key is None else state.get(key)
    return None if key is None or value is None else _decode(organisation, key, value)


def put_in_place(state: State, order: StoredOrder) -> None:
    """Makes the order be found where it is now, as long as it is open now; `save` completes it."""
    state.put(order.key, _end(order))
    state.put(keys.order(order.organisation, order.fact["id"]), order.key)
    if order.card:
        state.put(keys.card(order.organisation, order.card, order.fact["id"]), b"")


def take_away(state: State, order: StoredOrder) -> None:
    state.delete(order.key)
    state.delete(keys.order(order.organisation, order.fact["id"]))
    if order.card:
        state.delete(keys.card(order.organisation, order.card, order.fact["id"]))


def with_card(state: State, organisation: str, card: str) -> Iterator[str]:
    """The ids of the orders that were made from this card."""
    prefix = keys.cards(organisation, card)
    for key, _ in state.range(prefix, prefix + keys.END):
        yield key[len(prefix) :].decode()


def any_card(state: State, organisation: str) -> bool:
    prefix = keys.all_cards(organisation)
    return state.first(prefix, prefix + keys.END) is not None


def set_tied(state: State, order: StoredOrder, tie: Tie, tied: bool) -> None:
    """Makes the order be found from the phone, the service and the start of the call that it is attributed to."""
    key = _ties(order.organisation, tie.phone, tie.service, tie.converts) + keys.creation(tie.start, order.fact["id"])
    if tied:
        state.put(key, b"")
    else:
        state.delete(key)


def tied(client: Client, service: str, converts: bool, since: int, until: int) -> Iterator[str]:
    """The ids of the orders tied to calls of the client that start in [since, until]."""
    prefix = _ties(client.organisation, client.phone, service, converts)
    for key, _ in client.state.range(prefix + at(since), prefix + at(until + 1)):
        yield key[len(prefix) + 8 :].decode()


def _ties(organisation: str, phone: str, service: str, converts: bool) -> bytes:
    return keys.ties(organisation, phone, service) + (b"\1" if converts else b"\0")


def save(state: State, order: StoredOrder) -> None:
    values = [list(order.fact.values()), order.card, order.open_until, order.tie and tuple(order.tie)]
    state.put(order.key, _end(order) + orjson.dumps(values))


def _end(order: StoredOrder) -> bytes:
    """The last moment in which it is open: spans include their end. Of one that never was: before its creation."""
    return (order.open_until - 1).to_bytes(8, "big")


def _decode(organisation: str, key: bytes, value: bytes) -> StoredOrder:
    values, card, until, tie = orjson.loads(value[8:])
    fact: Any = dict(zip(FIELDS, values, strict=True))
    return StoredOrder(organisation, fact, card, until, tie and Tie._make(tie), key)
