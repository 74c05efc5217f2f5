"""The set of winning records of a server: one record in, the call_ids out whose call may look different now.

Keeps in state, always exactly: each winner as a leg under its call_id, where each record lies, and which call_ids
mention a channel. Call ids and channel ids are namespaces apart.
"""

from collections.abc import Iterable

import orjson

from streams.chunks import State
from streams.contracts.records import CallRecord
from streams.rules import keys
from streams.rules.legs import Leg, decode, encode, leg_of, outranks


def add(state: State, record: CallRecord) -> Iterable[str]:
    """Takes the record in if it wins; each call that it joined, left, linked or cut off has one of the returned ids."""
    place = keys.record(record.server, record.record_id)
    former_call = state.get(place)
    if former_call is None:
        state.put(place, record.call_id.encode())
        return _join(state, record)
    return _replace(state, record, place, former_call.decode())


def legs(state: State, server: str, call_id: str) -> list[Leg]:
    prefix = keys.legs(server, call_id)
    return [decode(value) for _, value in state.range(prefix, prefix + keys.END)]


def linked(state: State, server: str, channel_id: str) -> list[str]:
    """The call_ids whose legs mention the channel."""
    value = state.get(keys.channel(server, channel_id))
    return [] if value is None else orjson.loads(value)


def _replace(state: State, record: CallRecord, place: bytes, former_call: str) -> Iterable[str]:
    former_key = keys.legs(record.server, former_call) + record.record_id.encode()
    former = decode(state.get(former_key) or b"")
    if not outranks(record, former):
        return ()
    if record.call_id != former_call:
        state.delete(former_key)
        state.put(place, record.call_id.encode())
    _join(state, record)
    return sorted({record.call_id, former_call} | _cut(state, record.server, former))


def _join(state: State, record: CallRecord) -> Iterable[str]:
    leg_key = keys.legs(record.server, record.call_id) + record.record_id.encode()
    state.put(leg_key, encode(leg_of(record)))
    for channel_id in record.channel_ids:
        calls = linked(state, record.server, channel_id)
        if record.call_id not in calls:
            _link(state, record.server, channel_id, [*calls, record.call_id])
    return (record.call_id,)


def _cut(state: State, server: str, former: Leg) -> set[str]:
    """Takes away the links that only the former record made; returns the calls at their other ends."""
    if not former.channel_ids:
        return set()
    kept = {channel for leg in legs(state, server, former.call_id) for channel in leg.channel_ids}
    touched: set[str] = set()
    for channel_id in set(former.channel_ids) - kept:
        others = [call for call in linked(state, server, channel_id) if call != former.call_id]
        _link(state, server, channel_id, others)
        touched.update(others)
    return touched


def _link(state: State, server: str, channel_id: str, calls: list[str]) -> None:
    key = keys.channel(server, channel_id)
    if calls:
        state.put(key, orjson.dumps(calls))
    else:
        state.delete(key)
