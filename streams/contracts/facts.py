"""What the agents say to the store: signed rows, one field per column of the fact table.

A row with sign +1 states a fact; the same row with sign -1 takes exactly that statement back. Every measure is summed
as `sum(measure * sign)`.
"""

from typing import Literal, TypedDict

import orjson

from streams.contracts.activity import Direction, NotCounted
from streams.contracts.directory import OrderSource, OrderState

Attribution = Literal["", "A", "B", "C", "D"]
"""How sure it is which call brought an order of the operators'; '' for orders from any other source."""


class CallFact(TypedDict):
    """A row of `call_facts`: the dimensions, then one 0/1 or millisecond measure per metric of the definitions."""

    organisation: str
    service: str
    server: str
    gateway: str
    number: str
    id: str
    phone: str
    direction: Direction
    counted: int
    reason: NotCounted
    started_at: int
    ended_at: int
    answered_at: int | None
    local_time: int
    utc_offset_min: int
    legs: str
    """As in the image: compact JSON."""
    bridged: str
    calls: int
    calls_answered: int
    calls_missed: int
    calls_short: int
    calls_no_number: int
    calls_outbound: int
    calls_staff: int
    wait_answered_ms: int
    wait_missed_ms: int
    talk_ms: int
    new_callers_service: int
    new_callers_organisation: int
    unknown_callers_service: int
    unknown_callers_organisation: int
    contacts: int
    contacts_missed: int
    contacts_recovered: int
    contacts_lost: int
    contacts_demand: int
    contacts_converted: int
    """The contact measures stand on the contact's first call."""


class OrderFact(TypedDict):
    """A row of `order_facts`: the dimensions, then one 0/1 or money measure per metric of the definitions.

    `server`, `gateway`, `number` are those of the call that brought the order (attribution A or B), else ''. `call` is
    `<server>/<id>` of the call that it is attributed to (A, B or C), else ''.
    """

    organisation: str
    service: str
    server: str
    gateway: str
    number: str
    id: str
    phone: str
    source: OrderSource
    state: OrderState
    created_at: int
    closed_at: int | None
    pickup_at: int | None
    local_time: int
    utc_offset_min: int
    price: int | None
    currency: str
    attribution: Attribution
    call: str
    unmapped: str
    """As in the image: compact JSON."""
    orders: int
    orders_completed: int
    orders_cancelled: int
    orders_no_car: int
    orders_no_show: int
    orders_open: int
    new_clients_service: int
    new_clients_organisation: int
    unknown_clients_service: int
    unknown_clients_organisation: int
    new_ordering_clients_service: int
    new_ordering_clients_organisation: int
    unknown_ordering_clients_service: int
    unknown_ordering_clients_organisation: int
    reactivated_clients: int
    revenue: int
    attributed_a: int
    attributed_b: int
    attributed_c: int
    attributed_d: int


class SignedCallFact(CallFact):
    sign: Literal[1, -1]
    observed_at: int


class SignedOrderFact(OrderFact):
    sign: Literal[1, -1]
    observed_at: int


def fact_key(fact: CallFact | OrderFact) -> bytes:
    """The organisation; facts without one spread by server."""
    return (fact["organisation"] or fact["server"]).encode()


def read_call_fact(raw: bytes) -> SignedCallFact:
    """Trusted: written by our own agents in the same generation."""
    fact: SignedCallFact = orjson.loads(raw)
    return fact


def read_order_fact(raw: bytes) -> SignedOrderFact:
    """Trusted: written by our own agents in the same generation."""
    fact: SignedOrderFact = orjson.loads(raw)
    return fact
