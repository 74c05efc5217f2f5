"""Everything that one phone's calls and orders in one organisation say about each other, from the definitions.

Comes in: its counted calls, the answered calls to it, its orders, its entries in the client base. Goes out: the marks
of calls and of orders, and what brought each order.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from clickhouse.verify.contacts import Brought, Call, CallKey, Contact, Order, attributed, contacts
from streams.contracts.directory import Settings

Key = TypeVar("Key")
EVERY_SERVICE = ""


@dataclass(frozen=True)
class Client:
    """A phone in an organisation. `calls` and `orders` are sorted.

    `reached`: when calls to it began that were answered. `known`: service ('' for every one) -> since when it is a
    known client. `carded`: those of its calls that the card of any order names (level A).
    """

    settings: Settings
    unknown_before: int | None
    calls: Sequence[Call]
    orders: Sequence[Order]
    reached: Sequence[int]
    known: Mapping[str, int]
    carded: frozenset[CallKey]

    @cached_property
    def brought(self) -> dict[str, Brought]:
        """Order id -> what brought it; of the orders of operators."""
        return attributed(self.orders, self.calls, self.settings.attribution_ms)

    @cached_property
    def contacts(self) -> list[Contact]:
        return contacts(self.calls, self.settings.contact_gap_ms)

    def call_marks(self) -> Iterator[tuple[CallKey, str]]:
        yield from self._firsts("callers", ((call.started_at, call.service, call.key) for call in self.calls))
        for contact in self.contacts:
            yield from ((contact.first.key, mark) for mark, holds in self._of_contact(contact).items() if holds)

    def order_marks(self) -> Iterator[tuple[str, str]]:
        completed = [order for order in self.orders if order.completed]
        yield from self._firsts("clients", ((order.created_at, order.service, order.id) for order in completed))
        yield from self._firsts("ordering_clients", ((each.created_at, each.service, each.id) for each in self.orders))
        yield from ((order.id, "reactivated_clients") for order in completed[1:] if self._was_silent_before(order))

    def _firsts(self, who: str, seen: Iterable[tuple[int, str, Key]]) -> Iterator[tuple[Key, str]]:
        """Of (time, service, key) in order: the first in the organisation, and the first in each service."""
        services: set[str] = set()
        for at, service, key in seen:
            scopes = {"organisation": self._known_since} if not services else {}
            if service not in services:
                scopes["service"] = self._known_in(service)
            services.add(service)
            for scope, known_since in scopes.items():
                if known_since is None or at < known_since:
                    yield key, f"{self._age}_{who}_{scope}"

    @property
    def _known_since(self) -> int | None:
        return min(self.known.values(), default=None)

    def _known_in(self, service: str) -> int | None:
        return min((self.known[each] for each in {service, EVERY_SERVICE} if each in self.known), default=None)

    @cached_property
    def _age(self) -> str:
        """A phone with any entry is never unknown; else it is, if it may be older than the records."""
        first = min([call.started_at for call in self.calls[:1]] + [order.created_at for order in self.orders[:1]])
        unknown = not self.known and self.unknown_before is not None and first < self.unknown_before
        return "unknown" if unknown else "new"

    def _of_contact(self, contact: Contact) -> dict[str, bool]:
        recovered = contact.missed and self._is_recovered(contact)
        demand = not self._has_open_order(contact)
        return {
            "contacts": True,
            "contacts_missed": contact.missed,
            "contacts_recovered": recovered,
            "contacts_lost": contact.missed and not recovered,
            "contacts_demand": demand,
            "contacts_converted": demand and any(call.key in self._converting for call in contact.calls),
        }

    def _is_recovered(self, contact: Contact) -> bool:
        """Answered, reached or ordered from its first start until the recovery time after its last end."""
        at = bisect_left(self._good_moments, contact.first.started_at)
        last = contact.ended_at + self.settings.recovery_ms
        return at < len(self._good_moments) and self._good_moments[at] <= last

    @cached_property
    def _good_moments(self) -> list[int]:
        answered = [call.started_at for call in self.calls if call.answered]
        return sorted([*answered, *self.reached, *(order.created_at for order in self.orders)])

    def _has_open_order(self, contact: Contact) -> bool:
        """When the first call started; the orders that this contact brought, at any level, aside."""
        at = contact.first.started_at
        opened, closed = self._open
        aside = [order for call in contact.calls for order in self._orders_of.get(call.key, ()) if order.is_open(at)]
        return bisect_right(opened, at) - bisect_right(closed, at) > len(aside)

    @cached_property
    def _open(self) -> tuple[list[int], list[int]]:
        """When orders opened and closed, each sorted; the difference of the counts is how many are open."""
        opened = [order for order in self.orders if order.open_until > order.created_at]
        return [order.created_at for order in opened], sorted(order.open_until for order in opened)

    @cached_property
    def _orders_of(self) -> dict[CallKey, list[Order]]:
        found: dict[CallKey, list[Order]] = {}
        for order in self.orders:
            call = self._call_of(order)
            if call is not None:
                found.setdefault(call, []).append(order)
        return found

    @cached_property
    def _converting(self) -> frozenset[CallKey]:
        """Calls that brought an order at level A (of whatever phone) or B."""
        near = {brought.call for brought in self.brought.values() if brought.level == "B" and brought.call}
        return self.carded | near

    def _call_of(self, order: Order) -> CallKey | None:
        brought = self.brought.get(order.id)
        return brought and brought.call

    def _was_silent_before(self, order: Order) -> bool:
        """No order created and no call started for so long, the calls of the contact that brought it aside."""
        before = self.orders[bisect_left(self.orders, order) - 1].created_at
        call = self._last_call_before(order)
        latest = before if call is None else max(before, call.started_at)
        return order.created_at - latest > self.settings.reactivation_ms

    def _last_call_before(self, order: Order) -> Call | None:
        at = bisect_left(self._starts, order.created_at) - 1
        brought = self._call_of(order)
        if at >= 0 and brought is not None and self._contact_of[self.calls[at].key] == self._contact_of.get(brought):
            at = self._before_its_contact[at]
        return self.calls[at] if at >= 0 else None

    @cached_property
    def _starts(self) -> list[int]:
        return [call.started_at for call in self.calls]

    @cached_property
    def _contact_of(self) -> dict[CallKey, CallKey]:
        """Call -> the first one of its contact."""
        return {call.key: contact.first.key for contact in self.contacts for call in contact.calls}

    @cached_property
    def _before_its_contact(self) -> list[int]:
        """For each call the last one before it that is of another contact; -1 where there is none."""
        contact = [self._contact_of[call.key] for call in self.calls]
        found: list[int] = []
        for at in range(len(contact)):
            same = at > 0 and contact[at - 1] == contact[at]
            found.append(found[at - 1] if same else at - 1)
        return found
