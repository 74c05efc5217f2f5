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

    def copy(self) -> "StoredCall":
        return StoredCall(self.fact.copy(), self.call_ids)


def is_clients(fact: CallFact) -> bool:
    """Whether the call belongs to the history of a client: a counted call of a known phone to a known organisation."""
    return bool(fact["counted"] and fact["phone"] and fact["organisation"])


def ref_of(fact: CallFact) -> Ref:
    return Ref(fact["started_at"], fact["server"], fact["id"])


def activity_id(fact: CallFact) -> str:
    return f"{fact['server']}/{fact['id']}"


def load(state: State, organisation: str, identity: str) -> StoredCall | None:
    key = state.get(keys.call(organisation, identity))
    value = None if key is None else state.get(key)
    return None if value is None else _decode(value)


def save(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
    """Puts and deletes only what is different."""
    old, new = _key(before), _key(after)
    if old != new:
        _move(state, before, after, old, new)
    if after is not None:
        state.put(_key(after), _encode(after))
    _save_members(state, before, after)


def client_calls(state: State, organisation: str, phone: str, service: str) -> Iterator[StoredCall]:
    """The counted calls of a phone to a service, in the order of (start, server, id)."""
    prefix = keys.calls(organisation, phone, service)
    for _, value in state.range(prefix, prefix + keys.END):
        yield _decode(value)


def _move(state: State, before: StoredCall | None, after: StoredCall | None, old: bytes, new: bytes) -> None:
    if before is not None:
        state.delete(old)
    if after is not None:
        state.put(_by_id(after), new)
    elif before is not None:
        state.delete(_by_id(before))


def _save_members(state: State, before: StoredCall | None, after: StoredCall | None) -> None:
    """A call_id that is no id of a call leads to the call it belongs to."""
    gone, come = _members(before), _members(after)
    for key, call in gone.items():
        if key not in come and state.get(key) == call:
            state.delete(key)
    for key, call in come.items():
        if gone.get(key) != call or state.get(key) != call:
            state.put(key, call)


def _members(stored: StoredCall | None) -> dict[bytes, bytes]:
    if stored is None or len(stored.call_ids) == 1:
        return {}
    fact = stored.fact
    call = fact["id"].encode()
    others = (call_id for call_id in stored.call_ids if call_id != fact["id"])
    return {keys.member(fact["organisation"], fact["server"], call_id): call for call_id in others}


def _by_id(stored: StoredCall) -> bytes:
    return keys.call(stored.fact["organisation"], activity_id(stored.fact))


def _key(stored: StoredCall | None) -> bytes:
    if stored is None:
        return b""
    fact = stored.fact
    of_phone = keys.calls if is_clients(fact) else keys.other_calls
    return of_phone(fact["organisation"], fact["phone"], fact["service"]) + keys.moment(*ref_of(fact))


def _encode(stored: StoredCall) -> bytes:
    """Values without the names of the fields, which are the same in every call."""
    return orjson.dumps([list(stored.fact.values()), stored.call_ids])


def _decode(value: bytes) -> StoredCall:
    values, call_ids = orjson.loads(value)
    fact: Any = dict(zip(FIELDS, values, strict=True))
    return StoredCall(fact, call_ids)
