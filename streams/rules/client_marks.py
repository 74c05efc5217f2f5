"""The firsts of the clients of a chunk, as they stand now, are marked in the facts of their calls and orders.

Comes in: clients with their headers before and after the chunk. Goes out: their calls and orders, marked.
"""

from collections.abc import Callable

from streams.contracts.facts import CallFact, OrderFact
from streams.rules.changes import Changes, Identity
from streams.rules.client_base import Age, age_of
from streams.rules.clients import Client, Header
from streams.rules.marks import NO_MARKS, Firsts, Marks, OrderRef, R, Ref, marks_of

Ages = tuple[Age, Age]
"""Before the chunk, and now."""


def mark_clients(changes: Changes) -> None:
    for client in changes.clients:
        client.close()
        before, now = client.before, client.header
        if before.marked != now.marked or _tells_of_a_first(client, changes):
            certain_from = changes.certain_from(client.organisation)
            ages = _age(before, certain_from), _age(now, certain_from)
            _mark_calls(client, ages, changes)
            if before.ordered or now.ordered:
                _mark_orders(client, ages, changes)


def _tells_of_a_first(client: Client, changes: Changes) -> bool:
    header, calls, orders = client.header, changes.calls.told, changes.orders.told
    for first in header.first.values():
        if _call(client, first) in calls:
            return True
    if not header.ordered:
        return False
    firsts = (*header.ordered.values(), *header.completed.values())
    return any(_order(client, first) in orders for first in firsts)


def _call(client: Client, ref: Ref) -> Identity:
    return client.organisation, f"{ref.server}/{ref.id}"


def _order(client: Client, ref: OrderRef) -> Identity:
    return client.organisation, ref.id


def _age(header: Header, certain_from: int | None) -> Age:
    firsts = [ref.start for ref in header.first.values()] + [ref.created for ref in header.ordered.values()]
    return age_of(header.known, firsts, certain_from)


def _mark_calls(client: Client, ages: Ages, changes: Changes) -> None:
    def is_told(ref: Ref) -> bool:
        return _call(client, ref) in changes.calls.told

    for ref, marks in _to_mark(client.before.first, client.header.first, ages, is_told).items():
        call = changes.calls.change(_call(client, ref), client.observed_at).after
        if call is not None and call.is_clients and call.ref == ref and call.fact["phone"] == client.phone:
            mark_call(call.fact, marks)


def _mark_orders(client: Client, ages: Ages, changes: Changes) -> None:
    def is_told(ref: OrderRef) -> bool:
        return _order(client, ref) in changes.orders.told

    created = _to_mark(client.before.ordered, client.header.ordered, ages, is_told)
    completed = _to_mark(client.before.completed, client.header.completed, ages, is_told)
    for firsts, mark in ((created, mark_created), (completed, mark_completed)):
        for ref, marks in firsts.items():
            order = changes.orders.change(_order(client, ref), client.observed_at).after
            if order is not None and order.is_clients and order.ref == ref and order.fact["phone"] == client.phone:
                mark(order.fact, marks)


def _to_mark(before: Firsts[R], now: Firsts[R], ages: Ages, is_told: Callable[[R], bool]) -> dict[R, Marks]:
    """The firsts whose marks moved, and those that the chunk tells of, whose facts bear no marks yet."""
    if before is now and ages[0] == ages[1] and not any(map(is_told, now.values())):
        return {}
    former, marks = marks_of(before, ages[0]), marks_of(now, ages[1])
    to_mark: dict[R, Marks] = {}
    for ref in former | marks:
        mark = marks.get(ref, NO_MARKS)
        if mark != former.get(ref, NO_MARKS) or (mark != NO_MARKS and is_told(ref)):
            to_mark[ref] = mark
    return to_mark


def mark_call(fact: CallFact, marks: Marks) -> None:
    fact["new_callers_service"] = marks.new_service
    fact["new_callers_organisation"] = marks.new_organisation
    fact["unknown_callers_service"] = marks.unknown_service
    fact["unknown_callers_organisation"] = marks.unknown_organisation


def mark_created(fact: OrderFact, marks: Marks) -> None:
    fact["new_ordering_clients_service"] = marks.new_service
    fact["new_ordering_clients_organisation"] = marks.new_organisation
    fact["unknown_ordering_clients_service"] = marks.unknown_service
    fact["unknown_ordering_clients_organisation"] = marks.unknown_organisation


def mark_completed(fact: OrderFact, marks: Marks) -> None:
    fact["new_clients_service"] = marks.new_service
    fact["new_clients_organisation"] = marks.new_organisation
    fact["unknown_clients_service"] = marks.unknown_service
    fact["unknown_clients_organisation"] = marks.unknown_organisation
