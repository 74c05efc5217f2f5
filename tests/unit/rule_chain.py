"""The rules chained as the agents chain them, over states in memory: raw records in, net facts out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from streams.chunks import MemoryState, Outputs
from streams.contracts.directory import Entities
from streams.contracts.facts import (
    CallFact,
    OrderFact,
    SignedCallFact,
    SignedOrderFact,
    read_call_fact,
    read_order_fact,
)
from streams.contracts.times import format_time, parse_time
from streams.contracts.topics import CALL_FACTS, CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS, Topic
from streams.directory import Directory
from streams.rules.announce_clients import announce_clients
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls
from streams.rules.deduplicate_orders import deduplicate_orders

WORLD = Entities.model_validate(
    {
        "organisations": [
            {
                "id": "orbita",
                "name": "Орбита",
                "time_zone": "Europe/Moscow",
                "region": "RU",
                "area_code": "495",
                "history_from": "2026-01-01",
                "staff_numbers": ["+79160000001", "101"],
                "order_states": {"выполнен": "completed"},
                "order_sources": {"КПК": "handheld", "app": "partner"},
            },
            {"id": "volna", "name": "Волна", "time_zone": "Asia/Yekaterinburg", "region": "RU"},
        ],
        "services": [
            {"id": "city", "organisation": "orbita", "name": "Город", "aliases": ["1", "night"]},
            {"id": "night", "organisation": "orbita", "name": "Ночь", "time_zone": "Asia/Kolkata"},
            {"id": "wave", "organisation": "volna", "name": "Волна"},
        ],
        "servers": [
            {"id": "pbx-1", "time_zone": "Europe/Moscow", "internal_peers": ["peer"]},
            {"id": "pbx-2", "time_zone": "Asia/Yekaterinburg"},
        ],
        "gateways": [
            {
                "server": "pbx-1",
                "account": "GSM1",
                "lines": [
                    {"service": "city", "numbers": ["+74951110001", "+74951110009"], "until": "2026-06-01"},
                    {"service": "night", "numbers": ["+74951110001"], "from": "2026-06-10"},
                ],
            },
            {"server": "pbx-1", "account": "GSM2", "lines": [{"service": "night", "numbers": ["+74951110002"]}]},
            {"server": "pbx-1", "account": "peer", "lines": [{"service": "city", "numbers": ["+74951110003"]}]},
            {"server": "pbx-2", "account": "GSM1", "lines": [{"service": "wave", "numbers": ["+73431110001"]}]},
            {"server": "pbx-2", "account": "GSM2", "lines": [{"service": "city", "numbers": ["+74951110004"]}]},
        ],
    }
)
DIRECTORY = Directory(WORLD, 1)
CLIENT = "+79161234567"


class Raw(NamedTuple):
    key: bytes | None
    value: bytes | None
    offset: int = 0
    topic: Topic = CALL_RECORDS


def at(text: str) -> int:
    """10:00:00 is a time of the 1st of March 2026, UTC; so are whole RFC 3339 times what they say."""
    return parse_time(text if "T" in text else f"2026-03-01T{text}Z")


def leg(record_id: str = "r1", start: str = "10:00:00", end: str = "10:01:00", **fields: Any) -> Raw:
    """A record of one unanswered inbound leg of a client, on a mapped gateway, unless told otherwise."""
    answered = fields.pop("answered", None)
    record = {
        "v": 1,
        "server": "pbx-1",
        "record_id": record_id,
        "call_id": "c1",
        "direction": "inbound",
        "gateway": "GSM1",
        "caller": CLIENT,
        "callee": "600",
        "started_at": format_time(at(start)),
        "ended_at": format_time(at(end)),
        "answered_at": None if answered is None else format_time(at(answered)),
        "answered_by": None if answered is None else "agent",
        "observed_at": format_time(at(end)),
    } | fields
    return Raw(str(record["server"]).encode(), orjson.dumps(record))


def call(name: str, start: str, end: str = "", *, answered: bool = False, **fields: Any) -> Raw:
    """A call of one leg, of one minute unless told otherwise; `answered`: by an agent at once."""
    begin = at(start)
    finish = format_time(at(end) if end else begin + 60_000)
    times = {"started_at": format_time(begin), "ended_at": finish, "observed_at": finish}
    if answered:
        times |= {"answered_at": format_time(begin), "answered_by": "agent"}
    return leg(name, **({"call_id": name} | times | fields))


def order(order_id: str = "o1", created: str = "10:00:00", occurred: str | None = None, **fields: Any) -> Raw:
    """An event of a waiting order that operators took from a client, without a card, unless told otherwise."""
    pickup = fields.pop("pickup", None)
    event = {
        "v": 1,
        "organisation": "orbita",
        "order_id": order_id,
        "revision": 0,
        "occurred_at": format_time(at(occurred or created)),
        "created_at": format_time(at(created)),
        "pickup_at": None if pickup is None else format_time(at(pickup)),
        "state": "waiting",
        "source": "operator",
        "service": "city",
        "phone": CLIENT,
        "observed_at": format_time(at(occurred or created)),
    } | fields
    return Raw(f"{event['organisation']}/{order_id}".encode(), orjson.dumps(event), topic=ORDER_EVENTS)


def known(since: str, **fields: Any) -> Raw:
    """An entry of the client base: the client is known in every service since then, unless told otherwise."""
    entry = {
        "v": 1,
        "organisation": "orbita",
        "phone": CLIENT,
        "service": None,
        "first_order_at": format_time(at(since)),
        "observed_at": "2026-03-02T00:00:00Z",
    } | fields
    return Raw(str(entry["organisation"]).encode(), orjson.dumps(entry), topic=CLIENT_BASE)


FIRST_STAGES = {CALL_RECORDS: deduplicate_calls, ORDER_EVENTS: deduplicate_orders, CLIENT_BASE: announce_clients}


@dataclass
class Chain:
    """The rules with their states; `facts` and `order_facts` are every signed row ever emitted, in order."""

    directory: Directory = DIRECTORY
    calls: MemoryState = field(default_factory=MemoryState)
    orders: MemoryState = field(default_factory=MemoryState)
    base: MemoryState = field(default_factory=MemoryState)
    clients: MemoryState = field(default_factory=MemoryState)
    facts: list[SignedCallFact] = field(default_factory=list)
    order_facts: list[SignedOrderFact] = field(default_factory=list)

    @property
    def states(self) -> tuple[MemoryState, ...]:
        return self.calls, self.orders, self.base, self.clients

    def take(self, *chunk: Raw) -> Outputs:
        """One chunk through all rules; returns what the first ones gave out."""
        told = Outputs()
        for topic, state in ((CALL_RECORDS, self.calls), (ORDER_EVENTS, self.orders), (CLIENT_BASE, self.base)):
            outputs = FIRST_STAGES[topic]([raw for raw in chunk if raw.topic == topic], state, self.directory)
            told.emitted += outputs.emitted
            told.refused += outputs.refused
        stated = classify_clients([Raw(key, value) for _, key, value in told.emitted], self.clients, self.directory)
        self.facts += [read_call_fact(value) for topic, _, value in stated.emitted if topic == CALL_FACTS]
        self.order_facts += [read_order_fact(value) for topic, _, value in stated.emitted if topic != CALL_FACTS]
        return told

    def restart(self) -> None:
        """Nothing but the stored bytes survives."""
        self.calls, self.orders, self.base, self.clients = map(_reloaded, self.states)

    def net(self) -> list[CallFact]:
        return net(self.facts)

    def net_orders(self) -> list[OrderFact]:
        return net_orders(self.order_facts)

    def call(self, name: str) -> CallFact:
        """The fact of a call by its id."""
        return next(row for row in self.net() if row["id"] == name)

    def order(self, name: str) -> OrderFact:
        return next(row for row in self.net_orders() if row["id"] == name)


def chain_of(*chunk: Raw, directory: Directory = DIRECTORY) -> Chain:
    """What becomes of records that arrive in one chunk."""
    chain = Chain(directory)
    chain.take(*chunk)
    return chain


def facts(*records: Raw) -> list[CallFact]:
    """The net facts of records that arrive in one chunk."""
    return chain_of(*records).net()


def fact(*records: Raw) -> CallFact:
    (only,) = facts(*records)
    return only


def net(rows: Iterable[SignedCallFact]) -> list[CallFact]:
    """Signs summed per row; what was taken back is gone. Fails where a row counts twice, or less than nothing."""
    found: list[CallFact] = _net(rows, CallFact.__annotations__)
    return found


def net_orders(rows: Iterable[SignedOrderFact]) -> list[OrderFact]:
    found: list[OrderFact] = _net(rows, OrderFact.__annotations__)
    return found


def _net(rows: Iterable[Any], names: Iterable[str]) -> list[Any]:
    signs: Counter[bytes] = Counter()
    for row in rows:
        signs[orjson.dumps({name: row[name] for name in names})] += row["sign"]
    assert set(signs.values()) <= {0, 1}
    return [orjson.loads(row) for row in sorted(row for row, sign in signs.items() if sign)]


def in_chunks(records: Sequence[Raw], sizes: Iterable[int]) -> Iterator[Sequence[Raw]]:
    """Cut into chunks of these sizes; what is left over is the last chunk."""
    first = 0
    for size in sizes:
        yield records[first : first + size]
        first += size
    yield records[first:]


def directory_with(settings: dict[str, int] | None = None, **fields: Any) -> Directory:
    """The world with other settings or fields of the first organisation."""
    orbita, *others = WORLD.organisations
    changed = {"settings": orbita.settings.model_copy(update=settings or {}), **fields}
    return Directory(WORLD.model_copy(update={"organisations": (orbita.model_copy(update=changed), *others)}))


def _reloaded(state: MemoryState) -> MemoryState:
    fresh = MemoryState()
    for key, value in state.range(b"", b"\xff" * 512):
        fresh.put(key, value)
    return fresh
