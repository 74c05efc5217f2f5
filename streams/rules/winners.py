"""The set of winning records: one record in, the call_ids out whose call may look different now.

Keeps in state, always exactly: each winner as a leg, which legs are under a call_id, and which call_ids mention a
channel. Call ids and channel ids are namespaces apart. A key for each link: thousands of calls may mention one channel.
"""

from collections.abc import Iterable

from streams.chunks import State
from streams.contracts.records import CallRecord
from streams.rules import keys
from streams.rules.legs import Leg, decode, encode, leg_of, outranks


class Winners:
    """The winners as one chunk sees and changes them; what it reads it remembers."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._legs: dict[tuple[str, str], dict[str, Leg]] = {}
        self._linked: dict[tuple[str, str], set[str]] = {}

    def add(self, record: CallRecord) -> Iterable[str]:
        """Takes the record in if it wins; each call that it joined, left, linked or cut off has one of the ids."""
        place, leg = keys.record(record.server, record.record_id), leg_of(record)
        value, found = encode(leg), self._state.get(place)
        if value == found:
            return ()
        former = None if found is None else decode(found)
        if former is not None and not outranks(record, former):
            return ()
        self._state.put(place, value)
        if former is None:
            self._join(record.server, leg)
            return (leg.call_id,)
        return self._replace(record.server, former, leg)

    def legs(self, server: str, call_id: str) -> dict[str, Leg]:
        """The legs with this call_id, by record_id."""
        legs = self._legs.get((server, call_id))
        if legs is None:
            prefix = keys.legs(server, call_id)
            names = [key[len(prefix) :].decode() for key, _ in self._state.range(prefix, prefix + keys.END)]
            legs = self._legs[server, call_id] = {name: self._leg(server, name) for name in names}
        return legs

    def linked(self, server: str, channel_id: str) -> set[str]:
        """The call_ids whose legs mention the channel."""
        calls = self._linked.get((server, channel_id))
        if calls is None:
            prefix = keys.links(server, channel_id)
            stored = self._state.range(prefix, prefix + keys.END)
            calls = self._linked[server, channel_id] = {key[len(prefix) :].decode() for key, _ in stored}
        return calls

    def _leg(self, server: str, record_id: str) -> Leg:
        value = self._state.get(keys.record(server, record_id))
        if value is None:
            raise LookupError(f"the state has a leg {record_id!r} of {server!r} under a call, but not the leg itself")
        return decode(value)

    def _join(self, server: str, leg: Leg) -> None:
        legs = self.legs(server, leg.call_id)
        if leg.record_id not in legs:
            self._state.put(keys.leg(server, leg.call_id, leg.record_id), b"")
        legs[leg.record_id] = leg
        for channel_id in leg.channel_ids:
            calls = self.linked(server, channel_id)
            if leg.call_id not in calls:
                calls.add(leg.call_id)
                self._state.put(keys.link(server, channel_id, leg.call_id), b"")

    def _leave(self, server: str, leg: Leg) -> None:
        del self.legs(server, leg.call_id)[leg.record_id]
        self._state.delete(keys.leg(server, leg.call_id, leg.record_id))

    def _replace(self, server: str, former: Leg, leg: Leg) -> Iterable[str]:
        dropped = set(former.channel_ids)
        if leg.call_id == former.call_id:
            dropped.difference_update(leg.channel_ids)
        else:
            self._leave(server, former)
        self._join(server, leg)
        cut_off = self._cut(server, former.call_id, dropped) if dropped else set()
        return sorted({leg.call_id, former.call_id} | cut_off)

    def _cut(self, server: str, call_id: str, dropped: set[str]) -> set[str]:
        """Takes away the links that no leg of the call makes any more; returns the call_ids at their other ends."""
        kept = {channel_id for leg in self.legs(server, call_id).values() for channel_id in leg.channel_ids}
        cut_off: set[str] = set()
        for channel_id in sorted(dropped - kept):
            calls = self.linked(server, channel_id)
            calls.discard(call_id)
            self._state.delete(keys.link(server, channel_id, call_id))
            cut_off |= calls
        return cut_off
