"""Clients: a phone in an organisation, with what must be known of it at once whatever the length of its history.

The header in state holds its first call and orders in each service, since when the client base knows it, and how many
of its calls and orders are long or tied. It is a function of the client's calls, orders and entries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

import orjson

from streams.chunks import State
from streams.contracts.directory import Settings
from streams.rules import keys
from streams.rules.at_hand import at_hand
from streams.rules.marks import Firsts, OrderRef, Ref
from streams.rules.runs import Lengths, Runs, longest_ms

T = TypeVar("T")
NOTHING: Mapping[str, Any] = MappingProxyType({})


class Header(NamedTuple):
    """Everything by service; '' in `known` is every service. What changes is made anew, so what was can be kept."""

    first: Firsts[Ref] = NOTHING
    """The first counted call."""
    ordered: Firsts[OrderRef] = NOTHING
    """The first created order."""
    completed: Firsts[OrderRef] = NOTHING
    """The first completed order."""
    known: Mapping[str, int] = NOTHING
    """The earliest entry of the client base."""
    last_ordered: Mapping[str, int] = NOTHING
    """When its last order was created: mostly before what is looked for."""
    long_calls: Mapping[str, Lengths] = NOTHING
    long_orders: Mapping[str, Lengths] = NOTHING
    tied: Mapping[str, int] = NOTHING
    """How many orders are tied to its calls."""
    missed: Mapping[str, int] = NOTHING
    """How many of its contacts were missed."""

    @property
    def marked(self) -> tuple[object, ...]:
        """What the marks of the firsts follow from."""
        return self[:4]


NEW = Header()
REFS = (("first", Ref._make), ("ordered", OrderRef._make), ("completed", OrderRef._make))


@dataclass(slots=True, eq=False)
class Client:
    """`observed_at` is the oldest behind what the chunk changes of it. `state` is for its keys, behind its `key`."""

    organisation: str
    phone: str
    observed_at: int
    settings: Settings
    key: bytes
    state: State
    header: Header
    before: Header
    """As it was before the chunk."""

    def close(self) -> None:
        """The header is complete: it is stored where it is different."""
        if self.header == self.before:
            return
        value = encode(self.header)
        if value is None:
            self.state.delete(self.key)
        else:
            self.state.put(self.key, value)

    def calls(self, service: str) -> Runs:
        return Runs(self.state, self.key + keys.calls(service), self.header.long_calls.get(service, {}))

    def orders(self, service: str) -> Runs:
        return Runs(self.state, self.key + keys.orders(service), self.header.long_orders.get(service, {}))

    def orders_since(self, moment: int) -> Iterator[Runs]:
        """Of the services in which there is an order created at that moment or later."""
        for service, last in self.header.last_ordered.items():
            if last >= moment:
                yield self.orders(service)

    def orders_open_at(self, moment: int) -> Iterator[Runs]:
        """Of the services in which one may be open then."""
        header, lengths = self.header, self.header.long_orders.values()
        longest = max(int(length) for each in lengths for length in each) if lengths else 0
        for service, last in header.last_ordered.items():
            if header.ordered[service].created <= moment <= last + longest_ms(longest):
                yield self.orders(service)


def load(state: State, organisation: str, phone: str, observed_at: int, settings: Settings) -> Client:
    key = keys.client(organisation, phone)
    near = at_hand(state, key)
    header = decode(near.get(key))
    return Client(organisation, phone, observed_at, settings, key, near, header, header)


def put(by_name: Mapping[str, T], name: str, value: T | None) -> Mapping[str, T]:
    """With this value; None: without any."""
    changed = {**by_name}
    if value is None:
        changed.pop(name, None)
    else:
        changed[name] = value
    return changed


def count(numbers: Mapping[str, int], name: str, by: int) -> Mapping[str, int]:
    """Only what there is has a number."""
    return put(numbers, name, (numbers.get(name, 0) + by) or None)


def encode(header: Header) -> bytes | None:
    """Parts that are empty are left out; None: there is nothing to remember."""
    parts = {name: part for name, part in zip(Header._fields, header, strict=True) if part}
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=tuple) if parts else None


def decode(value: bytes | None) -> Header:
    if value is None:
        return NEW
    parts: dict[str, Any] = orjson.loads(value)
    for name, ref in REFS:
        if name in parts:
            parts[name] = {service: ref(first) for service, first in parts[name].items()}
    return Header(**parts)
