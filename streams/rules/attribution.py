"""Which call brought an order: by its card (A), by phone and time in its service (B), in another (C), or none (D).

Comes in: orders whose call may be another one now. Goes out: their level and call, and the contacts that this concerns.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from streams.contracts.facts import Attribution
from streams.rules import stored_calls, stored_orders
from streams.rules.changes import Change, Changes
from streams.rules.clients import Client, count
from streams.rules.keys import moment_parts
from streams.rules.runs import Moment, Span
from streams.rules.stored_calls import ANSWERED, MISSED, SHORT, StoredCall
from streams.rules.stored_orders import KINDS, StoredOrder, Tie
from streams.rules.touched import Touched

BEFORE_CALL_MS = 60_000
"""An order may be created so long before the start of the call that brought it."""


class Found(NamedTuple):
    level: Attribution
    call: StoredCall | None


def attribute(changes: Changes, touched: Touched) -> None:
    _touch_orders_of_calls(changes, touched)
    for identity, observed_at in touched.orders.items():
        change = changes.orders.change(identity, observed_at)
        if change.after is not None:
            _bring(change.after, find(change.after, changes, observed_at))
        _retie(change, changes, touched)


def find(order: StoredOrder, changes: Changes, observed_at: int) -> Found:
    """Of organisations that the directory does not know, and from other sources than operators: no level at all."""
    fact = order.fact
    if fact["source"] != "operator" or not fact["organisation"]:
        return Found("", None)
    call = _of_card(order, changes)
    if call is not None:
        return Found("A", call)
    if not order.is_clients:
        return Found("D", None)
    client = changes.client(fact["organisation"], fact["phone"], observed_at)
    own, others = {fact["service"]}, client.header.first.keys() - {fact["service"]}
    call = _nearest_call(client, own, order, changes)
    if call is not None:
        return Found("B", call)
    call = _nearest_call(client, others, order, changes)
    return Found("D" if call is None else "C", call)


def _of_card(order: StoredOrder, changes: Changes) -> StoredCall | None:
    """The counted call that has the card's call_id on any of its legs, whatever the phones."""
    if not order.card:
        return None
    organisation, (server, _, call_id) = order.organisation, order.card.partition("/")
    call = changes.calls.now((organisation, order.card))
    if call is None:
        member = stored_calls.id_of_member(changes.state, organisation, server, call_id)
        call = None if member is None else changes.calls.now((organisation, f"{server}/{member}"))
    return call if call is not None and call.fact["counted"] else None


def _nearest_call(client: Client, services: Iterable[str], order: StoredOrder, changes: Changes) -> StoredCall | None:
    within_ms = client.settings.attribution_ms
    moment = nearest(client, services, order.fact["created_at"], within_ms)
    if moment is None:
        return None
    _, server, name = moment_parts(moment)
    return changes.calls.now((client.organisation, f"{server}/{name}"))


def nearest(client: Client, services: Iterable[str], created: int, within_ms: int) -> Moment | None:
    """Answered calls first, then the smallest |created - start|, then the latest start, then the smallest id."""
    services = tuple(services)
    for outcomes in ((ANSWERED,), (MISSED, SHORT)):
        runs = (
            run
            for service in services
            for run in client.calls(service).holding(outcomes, created - within_ms, created + BEFORE_CALL_MS)
        )
        found = min((near for run in runs if (near := _nearest(run, created)) is not None), default=None)
        if found is not None:
            return found[-1]
    return None


Near = tuple[int, int, bytes, Moment]


def _nearest(latest_first: Iterable[Span], created: int) -> Near | None:
    """Stops where calls get farther away again."""
    best: Near | None = None
    for span in latest_first:
        near = abs(created - span.start), -span.start, span.moment[8:], span.moment
        if best is not None and span.start < created and near[0] > best[0]:
            break
        best = near if best is None else min(best, near)
    return best


def _bring(order: StoredOrder, found: Found) -> None:
    """A and B give the order its gateway and number."""
    fact, call = order.fact, None if found.call is None else found.call.fact
    brought = call if found.level in ("A", "B") else None
    fact["server"], fact["gateway"], fact["number"] = (
        ("", "", "") if brought is None else (brought["server"], brought["gateway"], brought["number"])
    )
    fact["attribution"] = found.level
    fact["call"] = "" if call is None else f"{call['server']}/{call['id']}"
    fact["attributed_a"], fact["attributed_b"] = int(found.level == "A"), int(found.level == "B")
    fact["attributed_c"], fact["attributed_d"] = int(found.level == "C"), int(found.level == "D")
    order.tie = None
    if call is not None and call["phone"]:
        order.tie = Tie(call["phone"], call["service"], call["started_at"], brought is not None)


def _retie(change: Change[StoredOrder], changes: Changes, touched: Touched) -> None:
    """Keeps which orders are tied to the calls of a phone, and tells the contacts that one came or went."""
    before, after = change.before, change.after
    if (before and before.tie) == (after and after.tie):
        return
    for order, by in ((before, -1), (after, +1)):
        if order is not None and order.tie is not None:
            client = changes.client(order.organisation, order.tie.phone, change.observed_at)
            stored_orders.set_tied(client, order, order.tie, by > 0)
            tied = count(client.header.tied, order.tie.service, by)
            client.header = client.header._replace(tied=tied)
            touched.contact_at(client, order.tie.service, order.tie.start)


def _touch_orders_of_calls(changes: Changes, touched: Touched) -> None:
    organisations = {organisation for organisation, _ in changes.calls.told}
    with_cards = {each for each in organisations if stored_orders.any_card(changes.state, each)}
    if not with_cards and not any(client.header.ordered for client in changes.clients):
        return
    for (organisation, _), change in changes.calls.told.items():
        for call in (change.before, change.after):
            if call is None:
                continue
            for order in _around(call):
                touched.order((organisation, order), change.observed_at)
            for order in _by_card(call, changes) if organisation in with_cards else ():
                touched.order((organisation, order), change.observed_at)


def _around(call: StoredCall) -> Iterator[str]:
    """The orders of the call's client that it may have brought."""
    if call.is_clients:
        client, fact = call.client, call.fact
        since, until = fact["started_at"] - BEFORE_CALL_MS, fact["ended_at"] + client.settings.attribution_ms
        for orders in client.orders_since(since):
            for moment in orders.between(KINDS, since, until):
                yield moment[8:].decode()


def _by_card(call: StoredCall, changes: Changes) -> Iterator[str]:
    """The orders whose card names the call, by any of its call_ids: also where it is not counted, or was not.

    What hides a leg's new call for a moment is the old one, which is told to be gone later.
    """
    fact = call.fact
    for call_id in call.call_ids:
        yield from stored_orders.with_card(changes.state, fact["organisation"], f"{fact['server']}/{call_id}")
