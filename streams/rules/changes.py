"""What one chunk changes: the calls and orders of its messages, and those that change with them.

Comes in: activity messages. Goes out: for each call and order how it was last emitted and how it is now, stored and
emitted once. Whatever a rule looks at while it works on the chunk, it looks at through here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

import orjson

from streams.chunks import Message, Outputs, State
from streams.contracts.activity import ClientImage, read_activity
from streams.contracts.facts import fact_key
from streams.contracts.topics import CALL_FACTS, ORDER_FACTS, Topic
from streams.directory import Directory
from streams.rules import clients, keys, stored_calls, stored_orders
from streams.rules.call_facts import call_fact
from streams.rules.clients import Client
from streams.rules.stored_calls import StoredCall
from streams.rules.stored_orders import StoredOrder

T = TypeVar("T", StoredCall, StoredOrder)
Identity = tuple[str, str]
"""(organisation as the records name it, id of the activity)."""


@dataclass(slots=True)
class Change(Generic[T]):
    """As it was last emitted, and as it is now (None: not there). `observed_at` is the oldest behind it."""

    key: bytes
    before: T | None
    after: T | None
    observed_at: int


class Kind(NamedTuple, Generic[T]):
    """How calls, or orders, are stored and stated."""

    key: Callable[[str, str], bytes]
    encode: Callable[[T], bytes]
    decode: Callable[[str, bytes], T]
    topic: Topic


CALLS = Kind(keys.call, stored_calls.encode, stored_calls.decode, CALL_FACTS)
ORDERS = Kind(keys.order, stored_orders.encode, stored_orders.decode, ORDER_FACTS)


class Statements(Generic[T]):
    """The calls, or the orders, that a chunk changes: those that it tells of, and those that change with them."""

    def __init__(self, state: State, kind: Kind[T]) -> None:
        self._state = state
        self._kind: Kind[T] = kind
        self._changes: dict[Identity, Change[T]] = {}
        self.told: dict[Identity, Change[T]] = {}
        """Those of the messages."""

    def tell(self, identity: Identity, after: T | None, observed_at: int) -> None:
        """Of several images of one thing the last counts."""
        change = self.told.get(identity)
        if change is None:
            key = self._kind.key(*identity)
            self._changes[identity] = self.told[identity] = Change(key, self._load(key, identity), after, observed_at)
        else:
            change.after, change.observed_at = after, min(change.observed_at, observed_at)

    def now(self, identity: Identity) -> T | None:
        """To look at only."""
        change = self._changes.get(identity)
        return self._load(self._kind.key(*identity), identity) if change is None else change.after

    def change(self, identity: Identity, observed_at: int) -> Change[T]:
        """One of the state joins the changes."""
        change = self._changes.get(identity)
        if change is None:
            key = self._kind.key(*identity)
            stored = self._load(key, identity)
            change = self._changes[identity] = Change(key, stored, stored and stored.copy(), observed_at)
        return change

    def _load(self, key: bytes, identity: Identity) -> T | None:
        value = self._state.get(key)
        return None if value is None else self._kind.decode(identity[0], value)

    def settle(self, outputs: Outputs) -> None:
        """Stores and emits what is different; what ends the chunk as it began costs nothing."""
        for change in self._changes.values():
            if change.before != change.after:
                if change.after is None:
                    self._state.delete(change.key)
                else:
                    self._state.put(change.key, self._kind.encode(change.after))
                self._emit_difference(change, outputs)

    def _emit_difference(self, change: Change[T], outputs: Outputs) -> None:
        old = None if change.before is None else change.before.fact
        new = None if change.after is None else change.after.fact
        if old == new:
            return
        for fact, sign in ((old, -1), (new, 1)):
            if fact is not None:
                row = orjson.dumps(fact)[:-1] + b',"sign":%d,"observed_at":%d}' % (sign, change.observed_at)
                outputs.emit(self._kind.topic, fact_key(fact), row)


class Changes:
    def __init__(self, messages: Iterable[Message], state: State, directory: Directory) -> None:
        self.state = state
        self.directory = directory
        self.calls = Statements(state, CALLS)
        self.orders = Statements(state, ORDERS)
        self.entries: list[tuple[ClientImage, int]] = []
        self._clients: dict[Identity, Client] = {}
        self._certain_from: dict[str, int | None] = {}
        for message in messages:
            self._take_in(message.value or b"")
        self._meet_clients(self.calls.told)
        self._meet_clients(self.orders.told)

    @property
    def clients(self) -> Iterator[Client]:
        return iter(self._clients.values())

    def client(self, organisation: str, phone: str, observed_at: int) -> Client:
        client = self._clients.get((organisation, phone))
        if client is None:
            settings = self.directory.settings(organisation)
            client = clients.load(self.state, organisation, phone, observed_at, settings)
            self._clients[organisation, phone] = client
        elif observed_at < client.observed_at:
            client.observed_at = observed_at
        return client

    def _meet_clients(self, told: Mapping[Identity, Change[T]]) -> None:
        """Read before anything is written: what is in order stays so."""
        for (organisation, _), change in told.items():
            for stored in (change.before, change.after):
                if stored is not None and stored.place:
                    stored.client = self.client(organisation, stored.fact["phone"], change.observed_at)

    def certain_from(self, organisation: str) -> int | None:
        """Clients first seen before then may be old ones; None: the directory names no beginning of the records."""
        if organisation not in self._certain_from:
            begin, settings = self.directory.history_from_ms(organisation), self.directory.settings(organisation)
            self._certain_from[organisation] = None if begin is None else begin + settings.unknown_age_ms
        return self._certain_from[organisation]

    def settle(self) -> Outputs:
        outputs = Outputs()
        self.calls.settle(outputs)
        self.orders.settle(outputs)
        return outputs

    def _take_in(self, raw: bytes) -> None:
        activity = read_activity(raw)
        identity, observed_at = (activity["organisation"], activity["id"]), activity["observed_at"]
        if activity["kind"] == "call":
            call = activity["image"]
            stored = None if call is None else stored_calls.to_store(call_fact(call), call["call_ids"])
            self.calls.tell(identity, stored, observed_at)
        elif activity["kind"] == "order":
            order = activity["image"]
            open_order_ms = self.directory.settings(activity["organisation"]).open_order_ms
            taken = None if order is None else stored_orders.to_store(identity[0], order, open_order_ms)
            self.orders.tell(identity, taken, observed_at)
        elif activity["image"] is not None:
            self.entries.append((activity["image"], observed_at))
