"""The orders of the organisations in state: each with the fact last emitted for it, and a place in order.

Reads and writes touch one order and its neighbours, never a phone's whole history.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from streams.chunks import State
from streams.contracts.activity import OrderImage
from streams.contracts.facts import OrderFact
from streams.rules import keys
from streams.rules.clients import Client
from streams.rules.marks import OrderRef
from streams.rules.order_facts import FIELDS, order_fact
from streams.rules.runs import AFTER, Moment, at, length_class, length_in, run

COMPLETED, OTHER = KINDS = range(2)
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
    place: bytes
    """Behind the key of its client: where it is searched for. Empty for an order that is in no history."""
    client: Client = field(init=False, compare=False)
    """Of an order with a place that a chunk tells of."""

    @property
    def ref(self) -> OrderRef:
        return OrderRef(self.fact["created_at"], self.fact["id"])

    @property
    def moment(self) -> Moment:
        return keys.creation(*self.ref)

    @property
    def is_clients(self) -> bool:
        """Part of a client's history: with a phone that makes a client, in a known organisation."""
        return bool(self.place)

    @property
    def is_completed(self) -> bool:
        return self.fact["state"] == "completed"

    @property
    def length(self) -> int:
        """Of a client's order: the class of the length of its time open."""
        return length_in(self.place, self.moment)

    def copy(self) -> "StoredOrder":
        return StoredOrder(self.organisation, self.fact.copy(), self.card, self.open_until, self.tie, self.place)


def to_store(organisation: str, image: OrderImage, open_order_ms: int) -> StoredOrder:
    by_card = image["organisation"] and image["call_id"] and image["source"] == "operator"
    card = f"{image['server']}/{image['call_id']}" if by_card else ""
    fact, until = order_fact(image), open_until(image, open_order_ms)
    is_clients = image["is_client"] and image["organisation"] != ""
    return StoredOrder(organisation, fact, card, until, None, _place(fact, until) if is_clients else b"")


def open_until(image: OrderImage, open_order_ms: int) -> int:
    """Until it closed, at most so long after its creation or its pickup, whichever is later."""
    created = image["created_at"]
    bound = max(created, image["pickup_at"] or 0) + open_order_ms
    closed = image["closed_at"]
    return max(created, bound if closed is None else min(closed, bound))


def _place(fact: OrderFact, until: int) -> bytes:
    kind, length = COMPLETED if fact["state"] == "completed" else OTHER, length_class(until - fact["created_at"])
    return keys.orders(fact["service"]) + run(kind, length) + keys.creation(fact["created_at"], fact["id"])


def encode(order: StoredOrder) -> bytes:
    tie = order.tie and tuple(order.tie)
    return orjson.dumps([list(order.fact.values()), order.card, order.open_until, tie, order.is_clients])


def decode(organisation: str, value: bytes) -> StoredOrder:
    values, card, until, tie, is_clients = orjson.loads(value)
    fact: Any = dict(zip(FIELDS, values, strict=True))
    place = _place(fact, until) if is_clients else b""
    return StoredOrder(organisation, fact, card, until, tie and Tie._make(tie), place)


def put_in_place(order: StoredOrder) -> None:
    """Makes a client's order be found where it is now, as long as it is open now."""
    # spans include their end: the last moment in which it is open; of one that never was, before its creation
    order.client.state.put(order.client.key + order.place, (order.open_until - 1).to_bytes(8, "big"))


def take_away(order: StoredOrder) -> None:
    order.client.state.delete(order.client.key + order.place)


def lay_card(state: State, order: StoredOrder | None, there: bool) -> None:
    """Makes the order be found by its card, or no longer."""
    if order is None or not order.card:
        return
    key = keys.card(order.organisation, order.card, order.fact["id"])
    if there:
        state.put(key, b"")
    else:
        state.delete(key)


def with_card(state: State, organisation: str, card: str) -> Iterator[str]:
    """The ids of the orders that were made from this card."""
    prefix = keys.cards(organisation, card)
    pair = state.first(prefix, prefix + keys.END)
    while pair is not None:
        yield pair[0][len(prefix) :].decode()
        pair = state.first(pair[0] + AFTER, prefix + keys.END)


def any_card(state: State, organisation: str) -> bool:
    prefix = keys.all_cards(organisation)
    return state.first(prefix, prefix + keys.END) is not None


def set_tied(client: Client, order: StoredOrder, tie: Tie, tied: bool) -> None:
    """Makes the order be found from the service and the start of the call of the client that it is attributed to."""
    key = _ties(client, tie.service, tie.converts) + keys.creation(tie.start, order.fact["id"])
    if tied:
        client.state.put(key, b"")
    else:
        client.state.delete(key)


def tied(client: Client, service: str, converts: bool, since: int, until: int) -> Iterator[str]:
    """The ids of the orders tied to calls of the client that start in [since, until]."""
    prefix = _ties(client, service, converts)
    for key, _ in client.state.range(prefix + at(since), prefix + at(until + 1)):
        yield key[len(prefix) + 8 :].decode()


def _ties(client: Client, service: str, converts: bool) -> bytes:
    return client.key + keys.ties(service) + (b"\1" if converts else b"\0")
