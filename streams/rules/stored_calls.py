"""The calls of the organisations in state: each with the fact last emitted for it, under an ordered key.

Reads and writes touch one call and its neighbours, never a phone's whole history.
"""

from dataclasses import dataclass
from typing import Any

import orjson

from streams.chunks import State
from streams.contracts.facts import CallFact
from streams.rules import keys
from streams.rules.call_facts import FIELDS
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
    key: bytes

    @property
    def ref(self) -> Ref:
        return Ref(self.fact["started_at"], self.fact["server"], self.fact["id"])

    @property
    def is_clients(self) -> bool:
        """Part of a client's history: a counted call of a known phone to a known organisation."""
        return self.key[:1] == b"c"

    @property
    def reaches(self) -> bool:
        """An answered outbound call to a phone."""
        return self.key[:1] == b"a"

    @property
    def run(self) -> Run:
        """Of a client's call: its outcome, and the class of its length."""
        return run_of(self.key, self.moment)

    def copy(self) -> "StoredCall":
        return StoredCall(self.fact.copy(), self.call_ids, self.moment, self.key)


def to_store(fact: CallFact, call_ids: list[str]) -> StoredCall:
    moment = keys.moment(fact["started_at"], fact["server"], fact["id"])
    call = StoredCall(fact, call_ids, moment, b"")
    call.key = _key(call)
    return call


def _key(call: StoredCall) -> bytes:
    fact = call.fact
    organisation, phone = fact["organisation"], fact["phone"]
    if organisation and phone and fact["counted"]:
        length = length_class(fact["ended_at"] - fact["started_at"])
        return keys.calls(organisation, phone, fact["service"]) + run(outcome_of(fact), length) + call.moment
    if organisation and phone and fact["reason"] == "outbound" and fact["answered_at"] is not None:
        return keys.answered_outbound(organisation, phone) + call.moment
    return keys.other_calls(organisation, phone, fact["service"]) + call.moment


def outcome_of(fact: CallFact) -> int:
    if fact["calls_answered"]:
        return ANSWERED
    return MISSED if fact["calls_missed"] else SHORT


def load(state: State, organisation: str, identity: str) -> StoredCall | None:
    """`identity` is `<server>/<id>`."""
    key = state.get(keys.call(organisation, identity))
    value = None if key is None else state.get(key)
    return None if key is None or value is None else _decode(key, value)


def id_of_member(state: State, organisation: str, server: str, call_id: str) -> str | None:
    """The id of the call that has this call_id beside its id."""
    found = state.get(keys.member(organisation, server, call_id))
    return None if found is None else found.decode()


def put_in_place(state: State, call: StoredCall) -> None:
    """Makes the call be found where it is now, with the end it has now; `save` completes it."""
    state.put(call.key, _end(call))
    state.put(_place(call), call.key)


def take_away(state: State, call: StoredCall) -> None:
    state.delete(call.key)
    state.delete(_place(call))


def save(state: State, call: StoredCall) -> None:
    """Values without the names of the fields, which are the same in every call."""
    state.put(call.key, _end(call) + orjson.dumps([list(call.fact.values()), call.call_ids]))


def _end(call: StoredCall) -> bytes:
    return call.fact["ended_at"].to_bytes(8, "big")


def _place(call: StoredCall) -> bytes:
    fact = call.fact
    return keys.call(fact["organisation"], f"{fact['server']}/{fact['id']}")


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


def _decode(key: bytes, value: bytes) -> StoredCall:
    values, call_ids = orjson.loads(value[8:])
    fact: Any = dict(zip(FIELDS, values, strict=True))
    moment = keys.moment(fact["started_at"], fact["server"], fact["id"])
    return StoredCall(fact, call_ids, moment, key)
