"""The calls of the organisations in state: each with the fact last emitted for it, and a place in order.

Reads and writes touch one call and its neighbours, never a phone's whole history.
"""

from dataclasses import dataclass, field
from typing import Any

import orjson

from streams.chunks import State
from streams.contracts.facts import CallFact
from streams.rules import keys
from streams.rules.call_facts import FIELDS
from streams.rules.clients import Client
from streams.rules.marks import Ref
from streams.rules.runs import Moment, length_class, run

ANSWERED, MISSED, SHORT = OUTCOMES = range(3)
"""The kinds of runs of calls: each counted call is exactly one of them."""


@dataclass(slots=True)
class StoredCall:
    """`fact` is exactly what was last emitted; `call_ids` are those of its legs, for orders that name one of them."""

    fact: CallFact
    call_ids: list[str]
    moment: Moment
    place: bytes
    """Behind the key of its client: where it is searched for. Empty for a call that nobody looks for."""
    is_clients: bool
    """Part of a client's history: a counted call of a known phone to a known organisation. One with a place that is
    none of the history is an answered outbound call to the phone."""
    outcome: int
    """Of a client's call."""
    length: int
    """Of a client's call: the class of its length."""
    client: Client = field(init=False, compare=False)
    """Of a call with a place that a chunk tells of."""

    @property
    def ref(self) -> Ref:
        return Ref(self.fact["started_at"], self.fact["server"], self.fact["id"])

    def is_of(self, phone: str, service: str) -> bool:
        return self.is_clients and self.fact["phone"] == phone and self.fact["service"] == service

    def copy(self) -> "StoredCall":
        fact = self.fact.copy()
        return StoredCall(fact, self.call_ids, self.moment, self.place, self.is_clients, self.outcome, self.length)


def to_store(fact: CallFact, call_ids: list[str]) -> StoredCall:
    moment = keys.moment(fact["started_at"], fact["server"], fact["id"])
    if not (fact["organisation"] and fact["phone"]):
        return StoredCall(fact, call_ids, moment, b"", False, SHORT, 0)
    if fact["counted"]:
        outcome, length = outcome_of(fact), length_class(fact["ended_at"] - fact["started_at"])
        place = keys.calls(fact["service"]) + run(outcome, length) + moment
        return StoredCall(fact, call_ids, moment, place, True, outcome, length)
    reached = fact["reason"] == "outbound" and fact["answered_at"] is not None
    return StoredCall(fact, call_ids, moment, keys.OUTBOUND + moment if reached else b"", False, SHORT, 0)


def outcome_of(fact: CallFact) -> int:
    if fact["calls_answered"]:
        return ANSWERED
    return MISSED if fact["calls_missed"] else SHORT


def encode(call: StoredCall) -> bytes:
    """Values without the names of the fields, which are the same in every call."""
    return orjson.dumps([list(call.fact.values()), call.call_ids])


def decode(_: str, value: bytes) -> StoredCall:
    values, call_ids = orjson.loads(value)
    fact: Any = dict(zip(FIELDS, values, strict=True))
    return to_store(fact, call_ids)


def put_in_place(call: StoredCall) -> None:
    """Makes a client's call be found where it is now, with the end it has now."""
    end = call.fact["ended_at"].to_bytes(8, "big") if call.is_clients else b""
    call.client.state.put(call.client.key + call.place, end)


def take_away(call: StoredCall) -> None:
    call.client.state.delete(call.client.key + call.place)


def id_of_member(state: State, organisation: str, server: str, call_id: str) -> str | None:
    """The id of the call that has this call_id beside its id."""
    found = state.get(keys.member(organisation, server, call_id))
    return None if found is None else found.decode()


def place_members(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
    """A call_id that is no id of a call leads to the call it belongs to."""
    gone, come = _members(before), _members(after)
    for key in gone.keys() - come.keys():
        if state.get(key) == gone[key]:
            state.delete(key)
    for key, call in come.items():
        if state.get(key) != call:
            state.put(key, call)


def _members(call: StoredCall | None) -> dict[bytes, bytes]:
    if call is None:
        return {}
    fact = call.fact
    others = (call_id for call_id in call.call_ids if call_id != fact["id"])
    return {keys.member(fact["organisation"], fact["server"], call_id): fact["id"].encode() for call_id in others}
