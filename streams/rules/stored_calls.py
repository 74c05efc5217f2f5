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
from streams.rules.runs import Moment, Run, length_class, run, run_of

ANSWERED, MISSED, SHORT = OUTCOMES = range(3)
"""The kinds of runs of calls: each counted call is exactly one of them."""


@dataclass(slots=True)
class StoredCall:
    """`fact` is exactly what was last emitted; `call_ids` are those of its legs, for orders that name one of them."""

    fact: CallFact
    call_ids: list[str]
    moment: Moment
    place: bytes
    """Behind the key of its client: where it is searched for. Empty for a call that is in no history."""
    client: Client = field(init=False, compare=False)
    """Of a call with a place that a chunk tells of."""

    @property
    def ref(self) -> Ref:
        return Ref(self.fact["started_at"], self.fact["server"], self.fact["id"])

    @property
    def is_clients(self) -> bool:
        """Part of a client's history: a counted call of a known phone to a known organisation."""
        return self.place[:1] == b"c"

    @property
    def reaches(self) -> bool:
        """An answered outbound call to a phone."""
        return self.place[:1] == keys.OUTBOUND

    @property
    def run(self) -> Run:
        """Of a client's call: its outcome, and the class of its length."""
        return run_of(self.place, self.moment)

    def is_of(self, phone: str, service: str) -> bool:
        return self.is_clients and (self.fact["phone"], self.fact["service"]) == (phone, service)

    def copy(self) -> "StoredCall":
        return StoredCall(self.fact.copy(), self.call_ids, self.moment, self.place)


def to_store(fact: CallFact, call_ids: list[str]) -> StoredCall:
    moment = keys.moment(fact["started_at"], fact["server"], fact["id"])
    return StoredCall(fact, call_ids, moment, _place(fact, moment))


def _place(fact: CallFact, moment: Moment) -> bytes:
    if not (fact["organisation"] and fact["phone"]):
        return b""
    if fact["counted"]:
        length = length_class(fact["ended_at"] - fact["started_at"])
        return keys.calls(fact["service"]) + run(outcome_of(fact), length) + moment
    return keys.OUTBOUND + moment if fact["reason"] == "outbound" and fact["answered_at"] is not None else b""


def outcome_of(fact: CallFact) -> int:
    if fact["calls_answered"]:
        return ANSWERED
    return MISSED if fact["calls_missed"] else SHORT


def load(state: State, organisation: str, identity: str) -> StoredCall | None:
    """`identity` is `<server>/<id>`."""
    value = state.get(keys.call(organisation, identity))
    if value is None:
        return None
    values, call_ids = orjson.loads(value)
    fact: Any = dict(zip(FIELDS, values, strict=True))
    return to_store(fact, call_ids)


def save(state: State, call: StoredCall) -> None:
    """Values without the names of the fields, which are the same in every call."""
    state.put(_key(call), orjson.dumps([list(call.fact.values()), call.call_ids]))


def remove(state: State, call: StoredCall) -> None:
    state.delete(_key(call))


def _key(call: StoredCall) -> bytes:
    fact = call.fact
    return keys.call(fact["organisation"], f"{fact['server']}/{fact['id']}")


def put_in_place(call: StoredCall) -> None:
    """Makes a client's call be found where it is now, with the end it has now."""
    call.client.state.put(call.client.key + call.place, call.fact["ended_at"].to_bytes(8, "big") if call.is_clients else b"")


def take_away(call: StoredCall) -> None:
    call.client.state.delete(call.client.key + call.place)


def id_of_member(state: State, organisation: str, server: str, call_id: str) -> str | None:
    """The id of the call that has this call_id beside its id."""
    found = state.get(keys.member(organisation, server, call_id))
    return None if found is None else found.decode()


def place_members(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
    """A call_id that is no id of a call leads to the call it belongs to."""
    gone, come = _members(before), _members(after)
    if not gone and not come:
        return
    for key in gone.keys() - come.keys():
        if state.get(key) == gone[key]:
            state.delete(key)
    for key, call in come.items():
        if state.get(key) != call:
            state.put(key, call)


def _members(call: StoredCall | None) -> dict[bytes, bytes]:
    if call is None or len(call.call_ids) == 1:
        return {}
    fact = call.fact
    others = (call_id for call_id in call.call_ids if call_id != fact["id"])
    return {keys.member(fact["organisation"], fact["server"], call_id): fact["id"].encode() for call_id in others}
