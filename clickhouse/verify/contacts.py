"""The calls of one phone as contacts, and the orders that came of them; straight from the definitions.

Comes in: the counted calls and the orders of one phone in one organisation. Goes out: contacts, and for each order of
an operator the level and the call that it is attributed to.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from streams.contracts.facts import Attribution

BEFORE_CALL_MS = 60_000

CallKey = tuple[str, str]
"""(server, id)"""


class Call(NamedTuple):
    """A counted call; they sort by (start, id), an id being (server, id)."""

    started_at: int
    server: str
    id: str
    service: str
    ended_at: int
    answered: bool
    missed: bool

    @property
    def key(self) -> CallKey:
        return self.server, self.id


class Order(NamedTuple):
    """An order of the phone; they sort by (created_at, id). Open in [created_at, open_until)."""

    created_at: int
    id: str
    service: str
    completed: bool
    by_operator: bool
    open_until: int
    card: CallKey | None
    """The counted call of the organisation that its card names: level A."""

    def is_open(self, at: int) -> bool:
        return self.created_at <= at < self.open_until


class Brought(NamedTuple):
    """Which call brought an order, and how sure that is."""

    level: Attribution
    call: CallKey | None


class Contact(NamedTuple):
    calls: tuple[Call, ...]
    ended_at: int

    @property
    def first(self) -> Call:
        return self.calls[0]

    @property
    def missed(self) -> bool:
        return any(call.missed for call in self.calls) and not any(call.answered for call in self.calls)


def contacts(calls: Iterable[Call], gap_ms: int) -> list[Contact]:
    """Calls to one service whose start is at most the gap after the latest end so far."""
    found: list[Contact] = []
    for _, of_service in groupby(sorted(calls, key=lambda call: (call.service, call)), key=lambda call: call.service):
        chain: list[Call] = []
        ended_at = 0
        for call in of_service:
            if chain and call.started_at > ended_at + gap_ms:
                found.append(Contact(tuple(chain), ended_at))
                chain, ended_at = [], 0
            chain.append(call)
            ended_at = max(ended_at, call.ended_at)
        found.append(Contact(tuple(chain), ended_at))
    return found


def attributed(orders: Sequence[Order], calls: Sequence[Call], within_ms: int) -> dict[str, Brought]:
    """Order id -> what brought it, for the orders of operators. `calls` are in their order."""
    longest = max((call.ended_at - call.started_at for call in calls), default=0)
    starts = [call.started_at for call in calls]

    def near(at: int) -> list[Call]:
        """Those in whose window the moment lies; no call that started earlier than this can have lasted until it."""
        since = bisect_left(starts, at - within_ms - longest)
        until = bisect_right(starts, at + BEFORE_CALL_MS)
        return [call for call in calls[since:until] if at <= call.ended_at + within_ms]

    return {order.id: _brought(order, near(order.created_at)) for order in orders if order.by_operator}


def _brought(order: Order, near: Sequence[Call]) -> Brought:
    if order.card is not None:
        return Brought("A", order.card)
    same = [call for call in near if call.service == order.service]
    if same:
        return Brought("B", _nearest(order, same).key)
    return Brought("C", _nearest(order, near).key) if near else Brought("D", None)


def _nearest(order: Order, calls: Sequence[Call]) -> Call:
    """Answered calls first, then the least distance to the start, the latest start, the smallest id."""
    return min(
        calls,
        key=lambda call: (
            not call.answered,
            abs(order.created_at - call.started_at),
            -call.started_at,
            call.server,
            call.id,
        ),
    )
