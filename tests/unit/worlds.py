"""Small worlds in which calls, orders and known clients meet: few phones and moments, so that windows are hit exactly.

Comes in: how to pick one of several things, at random or as hypothesis draws. Goes out: a directory and the raw
messages of the three topics, in any order, some more than once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import orjson
from hypothesis import strategies as st

from streams.contracts.directory import Entities
from streams.contracts.times import DAY_MS, format_time, parse_time

Pairs = list[tuple[bytes, bytes]]
"""(key, value) of raw messages."""

PHONES = [
    "+79161234567",
    "+79161234567",
    "+79161234567",
    "8 (916) 123-45-67",
    "9161234567",
    "2345678",
    "8 495 234-56-78",
    "8 343 234-56-78",
    "030 2345678",
    "+79160000001",
    "89160000001",
    "101",
    "anonymous",
    "",
]
EDGES = [
    parse_time(text)
    for text in (
        "2026-01-28T21:00:00Z",  # 28 days after the beginning in Moscow
        "2026-03-01T10:00:00Z",
        "2026-03-29T01:00:00Z",  # clocks go forward in Berlin
        "2026-05-31T21:00:00Z",  # the line changes in Moscow
        "2026-10-25T01:00:00Z",  # clocks go back in Berlin
    )
]
MINUTE = 60_000
STEPS = [0, 1, -1, 1_000, -1_000, MINUTE, -MINUTE, 15 * MINUTE, 30 * MINUTE, DAY_MS, -DAY_MS, 180 * DAY_MS]
LASTED = [1_000, 5_000, 6_000, 61_000, 6_001, 4_999, 999, 0]
CALL_IDS = ["c1", "c1", "c2", "c2", "c3", "c4", "c10", "C", "я"]
OWN_IDS = ["o1", "o2", "o3", "o4"]
STATES = ["completed"] * 4 + ["done", "cancelled", "no_car", "no_show", "searching", "created", "waiting", "?"]
SOURCES = ["operator"] * 5 + ["op", "handheld", "app", None, "unknown", "?"]
WORDS = ["a", "a", "a", "b", "b", "Alpha", "x", "nothing", ""]
T = TypeVar("T")


class Pick(Protocol):
    """One of these; the first is the plainest."""

    def __call__(self, options: Sequence[T], /) -> T: ...


@dataclass(frozen=True)
class World:
    entities: Entities
    calls: Pairs
    orders: Pairs
    base: Pairs


@st.composite
def worlds(draw: st.DrawFn) -> World:
    return world(lambda options: draw(st.sampled_from(options)))


def world(pick: Pick) -> World:
    """Times are an edge and a few of this world's steps away from it; thresholds are some of these steps."""
    steps = [pick(STEPS) for _ in range(pick([2, 1, 3, 4]))]
    edge, phones = pick(EDGES), [PHONES[0], *(pick(PHONES) for _ in range(pick([0, 1, 2])))]

    def moment() -> int:
        at = pick([edge] * 5 + [pick(EDGES)])
        return at + sum(pick(steps) for _ in range(pick([1, 0, 2, 3])))

    return World(
        directory(pick, [abs(step) for step in steps]),
        _feed(pick, [_call(pick, moment(), phones) for _ in range(pick(range(2, 9)))]),
        _feed(pick, [_order(pick, moment, phones) for _ in range(pick(range(1, 7)))]),
        _feed(pick, [_entries(pick, moment, phones) for _ in range(pick([0, 0, 1, 2]))]),
    )


def directory(pick: Pick, thresholds: Sequence[int]) -> Entities:
    windows = ("contact_gap_ms", "recovery_ms", "open_order_ms", "attribution_ms", "reactivation_ms", "unknown_age_ms")
    given = {name: pick([None, *thresholds]) for name in windows} | pick([{}, {"short_call_ms": 1_000}])
    one = {
        "id": "one",
        "name": "-",
        "time_zone": pick(["Europe/Moscow", "Europe/Berlin", "Asia/Kolkata"]),
        "region": "RU",
        "area_code": pick(["495", None]),
        "history_from": pick([None, "2026-01-01", "2026-10-01"]),
        "staff_numbers": pick([[], ["+79160000001", "101"], ["89160000001", "2345678"]]),
        "settings": {name: value for name, value in given.items() if value is not None}
        | pick([{}, {"local_digits": 3}]),
        "order_states": pick([{"done": "completed"}, {"done": "cancelled", "waiting": "completed"}]),
        "order_sources": pick([{"op": "operator"}, {"app": "operator"}]),
    }
    two = {"id": "two", "name": "-", "time_zone": "Europe/Berlin", "region": "DE", "area_code": "30", "currency": "EUR"}
    change = pick(["2026-06-01", "2026-03-29", "2026-03-30"])
    later = {"service": pick(["a", "b", "x"]), "numbers": ["2", "3"], "from": change}
    lines = [{"service": "a", "numbers": ["1"], "until": change}, *pick([[], [later]])]
    x = {"id": "x", "organisation": "two", "name": "-", "region": pick(["RU", None]), "aliases": ["Alpha", "nothing"]}
    return Entities.model_validate(
        {
            "organisations": [one, two],
            "services": [
                {"id": "a", "organisation": "one", "name": "-", "aliases": ["Alpha"]},
                {"id": "b", "organisation": "one", "name": "-", "time_zone": "Asia/Yekaterinburg", "area_code": "343"},
                x,
            ],
            "servers": [
                {"id": "p1", "time_zone": "Europe/Moscow", "internal_peers": ["peer"]},
                {"id": "p2", "time_zone": "Europe/Berlin", "internal_peers": pick([[], ["GSM2"]])},
            ],
            "gateways": [
                {"server": "p1", "account": "GSM1", "lines": lines},
                {"server": "p1", "account": "GSM2", "lines": [{"service": "b", "numbers": ["4"]}]},
                {"server": "p1", "account": "peer", "lines": [{"service": "a", "numbers": ["5"]}]},
                {"server": "p2", "account": "GSM1", "lines": [{"service": "b", "numbers": ["6"]}]},
                {"server": "p2", "account": "GSM2", "lines": [{"service": "a", "numbers": ["7"]}]},
                {"server": "p2", "account": "BER", "lines": [{"service": "x", "numbers": ["8"]}]},
                {"server": "p1", "account": "BER", "lines": [{"service": "x", "numbers": ["9"]}]},
            ],
        }
    )


