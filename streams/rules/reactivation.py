"""Clients that came back: a completed order after a long time without any activity of its client.

Comes in: orders whose latest activity before them may be another one now. Goes out: their facts, marked. The calls of
the contact that an order is attributed to are no activity before it: they are how it came.
"""

from collections.abc import Container, Iterator

from streams.rules import contacts, stored_orders
from streams.rules.changes import Changes, Identity
from streams.rules.clients import Client, Header
from streams.rules.keys import creation_parts
from streams.rules.marks import OrderRef
from streams.rules.runs import Moment, at, start_of
from streams.rules.stored_calls import OUTCOMES, StoredCall
from streams.rules.stored_orders import COMPLETED, KINDS, StoredOrder
from streams.rules.touched import Touched


def reactivate(changes: Changes, touched: Touched) -> None:
    for identity, observed_at in _to_look_at(changes, touched).items():
        order = changes.orders.change(identity, observed_at).after
        if order is not None:
            order.fact["reactivated_clients"] = int(is_reactivated(order, changes, observed_at))


def _may_come_back(client: Client) -> bool:
    """Else no order of it came back or comes back: from its first completed to its last one it is not long enough."""
    completed = client.header.completed.values()
    if not completed:
        return False
    since = min(ref.created for ref in (*completed, *client.before.completed.values()))
    return max(client.header.last_ordered.values()) - since > client.settings.reactivation_ms


def is_reactivated(order: StoredOrder, changes: Changes, observed_at: int) -> bool:
    if not (order.is_clients and order.is_completed):
        return False
    client = changes.client(order.organisation, order.fact["phone"], observed_at)
    if order.ref == min(client.header.completed.values()) or not _may_come_back(client):
        return False
    quiet_since = order.fact["created_at"] - client.settings.reactivation_ms
    return _previous_order(client, order) < quiet_since and all(
        _latest_call(client, service, order) < quiet_since for service in client.header.first
    )


BEFORE_ALL = -1


def _previous_order(client: Client, order: StoredOrder) -> int:
    """When the client's order before this one, by (created, id), was created."""
    return max(_start(client.orders(service).last(KINDS, order.moment)) for service in client.header.ordered)


def _latest_call(client: Client, service: str, order: StoredOrder) -> int:
    """When the client's last call to the service before the order started, those of the order's contact aside."""
    calls = client.calls(service)
    latest = _start(calls.last(OUTCOMES, at(order.fact["created_at"])))
    tie = order.tie
    if tie is None or (tie.phone, tie.service) != (client.phone, service):
        return latest
    contact = next(contacts.backwards(client, service, tie.start))
    return _start(calls.last(OUTCOMES, contact.first)) if contact.holds(latest) else latest


def _start(moment: Moment | None) -> int:
    return BEFORE_ALL if moment is None else start_of(moment)


def _to_look_at(changes: Changes, touched: Touched) -> dict[Identity, int]:
    """Of an activity that came or went only the next order hears: the one behind that has a later one before it."""
    orders = dict(touched.orders)
    returning = dict.fromkeys(client for client in changes.clients if _may_come_back(client))
    if not returning:
        return orders
    for client, following in _next_orders(changes, returning):
        orders.setdefault((client.organisation, following), client.observed_at)
    for client in returning:
        for ref in _moved_first_completed(client.before, client.header):
            orders.setdefault((client.organisation, ref.id), client.observed_at)
    for client, service, since, until in touched.regrouped:
        for converts in (True, False) if client in returning else ():
            for name in stored_orders.tied(client, service, converts, since, until):
                orders.setdefault((client.organisation, name), client.observed_at)
    return orders


def _next_orders(changes: Changes, returning: Container[Client]) -> Iterator[tuple[Client, str]]:
    for call in changes.calls.told.values():
        for client, since in _moved(_activity_of_call(call.before), _activity_of_call(call.after)):
            yield from _next_order(client, since) if client in returning else ()
    for order in changes.orders.told.values():
        for client, since in _moved(_activity_of_order(order.before), _activity_of_order(order.after)):
            yield from _next_order(client, since) if client in returning else ()


Activity = tuple[Client, Moment, str, int]
"""Whose it is, and what begins behind it; service and end tell whether it is still the same."""


def _activity_of_call(call: StoredCall | None) -> Activity | None:
    if call is None or not call.is_clients:
        return None
    fact = call.fact
    return call.client, at(fact["started_at"] + 1), fact["service"], fact["ended_at"]


def _activity_of_order(order: StoredOrder | None) -> Activity | None:
    return None if order is None or not order.is_clients else (order.client, order.moment + b"\0", "", 0)


def _moved(before: Activity | None, after: Activity | None) -> list[tuple[Client, Moment]]:
    return [] if before == after else [each[:2] for each in (before, after) if each is not None]


def _next_order(client: Client, since: Moment) -> Iterator[tuple[Client, str]]:
    firsts = [orders.first((COMPLETED,), since) for orders in client.orders_since(start_of(since))]
    first = min(filter(None, firsts), default=None)
    if first is not None:
        yield client, creation_parts(first)[1]


def _moved_first_completed(before: Header, now: Header) -> tuple[OrderRef, ...]:
    """The client's first completed order as it was and as it is: one comes back at the earliest with the second."""
    if not before.completed or not now.completed:
        return ()
    firsts = min(before.completed.values()), min(now.completed.values())
    return firsts if firsts[0] != firsts[1] else ()
