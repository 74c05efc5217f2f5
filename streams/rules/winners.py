"""The set of winning records: one record in, the call_ids out whose call may look different now.

Keeps in state, always exactly: under which call_id a record is, the legs under a call_id, and which call_ids mention a
channel. Call ids and channel ids are namespaces apart.
"""

from collections.abc import Iterable
from typing import Any

from streams.chunks import State
from streams.contracts.records import CallRecord
from streams.rules import keys
from streams.rules.legs import Leg, leg_of, outranks
from streams.rules.pages import Page, Pages, Shelf

Legs = Pages[Leg]
"""The legs with one call_id, by record_id; the head is what was last emitted under this id."""


class Winners:
    """The winners as one chunk sees and changes them; `store` puts them into the state."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.legs = Shelf(state, keys.legs, _read_legs, _write_legs)
        """By call_id."""
        self.links = Shelf(state, keys.links, _read_links, _write_links)
        """By channel id."""

    def add(self, record: CallRecord) -> Iterable[str]:
        """Takes the record in if it wins; each call that it joined, left, linked or cut off has one of the ids."""
        server, leg = record.server, leg_of(record)
        place = keys.record(server, leg.record_id)
        found = self._state.get(place)
        if found is None:
            self._state.put(place, leg.call_id.encode())
            self._join(server, leg)
            return (leg.call_id,)
        former = self._leg(server, found.decode(), leg.record_id)
        if leg == former or not outranks(record, former):
            return ()
        self._state.put(place, leg.call_id.encode())
        return self._replace(server, former, leg)

    def store(self) -> None:
        self.legs.store()
        self.links.store()

    def _leg(self, server: str, call_id: str, record_id: str) -> Leg:
        leg = self.legs.of(server, call_id).get(record_id)
        if leg is None:
            raise LookupError(f"the state has {record_id!r} of {server!r} under {call_id!r}, but no such leg")
        return leg

    def _join(self, server: str, leg: Leg) -> None:
        self.legs.of(server, leg.call_id).put(leg.record_id, leg)
        for channel_id in leg.channel_ids:
            self.links.of(server, channel_id).put(leg.call_id, None)

    def _replace(self, server: str, former: Leg, leg: Leg) -> Iterable[str]:
        dropped = set(former.channel_ids)
        if leg.call_id == former.call_id:
            dropped.difference_update(leg.channel_ids)
        else:
            self.legs.of(server, former.call_id).drop(leg.record_id)
        self._join(server, leg)
        cut_off = self._cut(server, former.call_id, dropped) if dropped else set()
        return sorted({leg.call_id, former.call_id} | cut_off)

    def _cut(self, server: str, call_id: str, dropped: set[str]) -> set[str]:
        """Takes away the links that no leg of the call makes any more; returns the call_ids at their other ends."""
        kept = {channel_id for leg in self.legs.of(server, call_id).things() for channel_id in leg.channel_ids}
        cut_off: set[str] = set()
        for channel_id in sorted(dropped - kept):
            links = self.links.of(server, channel_id)
            links.drop(call_id)
            cut_off.update(links.names())
        return cut_off


def _read_legs(values: list[Any]) -> Page[Leg]:
    return {value[0]: Leg._make(value) for value in values}


def _write_legs(page: Page[Leg]) -> list[Any]:
    return [page[name] for name in sorted(page)]


def _read_links(values: list[Any]) -> Page[None]:
    return dict.fromkeys(values)


def _write_links(page: Page[None]) -> list[Any]:
    return sorted(page)