def _feed(pick: Pick, things: Iterable[Pairs]) -> Pairs:
    """The records of these in any order, some more than once."""
    left = [message for thing in things for message in thing]
    left += [pick(left) for _ in range(pick([0, 1, 3]) if left else 0)]
    return [left.pop(pick(range(len(left)))) for _ in range(len(left))]


def _call(pick: Pick, started_at: int, phones: Sequence[str]) -> Pairs:
    """A call of one to three legs; ids are few, so that calls share them and legs move from one to another."""
    call = {
        "server": pick(["p1"] * 6 + ["p2"] * 5 + ["p3"]),
        "call_id": pick(CALL_IDS),
        "direction": pick(["inbound"] * 9 + ["outbound", "outbound", "internal"]),
        "gateway": pick(["GSM1"] * 6 + ["GSM2"] * 5 + ["BER", "peer", "nobody", None]),
        "caller": pick(phones),
        "callee": pick(phones),
    }
    return [_leg(pick, call, started_at + pick([0, 0, 1_000])) for _ in range(pick([1, 1, 2, 3]))]


def _leg(pick: Pick, call: dict[str, Any], started_at: int) -> tuple[bytes, bytes]:
    """Legs that end before they are answered are refused by the contract."""
    ended_at = started_at + pick([*LASTED, MINUTE])
    answered_after = pick([None, None, 0, 1, 4_000, 5_000])
    return call["server"].encode(), orjson.dumps(
        {
            **call,
            "v": 1,
            "record_id": pick([*(f"r{number}" for number in range(1, 20)), "R"]),
            "revision": pick([0, 0, 1, 2, None]),
            "channel_ids": pick([[], [], ["x1"], ["x2", "x1"], ["x3"], ["x3", "x2"], ["c1"]]),
            "gateway": pick([call["gateway"]] * 4 + [None]),
            "started_at": format_time(started_at),
            "ended_at": format_time(ended_at),
            "answered_at": None if answered_after is None else format_time(started_at + answered_after),
            "answered_by": pick(["agent", "agent", "machine", None]),
            "observed_at": format_time(ended_at + pick([0, 1_000])),
        }
    )


def _order(pick: Pick, moment: Callable[[], int], phones: Sequence[str]) -> Pairs:
    """An order of one to three revisions; ids are few, so that two of these may be the same order."""
    identity = {"organisation": pick(["one"] * 8 + ["two", "ghost"]), "order_id": pick([*OWN_IDS, "o10", "O", "я"])}
    said = _said(pick, moment, phones)
    again = pick([[said], [said], [said, _said(pick, moment, phones)]])
    return [_event(pick, identity, *pick(again)) for _ in range(pick([1, 1, 2, 3]))]


def _said(pick: Pick, moment: Callable[[], int], phones: Sequence[str]) -> tuple[int, dict[str, Any]]:
    """When an order was made, and what a revision says of it, which a later one may say anew."""
    server, call_id = pick([(None, None), (pick(["p1", "p1", "p2", "p2", "p3"]), pick([*CALL_IDS, *CALL_IDS, "c9"]))])
    return moment(), {
        "source": pick(SOURCES),
        "service": pick(WORDS),
        "phone": pick([*phones, *phones, *phones, pick([None, *PHONES])]),
        "server": server,
        "call_id": call_id,
    }


def _event(pick: Pick, identity: dict[str, str], created_at: int, said: dict[str, Any]) -> tuple[bytes, bytes]:
    """A price without currency is refused by the contract."""
    occurred_at = created_at + pick([0, 0, 1, 1_000, MINUTE, 15 * MINUTE, DAY_MS])
    pickup_after = pick([None, None, 0, -1_000, MINUTE, DAY_MS, 90 * DAY_MS])
    return f"{identity['organisation']}/{identity['order_id']}".encode(), orjson.dumps(
        {
            **identity,
            **said,
            "v": 1,
            "revision": pick([0, 0, 1, 2, 3, 2**63 - 1]),
            "state": pick(STATES),
            "price": pick([None, 100, 0, 10**12]),
            "currency": pick(["RUB", "RUB", "EUR", None]),
            "created_at": format_time(created_at),
            "occurred_at": format_time(occurred_at),
            "pickup_at": None if pickup_after is None else format_time(created_at + pickup_after),
            "observed_at": format_time(occurred_at),
        }
    )


def _entries(pick: Pick, moment: Callable[[], int], phones: Sequence[str]) -> Pairs:
    return [_entry(pick, format_time(moment()), phones) for _ in range(pick([1, 2]))]


def _entry(pick: Pick, at: str, phones: Sequence[str]) -> tuple[bytes, bytes]:
    organisation = pick(["one"] * 6 + ["two", "ghost"])
    entry = {"v": 1, "organisation": organisation, "phone": pick(phones), "service": pick([None, *WORDS])}
    return organisation.encode(), orjson.dumps(entry | {"first_order_at": at, "observed_at": at})
