"""The firsts of the clients of a chunk, as they stand now, are marked in the facts of their calls and orders.

Comes in: clients with their headers before and after the chunk. Goes out: their calls and orders, marked.
"""

from collections.abc import Callable, Mapping
from itertools import chain

from streams.contracts.facts import CallFact, OrderFact
from streams.rules.changes import Changes
from streams.rules.client_base import Age, age_of
from streams.rules.clients import Client, Header
from streams.rules.marks import Firsts, Marks, OrderRef, R, Ref, differing, marks_of


def mark_clients(changes: Changes) -> None:
    for client in list(changes.clients):
        certain_from = _certain_from(client.organisation, changes)
        before = client.before if client.has_changed else client.header
        ages = _age(before, certain_from), _age(client.header, certain_from)
        _mark_calls(client, before, ages, changes)
        _mark_orders(client, before, ages, changes)


Ages = tuple[Age, Age]
"""Before the chunk, and now."""


def _certain_from(organisation: str, changes: Changes) -> int | None:
    """A phone first seen before this moment may be an old client; None: the directory names no beginning."""
    begin = changes.directory.history_from_ms(organisation)
    return None if begin is None else begin + changes.settings(organisation).unknown_age_ms


def _age(header: Header, certain_from: int | None) -> Age:
    called, ordered = (ref.start for ref in header.first.values()), (ref.created for ref in header.ordered.values())
    return age_of(header.known, chain(called, ordered), certain_from)


def _to_mark(before: Firsts[R], now: Firsts[R], ages: Ages, is_told: Callable[[R], bool]) -> Mapping[R, Marks]:
    """The firsts whose marks moved, and those that the chunk tells of, whose facts bear no marks yet."""
    if before is now and not any(is_told(ref) for ref in now.values()):
        return {}
    marks = marks_of(now, ages[1])
    told = {ref: marks[ref] for ref in sorted(now.values()) if is_told(ref)}
    return told if before is now else told | differing(marks_of(before, ages[0]), marks)


def _mark_calls(client: Client, before: Header, ages: Ages, changes: Changes) -> None:
    def is_told(ref: Ref) -> bool:
        return (client.organisation, f"{ref.server}/{ref.id}") in changes.calls.told

    for ref, marks in _to_mark(before.first, client.header.first, ages, is_told).items():
        call = changes.calls.change((client.organisation, f"{ref.server}/{ref.id}"), client.observed_at).after
        if call is not None and call.is_clients and call.ref == ref and call.fact["phone"] == client.phone:
            mark_call(call.fact, marks)


def _mark_orders(client: Client, before: Header, ages: Ages, changes: Changes) -> None:
    def is_told(ref: OrderRef) -> bool:
        return (client.organisation, ref.id) in changes.orders.told

    created = _to_mark(before.ordered, client.header.ordered, ages, is_told)
    completed = _to_mark(before.completed, client.header.completed, ages, is_told)
    for firsts, mark in ((created, mark_created), (completed, mark_completed)):
        for ref, marks in firsts.items():
            order = changes.orders.change((client.organisation, ref.id), client.observed_at).after
            if order is not None and order.is_clients and order.ref == ref and order.fact["phone"] == client.phone:
                mark(order.fact, marks)


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
