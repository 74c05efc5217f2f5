"""The calls of the organisations in state: each with the fact last emitted for it, under an ordered key.

Reads and writes touch one call and its neighbours, never a phone's whole history.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from streams.chunks import State
from streams.contracts.facts import CallFact
from streams.rules import keys
from streams.rules.call_facts import FIELDS
from streams.rules.marks import Ref


@dataclass(slots=True)
class StoredCall:
    """`fact` is exactly what was last emitted; `call_ids` are those of its legs, for orders that name one of them."""

    fact: CallFact
    call_ids: list[str]
    key: bytes

    @property
    def ref(self) -> Ref:
        return Ref(self.fact["started_at"], self.fact["server"], self.fact["id"])

    @property
    def is_clients(self) -> bool:
        """Part of a client's history: a counted call of a known phone to a known organisation."""
        return bool(self.fact["counted"] and self.fact["phone"] and self.fact["organisation"])

    def copy(self) -> "StoredCall":
        return StoredCall(self.fact.copy(), self.call_ids, self.key)


def to_store(fact: CallFact, call_ids: list[str]) -> StoredCall:
    call = StoredCall(fact, call_ids, b"")
    of_phone = keys.calls if call.is_clients else keys.other_calls
    call.key = of_phone(fact["organisation"], fact["phone"], fact["service"]) + keys.moment(*call.ref)
    return call


def load(state: State, organisation: str, identity: str) -> StoredCall | None:
    """`identity` is `<server>/<id>`."""
    key = state.get(keys.call(organisation, identity))
    value = None if key is None else state.get(key)
    return None if key is None or value is None else _decode(key, value)


def client_calls(state: State, organisation: str, phone: str, service: str) -> Iterator[StoredCall]:
    """The counted calls of a phone to a service, in the order of (start, server, id)."""
    prefix = keys.calls(organisation, phone, service)
    for key, value in state.range(prefix, prefix + keys.END):
        yield _decode(key, value)


def save(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
    """Puts and deletes only what is different."""
    if before is not None and (after is None or after.key != before.key):
        state.delete(before.key)
    if after is not None:
        state.put(after.key, _encode(after))
    _save_place(state, before, after)
    _save_members(state, before, after)


def _save_place(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
    if after is None:
        if before is not None:
            state.delete(_place(before))
    elif before is None or before.key != after.key:
        state.put(_place(after), after.key)


def _place(call: StoredCall) -> bytes:
    fact = call.fact
    return keys.call(fact["organisation"], f"{fact['server']}/{fact['id']}")


def _save_members(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
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


def _encode(call: StoredCall) -> bytes:
    """Values without the names of the fields, which are the same in every call."""
    return orjson.dumps([list(call.fact.values()), call.call_ids])


def _decode(key: bytes, value: bytes) -> StoredCall:
    values, call_ids = orjson.loads(value)
    fact: Any = dict(zip(FIELDS, values, strict=True))
    return StoredCall(fact, call_ids, key)
