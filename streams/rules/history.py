"""The calls, orders and entries of a chunk enter and leave the histories of their clients: indices, headers, contacts.

Comes in: how each was and is. Goes out: a state in which everything is found where it is now, and what that touches.
"""

from typing import TypeVar

from streams.rules import contacts, stored_calls, stored_orders
from streams.rules.changes import Change, Changes
from streams.rules.clients import count
from streams.rules.keys import END, at_creation, at_moment
from streams.rules.marks import OrderRef, Ref
from streams.rules.runs import Lengths, Span, start_of
from streams.rules.stored_calls import OUTCOMES, StoredCall
from streams.rules.stored_orders import COMPLETED, STATES, StoredOrder
from streams.rules.touched import Touched

T = TypeVar("T")


def enter(changes: Changes) -> Touched:
    touched = Touched()
    for call in changes.calls.told.values():
        _change_call(call, changes, touched)
    for identity, order in changes.orders.told.items():
        _change_order(order, changes)
        touched.order(identity, order.observed_at)
    for entry, observed_at in changes.entries:
        known = changes.client(entry["organisation"], entry["phone"], observed_at).header.known
        known[entry["service"]] = entry["first_order_at"]
    return touched


def _change_call(change: Change[StoredCall], changes: Changes, touched: Touched) -> None:
    before, after = change.before, change.after
    if _has_members(before) or _has_members(after):
        stored_calls.place_members(changes.state, before, after)
    if before is not None and after is not None and _has_grown(before, after):
        _grow(before, after, touched)
        return
    if before is not None and before.place:
        _leave(before, touched)
    if after is not None and after.place:
        _join(after, touched)


def _has_members(call: StoredCall | None) -> bool:
    return call is not None and len(call.call_ids) > 1


def _has_grown(before: StoredCall, after: StoredCall) -> bool:
    """Or stayed as long as it was: nothing that it held together can fall apart."""
    old, new = before.fact, after.fact
    return (
        before.is_clients
        and after.is_clients
        and (old["phone"], old["service"]) == (new["phone"], new["service"])
        and new["started_at"] <= old["started_at"]
        and old["ended_at"] <= new["ended_at"]
    )


def _grow(before: StoredCall, after: StoredCall, touched: Touched) -> None:
    client, service = after.client, after.fact["service"]
    if before.place != after.place:
        stored_calls.take_away(before)
    if before.place != after.place or before.fact["ended_at"] != after.fact["ended_at"]:
        stored_calls.put_in_place(after)
    client.header.first[service] = min(client.header.first[service], after.ref)
    _count(client.header.long_calls, service, before.run.length, -1)
    _count(client.header.long_calls, service, after.run.length, +1)
    gone, there = contacts.join(client, service, _span(after), after.run.kind)
    if before.run.kind != after.run.kind:
        contacts.look_again(client, service, there[0])
    touched.regroup(client, service, gone, there)


def _join(call: StoredCall, touched: Touched) -> None:
    client, service, ref = call.client, call.fact["service"], call.ref
    stored_calls.put_in_place(call)
    if not call.is_clients:
        return
    outcome, length = call.run
    touched.regroup(client, service, *contacts.join(client, service, _span(call), outcome))
    client.header.first[service] = min(client.header.first.get(service, ref), ref)
    _count(client.header.long_calls, service, length, +1)


def _leave(call: StoredCall, touched: Touched) -> None:
    client, service = call.client, call.fact["service"]
    stored_calls.take_away(call)
    if not call.is_clients:
        return
    _count(client.header.long_calls, service, call.run.length, -1)
    if client.header.first[service] == call.ref:
        first = client.calls(service).first(OUTCOMES)
        _set(client.header.first, service, None if first is None else Ref(*at_moment(first)))
    touched.regroup(client, service, *contacts.part(client, service, _span(call)))


def _change_order(change: Change[StoredOrder], changes: Changes) -> None:
    before, after = change.before, change.after
    if (before and before.card) != (after and after.card):
        stored_orders.lay_card(changes.state, before, False)
        stored_orders.lay_card(changes.state, after, True)
    if before is not None and after is not None and _is_same_place(before, after):
        if after.is_clients and before.open_until != after.open_until:
            stored_orders.put_in_place(after)
        return
    if before is not None and before.is_clients:
        _withdraw(before)
    if after is not None and after.is_clients:
        _create(after)


def _is_same_place(before: StoredOrder, after: StoredOrder) -> bool:
    return (before.fact["phone"], before.place) == (after.fact["phone"], after.place)


def _create(order: StoredOrder) -> None:
    client, service, ref = order.client, order.fact["service"], order.ref
    stored_orders.put_in_place(order)
    header = client.header
    header.ordered[service] = min(header.ordered.get(service, ref), ref)
    header.last_ordered[service] = max(header.last_ordered.get(service, 0), ref.created)
    if order.is_completed:
        header.completed[service] = min(header.completed.get(service, ref), ref)
    _count(header.long_orders, service, order.run.length, +1)


def _withdraw(order: StoredOrder) -> None:
    client, service, ref = order.client, order.fact["service"], order.ref
    stored_orders.take_away(order)
    header = client.header
    _count(header.long_orders, service, order.run.length, -1)
    for firsts, kinds in ((header.ordered, STATES), (header.completed, (COMPLETED,))):
        if firsts.get(service) == ref:
            first = client.orders(service).first(kinds)
            _set(firsts, service, None if first is None else OrderRef(*at_creation(first)))
    if header.last_ordered[service] == ref.created:
        last = client.orders(service).last(STATES, END)
        _set(header.last_ordered, service, None if last is None else start_of(last))


def _span(call: StoredCall) -> Span:
    return Span(call.moment, call.fact["ended_at"])


def _count(lengths: dict[str, Lengths], service: str, length: int, by: int) -> None:
    if length:
        of_service = lengths.setdefault(service, {})
        count(of_service, str(length), by)
        if not of_service:
            del lengths[service]


def _set(by_service: dict[str, T], service: str, value: T | None) -> None:
    if value is None:
        del by_service[service]
    else:
        by_service[service] = value
