"""Clients: a phone in an organisation, with what must be known of it at once whatever the length of its history.

The header in state holds its first call and orders in each service, since when the client base knows it, and how many
of its calls and orders are long or tied. It is a function of the client's calls, orders and entries.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from operator import attrgetter
from typing import Any, NamedTuple

import orjson

from streams.chunks import State
from streams.contracts.directory import Settings
from streams.rules import keys
from streams.rules.marks import Firsts, OrderRef, Ref
from streams.rules.pages import page_of
from streams.rules.runs import Lengths, Runs, longest_ms


@dataclass(slots=True)
class Header:
    """Everything by service; '' in `known` is every service."""

    first: Firsts[Ref] = field(default_factory=dict)
    """The first counted call."""
    ordered: Firsts[OrderRef] = field(default_factory=dict)
    """The first created order."""
    completed: Firsts[OrderRef] = field(default_factory=dict)
    """The first completed order."""
    last_ordered: dict[str, int] = field(default_factory=dict)
    """When its last order was created: mostly before what is looked for."""
    known: dict[str, int] = field(default_factory=dict)
    """The earliest entry of the client base."""
    long_calls: dict[str, Lengths] = field(default_factory=dict)
    long_orders: dict[str, Lengths] = field(default_factory=dict)
    tied: dict[str, int] = field(default_factory=dict)
    """How many orders are tied to its calls."""
    missed: dict[str, int] = field(default_factory=dict)
    """How many of its contacts were missed."""

    @property
    def marked(self) -> "Marked":
        return Marked(self.first, self.ordered, self.completed, self.known)


class Marked(NamedTuple):
    """What the marks of the firsts follow from."""

    first: Firsts[Ref]
    ordered: Firsts[OrderRef]
    completed: Firsts[OrderRef]
    known: dict[str, int]

    def copy(self) -> "Marked":
        return Marked(self.first.copy(), self.ordered.copy(), self.completed.copy(), self.known.copy())


HEADER_FIELDS = tuple(each.name for each in fields(Header))
_parts = attrgetter(*HEADER_FIELDS)


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
    before: Marked
    """As it was before the chunk."""

    def close(self) -> None:
        """The header is complete: it is stored where it is different."""
        value = encode(self.header)
        if value == self.state.get(self.key):
            return
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
    page = page_of(state, key)
    header = decode(page.get(key))
    before = header.marked.copy()
    return Client(organisation, phone, observed_at, settings, key, page, header, before)


def count(numbers: dict[str, int], name: str, by: int) -> None:
    """Only what there is has a number."""
    number = numbers.get(name, 0) + by
    if number:
        numbers[name] = number
    else:
        numbers.pop(name, None)


def encode(header: Header) -> bytes | None:
    """Parts that are empty are left out; None: there is nothing to remember."""
    parts = {name: part for name, part in zip(HEADER_FIELDS, _parts(header), strict=True) if part}
    return orjson.dumps(parts, option=orjson.OPT_SORT_KEYS, default=tuple) if parts else None


def decode(value: bytes | None) -> Header:
    if value is None:
        return Header()
    parts: Mapping[str, Any] = orjson.loads(value)
    header = Header(**parts)
    header.first = {service: Ref._make(ref) for service, ref in header.first.items()}
    header.ordered = {service: OrderRef._make(ref) for service, ref in header.ordered.items()}
    header.completed = {service: OrderRef._make(ref) for service, ref in header.completed.items()}
    return header
