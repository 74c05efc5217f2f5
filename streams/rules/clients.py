"""Which clients a chunk touches, and how their first calls move.

A client is a phone in an organisation. Its header in state holds its first call in each service; the calls behind them
are read only where a first call itself goes away.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from streams.chunks import State
from streams.rules import keys
from streams.rules.changes import Change
from streams.rules.marks import Firsts, Ref
from streams.rules.stored_calls import StoredCall, client_calls

ServiceRef = tuple[str, Ref]


@dataclass(slots=True)
class Client:
    """What the chunk takes from the client's history and adds to it; `observed_at` is the oldest behind that."""

    organisation: str
    phone: str
    observed_at: int
    gone: set[ServiceRef] = field(default_factory=set)
    come: set[ServiceRef] = field(default_factory=set)


def touched_clients(changes: Iterable[Change]) -> Iterable[Client]:
    clients: dict[tuple[str, str], Client] = {}
    for change in changes:
        if change.before is not None and change.before.is_clients:
            call = change.before
            _client(clients, call, change.observed_at).gone.add((call.fact["service"], call.ref))
        if change.after is not None and change.after.is_clients:
            call = change.after
            _client(clients, call, change.observed_at).come.add((call.fact["service"], call.ref))
    return clients.values()


def _client(clients: dict[tuple[str, str], Client], call: StoredCall, observed_at: int) -> Client:
    identity = call.fact["organisation"], call.fact["phone"]
    client = clients.get(identity)
    if client is None:
        client = clients[identity] = Client(*identity, observed_at)
    client.observed_at = min(client.observed_at, observed_at)
    return client


def moved_firsts(client: Client, before: Firsts, state: State) -> Firsts:
    """The first calls after the chunk. `state` still holds the calls as they were before it."""
    after = before.copy()
    for service, ref in client.gone - client.come:
        if before.get(service) == ref:
            _set(after, service, _next(client, service, state))
    for service, ref in client.come:
        first = after.get(service)
        if first is None or ref < first:
            after[service] = ref
    return after


def _next(client: Client, service: str, state: State) -> Ref | None:
    """The first of the calls that stay: passes over no more calls than the chunk takes away."""
    calls = client_calls(state, client.organisation, client.phone, service)
    return next((call.ref for call in calls if (service, call.ref) not in client.gone), None)


def _set(firsts: Firsts, service: str, first: Ref | None) -> None:
    if first is None:
        del firsts[service]
    else:
        firsts[service] = first


def load_firsts(client: Client, state: State) -> Firsts:
    header = state.get(keys.phone(client.organisation, client.phone))
    if header is None:
        return {}
    return {service: Ref(*ref) for service, ref in orjson.loads(header)["first"].items()}


def save_firsts(client: Client, firsts: Firsts, state: State) -> None:
    key = keys.phone(client.organisation, client.phone)
    if firsts:
        state.put(key, orjson.dumps({"first": {service: tuple(firsts[service]) for service in sorted(firsts)}}))
    else:
        state.delete(key)
