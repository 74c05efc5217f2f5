"""The calls, orders and entries of a chunk enter and leave the histories of their clients: indices, headers, contacts.

Comes in: how each was and is. Goes out: a state in which everything is found where it is now, and what that touches.
"""

from collections.abc import Mapping

from streams.rules import contacts, stored_calls, stored_orders
from streams.rules.changes import Change, Changes
from streams.rules.clients import count, put
from streams.rules.keys import END, creation_parts, moment_parts
from streams.rules.marks import OrderRef, Ref
from streams.rules.runs import Lengths, Moment, Span, start_of
from streams.rules.stored_calls import OUTCOMES, StoredCall
from streams.rules.stored_orders import COMPLETED, KINDS, StoredOrder
from streams.rules.touched import Touched

AFTER_ALL = Ref(1 << 62, "", "")


def enter(changes: Changes) -> Touched:
    touched = Touched()
    for call in changes.calls.told.values():
        _change_call(call, changes, touched)
    for identity, order in changes.orders.told.items():
        _change_order(order, changes)
        touched.order(identity, order.observed_at)
    for entry, observed_at in changes.entries:
        client = changes.client(entry["organisation"], entry["phone"], observed_at)
        known = put(client.header.known, entry["service"], entry["first_order_at"])
        client.header = client.header._replace(known=known)
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
    _precede(after)
    _lengthen(before, -1)
    _lengthen(after, +1)
    gone, there = contacts.join(client, service, _span(after), after.outcome)
    if before.outcome != after.outcome:
        contacts.look_again(client, service, there[0])
    touched.regroup(client, service, gone, there)


def _join(call: StoredCall, touched: Touched) -> None:
    stored_calls.put_in_place(call)
    if call.is_clients:
        client, service = call.client, call.fact["service"]
        touched.regroup(client, service, *contacts.join(client, service, _span(call), call.outcome))
        _precede(call)
        _lengthen(call, +1)


def _leave(call: StoredCall, touched: Touched) -> None:
    stored_calls.take_away(call)
    if call.is_clients:
        client, service = call.client, call.fact["service"]
        _lengthen(call, -1)
        if client.header.first[service] == call.ref:
            first = client.calls(service).first(OUTCOMES)
            firsts = put(client.header.first, service, None if first is None else Ref(*moment_parts(first)))
            client.header = client.header._replace(first=firsts)
        touched.regroup(client, service, *contacts.part(client, service, _span(call)))


def _precede(call: StoredCall) -> None:
    """It may be the first of its client."""
    client, service, ref = call.client, call.fact["service"], call.ref
    if ref < client.header.first.get(service, AFTER_ALL):
        client.header = client.header._replace(first=put(client.header.first, service, ref))


def _lengthen(call: StoredCall, by: int) -> None:
    if length := call.length:
        client = call.client
        longer = _count(client.header.long_calls, call.fact["service"], length, by)
        client.header = client.header._replace(long_calls=longer)


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
    stored_orders.put_in_place(order)
    client, service, ref = order.client, order.fact["service"], order.ref
    header = client.header
    client.header = header._replace(
        ordered=put(header.ordered, service, min(header.ordered.get(service, ref), ref)),
        last_ordered=put(header.last_ordered, service, max(header.last_ordered.get(service, 0), ref.created)),
        long_orders=_count(header.long_orders, service, order.length, +1),
    )
    if order.is_completed:
        completed = put(header.completed, service, min(header.completed.get(service, ref), ref))
        client.header = client.header._replace(completed=completed)


def _withdraw(order: StoredOrder) -> None:
    stored_orders.take_away(order)
    client, service, ref = order.client, order.fact["service"], order.ref
    header, orders = client.header, client.orders(service)
    last, ordered, completed = header.last_ordered, header.ordered, header.completed
    if last[service] == ref.created:
        before = orders.last(KINDS, END)
        last = put(last, service, None if before is None else start_of(before))
    if ordered[service] == ref:
        ordered = put(ordered, service, _order_at(orders.first(KINDS)))
    if completed.get(service) == ref:
        completed = put(completed, service, _order_at(orders.first((COMPLETED,))))
    longer = _count(header.long_orders, service, order.length, -1)
    client.header = header._replace(ordered=ordered, completed=completed, last_ordered=last, long_orders=longer)


def _order_at(moment: Moment | None) -> OrderRef | None:
    return None if moment is None else OrderRef(*creation_parts(moment))


def _span(call: StoredCall) -> Span:
    return Span(call.moment, call.fact["ended_at"])


def _count(lengths: Mapping[str, Lengths], service: str, length: int, by: int) -> Mapping[str, Lengths]:
    return put(lengths, service, count(lengths.get(service, {}), str(length), by) or None) if length else lengths
