"""An endless seeded feed made to move numbers about: legs revised, repeated, out of order, months late; many redials.

Goes out: a directory whose servers and organisations reach every partition, its call records and orders. Delivery that
loses or doubles anything ends in other facts: nearly every record here takes some earlier statement back.
"""

import heapq
import random
from collections.abc import Iterator, Mapping
from itertools import count

import orjson

from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, format_time, parse_time
from streams.contracts.topics import CALL_RECORDS, ORDER_EVENTS
from tests.faults.orders import order_of

SERVERS = ("pbx-3", "pbx-4", "pbx-1", "pbx-9")
"""Their keys fall into partitions 0, 1, 2 and 3 of four."""
ORGANISATIONS = ("taxi-4", "taxi-1", "taxi-10", "taxi-2")
PHONES = 150
"""Of each organisation: few, so that calls of one client meet and the marks of new callers move."""
OPENED = parse_time("2026-02-01T00:00:00Z")
MONTHS_BACK_MS = 300 * DAY_MS

ORDERS_PER_CALL = 0.2

Record = dict[str, object]
Message = tuple[str, bytes, bytes]
"""Topic, key, value."""


def directory() -> str:
    """One gateway of every organisation on every server, under one account name."""
    return "\n".join(
        ["organisations:", *map(_organisation, ORGANISATIONS), "servers:", *map(_server, SERVERS), *_gateways()]
    )


def _organisation(name: str) -> str:
    return (
        f"  - {{id: {name}, name: {name}, time_zone: Europe/Moscow, region: RU, history_from: 2025-12-01, "
        f"services: [{{id: {name}-city, name: {name}}}]}}"
    )


def _server(name: str) -> str:
    return f"  - {{id: {name}, time_zone: Europe/Moscow}}"


def _gateways() -> Iterator[str]:
    yield "gateways:"
    for server_number, server in enumerate(SERVERS):
        for number, organisation in enumerate(ORGANISATIONS, start=1):
            line = f'{{service: {organisation}-city, numbers: ["+7495111{server_number}00{number}"]}}'
            yield f"  - {{server: {server}, account: GSM{number}, lines: [{line}]}}"


def records(seed: int | str) -> Iterator[Message]:
    """Each call's legs and each order's states now or somewhat later, some of them again, some revised."""
    chance = random.Random(seed)
    due: list[tuple[int, int, Record]] = []
    tie = count()
    for turn in count():
        legs = _call(chance, turn)
        appearing = [again for leg in legs for again in _appearances(chance, leg)]
        if chance.random() < ORDERS_PER_CALL:
            created = parse_time(str(legs[0]["started_at"])) + chance.randrange(10 * MINUTE_MS)
            appearing += [(chance.choice((0, 1, 5, 300)), state) for state in order_of(chance, turn, legs[0], created)]
        for wait, record in appearing:
            heapq.heappush(due, (turn + wait, next(tie), record))
        while due and due[0][0] <= turn:
            yield _message(heapq.heappop(due)[2])


def _message(record: Record) -> Message:
    if "order_id" in record:
        return ORDER_EVENTS.name, f"{record['organisation']}/{record['order_id']}".encode(), orjson.dumps(record)
    return CALL_RECORDS.name, str(record["server"]).encode(), orjson.dumps(record)


def _appearances(chance: random.Random, leg: Record) -> Iterator[tuple[int, Record]]:
    """How many calls later a leg's record comes, and what comes after it."""
    wait = chance.choice((0, 0, 0, 1, 5, 40))
    yield wait, leg
    if chance.random() < 0.1:
        yield wait + chance.randrange(200), leg
    if chance.random() < 0.1:
        yield wait + chance.randrange(400), {**leg, "revision": 1, "gateway": f"GSM{chance.randint(1, 4)}"}


def _call(chance: random.Random, turn: int) -> list[Record]:
    late = chance.randrange(MONTHS_BACK_MS) if chance.random() < 0.05 else chance.randrange(HOUR_MS)
    start = OPENED + turn * 20 * SECOND_MS - late
    organisation = chance.randint(1, len(ORGANISATIONS))
    call: Record = {
        "v": 1,
        "server": chance.choice(SERVERS),
        "call_id": f"call-{turn}",
        "gateway": f"GSM{organisation}",
        "direction": "inbound" if chance.random() < 0.9 else "outbound",
        "caller": f"+7916{organisation}{chance.randrange(PHONES):06d}",
        "callee": f"+7916{organisation}{chance.randrange(PHONES):06d}",
        "observed_at": format_time(OPENED + 300 * DAY_MS),
    }
    return [_leg(chance, call, f"{turn}-{number}", start) for number in range(chance.choice((1, 1, 2, 3)))]


def _leg(chance: random.Random, call: Mapping[str, object], identity: str, start: int) -> Record:
    begun = start + chance.randrange(10 * SECOND_MS)
    ended = begun + chance.randrange(120 * SECOND_MS)
    times = {"started_at": format_time(begun), "ended_at": format_time(ended)}
    if chance.random() < 0.6:
        times |= {"answered_at": format_time(begun + chance.randrange(ended - begun + 1)), "answered_by": "agent"}
    return {**call, "record_id": identity, "channel_ids": [f"{identity}-a"], **times}
