"""What contacts count as: missed, recovered or lost, in demand of a car, converted into an order.

Comes in: contacts that changed, and moments and orders that may change what others count as. Goes out: their first
calls, marked.
"""

from collections.abc import Iterator

from streams.contracts.facts import CallFact
from streams.rules import contacts, stored_orders
from streams.rules.changes import Changes
from streams.rules.clients import Client
from streams.rules.contacts import NO_CONTACT, Contact, Measures
from streams.rules.keys import OUTBOUND, moment_parts
from streams.rules.runs import Moment, at, start_of
from streams.rules.stored_calls import ANSWERED, StoredCall
from streams.rules.stored_orders import KINDS, StoredOrder, Tie
from streams.rules.touched import Touched


def measure(changes: Changes, touched: Touched) -> None:
    _touch_reached(changes, touched)
    _touch_demand(changes, touched)
    for (client, service, first), contact in touched.contacts.items():
        measures = NO_CONTACT if contact is None else measures_of(contact, service, client, changes)
        _restate(client, service, first, contact, measures, changes)


def measures_of(contact: Contact, service: str, client: Client, changes: Changes) -> Measures:
    recovery_ms = client.settings.recovery_ms
    missed = contact.was_missed
    recovered = missed and was_reached(client, contact.start, contact.end + recovery_ms)
    demand = not has_open_order(client, service, contact, changes)
    converted = demand and is_tied(client, service, contact)
    return Measures(1, int(missed), int(recovered), int(missed and not recovered), int(demand), int(converted))


def was_reached(client: Client, since: int, until: int) -> bool:
    """The organisation answered a call of the client, or reached it by an outbound one, or an order was created."""
    return any(moment <= until for moment in _first_reached(client, since)) or _called_out(client, since, until)


def _first_reached(client: Client, since: int) -> Iterator[int]:
    for service in client.header.first:
        answered = client.calls(service).first((ANSWERED,), at(since))
        if answered is not None:
            yield start_of(answered)
    for orders in client.orders_since(since):
        created = orders.first(KINDS, at(since))
        if created is not None:
            yield start_of(created)


def _called_out(client: Client, since: int, until: int) -> bool:
    prefix = client.key + OUTBOUND
    return client.state.first(prefix + at(since), prefix + at(until + 1)) is not None


def has_open_order(client: Client, service: str, contact: Contact, changes: Changes) -> bool:
    """When the first call starts; orders attributed to the contact itself aside."""
    if not client.header.ordered:
        return False
    return any(not is_part_of(order.tie, client, service, contact) for order in _open(client, contact.start, changes))


def _open(client: Client, moment: int, changes: Changes) -> Iterator[StoredOrder]:
    for orders in client.orders_open_at(moment):
        for run in orders.holding(KINDS, moment, moment):
            for span in run:
                order = changes.orders.now((client.organisation, span.moment[8:].decode()))
                if order is not None:
                    yield order


def is_part_of(tie: Tie | None, client: Client, service: str, contact: Contact) -> bool:
    return tie is not None and (tie.phone, tie.service) == (client.phone, service) and contact.holds(tie.start)


def is_tied(client: Client, service: str, contact: Contact) -> bool:
    """An order is attributed at level A or B to any of its calls."""
    if service not in client.header.tied:
        return False
    orders = stored_orders.tied(client, service, True, contact.start, contact.end)
    return next(orders, None) is not None


def _restate(
    client: Client, service: str, first: Moment, contact: Contact | None, now: Measures, changes: Changes
) -> None:
    """Only what is different is read: a call of the state whose contact counts as it did stays where it is."""
    _, server, name = moment_parts(first)
    identity = client.organisation, f"{server}/{name}"
    if contact is not None and contact.stated != now:
        contact.stated = now
        contacts.save(client, service, contact)
    elif contact is not None and identity not in changes.calls.told:
        return
    call = changes.calls.change(identity, client.observed_at).after
    if call is not None and call.is_of(client.phone, service) and call.moment == first:
        mark(call.fact, now)


def mark(fact: CallFact, measures: Measures) -> None:
    fact["contacts"] = measures.contacts
    fact["contacts_missed"] = measures.missed
    fact["contacts_recovered"] = measures.recovered
    fact["contacts_lost"] = measures.lost
    fact["contacts_demand"] = measures.demand
    fact["contacts_converted"] = measures.converted


def _touch_reached(changes: Changes, touched: Touched) -> None:
    """The missed contacts in whose time their client was reached, or is no longer said to have been."""
    for call in changes.calls.told.values():
        before, now = _answered_at(call.before), _answered_at(call.after)
        if before != now:
            _touch_missed(before, now, touched)
    for order in changes.orders.told.values():
        before, now = _created_at(order.before), _created_at(order.after)
        if before != now:
            _touch_missed(before, now, touched)


ClientMoment = tuple[Client, int]


def _answered_at(call: StoredCall | None) -> ClientMoment | None:
    """When the call was the organisation's answer to a client with missed contacts, or its own call to it."""
    if call is None or not call.place or not call.client.header.missed:
        return None
    if call.is_clients and call.outcome != ANSWERED:
        return None
    return call.client, call.fact["started_at"]


def _created_at(order: StoredOrder | None) -> ClientMoment | None:
    if order is None or not order.is_clients or not order.client.header.missed:
        return None
    return order.client, order.fact["created_at"]


def _touch_missed(before: ClientMoment | None, now: ClientMoment | None, touched: Touched) -> None:
    for client, moment in filter(None, (before, now)):
        for service in client.header.missed:
            for contact in _lasting(client, service, moment):
                touched.contact(client, service, contact)


def _lasting(client: Client, service: str, moment: int) -> Iterator[Contact]:
    """The missed contacts that could be recovered at this moment."""
    for contact in contacts.backwards(client, service, moment):
        if contact.end + client.settings.recovery_ms < moment:
            return
        if contact.was_missed:
            yield contact


def _touch_demand(changes: Changes, touched: Touched) -> None:
    """The contacts that begin where an order is open now and was not, or was and is not."""
    for change in changes.orders.told.values():
        for client, since, until in _difference(_open_time(change.before), _open_time(change.after)):
            for service in client.header.first:
                for contact in contacts.between(client, service, since, until):
                    touched.contact(client, service, contact)


OpenTime = tuple[Client, int, int]
"""A client, from when until when it has an open order; the end is not included."""


def _open_time(order: StoredOrder | None) -> OpenTime | None:
    if order is None or not order.is_clients:
        return None
    return order.client, order.fact["created_at"], order.open_until


def _difference(before: OpenTime | None, after: OpenTime | None) -> list[OpenTime]:
    if before == after:
        return []
    if before is not None and after is not None and before[:2] == after[:2]:
        return [(before[0], min(before[2], after[2]), max(before[2], after[2]))]
    return [time for time in (before, after) if time is not None]
