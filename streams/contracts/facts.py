"""What the agents say to the store: signed rows, one field per column of the fact table.

A row with sign +1 states a fact; the same row with sign -1 takes exactly that statement back. Every measure is summed
as `sum(measure * sign)`.
"""

from typing import Literal, TypedDict

import orjson

from streams.contracts.activity import Direction, NotCounted


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


class SignedCallFact(CallFact):
    sign: Literal[1, -1]
    observed_at: int


def fact_key(fact: CallFact) -> bytes:
    """The organisation; facts without one spread by server."""
    return (fact["organisation"] or fact["server"]).encode()


def read_call_fact(raw: bytes) -> SignedCallFact:
    """Trusted: written by our own agents in the same generation."""
    fact: SignedCallFact = orjson.loads(raw)
    return fact
