"""The set of winning records: one record in, the call_ids out whose call may look different now.

Keeps in state, always exactly: each winner as a leg under its call_id, where each record lies, and which call_ids
mention a channel. Call ids and channel ids are namespaces apart.
"""

from collections.abc import Iterable

import orjson

from streams.chunks import State
from streams.contracts.records import CallRecord
from streams.rules import keys
from streams.rules.legs import Leg, decode, encode, leg_of, outranks


class Winners:
    """The winners as one chunk sees and changes them; what it reads it remembers. `save` ends the changing."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._legs: dict[tuple[str, str], dict[str, Leg]] = {}
        self._linked: dict[tuple[str, str], set[str]] = {}
        self._relinked: dict[tuple[str, str], None] = {}

    def add(self, record: CallRecord) -> Iterable[str]:
        """Takes the record in if it wins; each call that it joined, left, linked or cut off has one of the ids."""
        place = keys.record(record.server, record.record_id)
        found = self._state.get(place)
        if found is None:
            self._state.put(place, record.call_id.encode())
            self._join(record.server, leg_of(record))
            return (record.call_id,)
        former = self.legs(record.server, found.decode())[record.record_id]
        return self._replace(record, former, place) if outranks(record, former) else ()

    def save(self) -> None:
        """The links, each once: a channel that thousands of calls mention would else be written thousands of times."""
        for server, channel_id in self._relinked:
            key, calls = keys.channel(server, channel_id), self.linked(server, channel_id)
            if calls:
                self._state.put(key, orjson.dumps(sorted(calls)))
            else:
                self._state.delete(key)
        self._relinked.clear()

    def legs(self, server: str, call_id: str) -> dict[str, Leg]:
        """The legs with this call_id, by record_id."""
        legs = self._legs.get((server, call_id))
        if legs is None:
            prefix = keys.legs(server, call_id)
            stored = (decode(value) for _, value in self._state.range(prefix, prefix + keys.END))
            legs = self._legs[server, call_id] = {leg.record_id: leg for leg in stored}
        return legs

    def linked(self, server: str, channel_id: str) -> set[str]:
        """The call_ids whose legs mention the channel."""
        calls = self._linked.get((server, channel_id))
        if calls is None:
            stored = self._state.get(keys.channel(server, channel_id))
            calls = self._linked[server, channel_id] = set() if stored is None else set(orjson.loads(stored))
        return calls

    def _join(self, server: str, leg: Leg) -> None:
        self.legs(server, leg.call_id)[leg.record_id] = leg
        self._state.put(keys.leg(server, leg.call_id, leg.record_id), encode(leg))
        for channel_id in leg.channel_ids:
            calls = self.linked(server, channel_id)
            if leg.call_id not in calls:
                calls.add(leg.call_id)
                self._relinked[server, channel_id] = None

    def _leave(self, server: str, leg: Leg) -> None:
        del self.legs(server, leg.call_id)[leg.record_id]
        self._state.delete(keys.leg(server, leg.call_id, leg.record_id))

    def _replace(self, record: CallRecord, former: Leg, place: bytes) -> Iterable[str]:
        dropped = set(former.channel_ids)
        if record.call_id == former.call_id:
            dropped.difference_update(record.channel_ids)
        else:
            self._leave(record.server, former)
            self._state.put(place, record.call_id.encode())
        self._join(record.server, leg_of(record))
        cut_off = self._cut(record.server, former.call_id, dropped) if dropped else set()
        return sorted({record.call_id, former.call_id} | cut_off)

    def _cut(self, server: str, call_id: str, dropped: set[str]) -> set[str]:
        """Takes away the links that no leg of the call makes any more; returns the call_ids at their other ends."""
        kept = {channel_id for leg in self.legs(server, call_id).values() for channel_id in leg.channel_ids}
        cut_off: set[str] = set()
        for channel_id in sorted(dropped - kept):
            calls = self.linked(server, channel_id)
            calls.discard(call_id)
            self._relinked[server, channel_id] = None
            cut_off |= calls
        return cut_off
