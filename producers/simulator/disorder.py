"""What is told of legs and orders, and when: repeated, revised, delayed, out of order, months late.

Comes in: moments at which something could be told. Goes out: those at which the producer saw it. The set of records
says the same as without all this; only telling it apart is work.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from producers.simulator.calls import Leg
from producers.simulator.dice import Dice, Weighted
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS, instant, zone

DELAYS = Weighted({"at once": 9_400, "minutes": 480, "hours": 90, "days": 25, "months": 5})
LEAST_DELAY_MS = 200
REPEATED = 0.02
REVISED = 0.015


class Delivery(NamedTuple):
    """A message that is due at a moment. The order of the fields is the order of delivery."""

    due: int
    turn: int
    topic: str
    key: bytes
    value: bytes


@dataclass(slots=True, frozen=True)
class Clock:
    """How a server writes times: in its own zone, or in UTC with a Z."""

    zone: str
    writes_z: bool

    def text(self, ms: int) -> str:
        minute, rest = divmod(ms, MINUTE_MS)
        head, tail = _minute("UTC" if self.writes_z else self.zone, minute)
        return f"{head}{rest // 1_000:02d}.{rest % 1_000:03d}{'Z' if self.writes_z else tail}"


@lru_cache(maxsize=100_000)
def _minute(name: str, minute: int) -> tuple[str, str]:
    """('2026-03-01T10:00:', '+03:00')"""
    text = instant(minute * MINUTE_MS).astimezone(zone(name)).isoformat()
    return text[:17], text[19:]


def records(server: str, leg: Leg, clock: Clock, until: int, dice: Dice, found: int) -> Iterator[tuple[int, bytes]]:
    """(when it is seen, the record) for each time that the leg is told of."""
    first = seen(leg.ended_at, until, dice, found)
    if not dice.chance(REVISED):
        yield first, _record(server, leg, clock, first, 0)
    else:
        yield first, _record(server, _hasty(leg, dice), clock, first, 0)
        later = max(first + dice.between(-2 * MINUTE_MS, 30 * MINUTE_MS), leg.ended_at + LEAST_DELAY_MS)
        yield later, _record(server, leg, clock, later, 1)
    if dice.chance(REPEATED):
        again = first + dice.between(0, 10 * MINUTE_MS)
        revision = dice.below(2) if dice.chance(0.1) else 0
        yield again, _record(server, leg, clock, again, revision)


def seen(told_at: int, until: int, dice: Dice, found: int = 0) -> int:
    """When the producer sees what could be told at a moment: not before it is `found`, and as good as never after
    `until`."""
    return max(found, min(told_at + _delay(dice), max(until, told_at + LEAST_DELAY_MS)))


def _delay(dice: Dice) -> int:
    delay = DELAYS.roll(dice)
    if delay == "at once":
        return dice.between(LEAST_DELAY_MS, 3_000)
    if delay == "minutes":
        return dice.between(3_000, 10 * MINUTE_MS)
    if delay == "hours":
        return dice.between(10 * MINUTE_MS, 20 * HOUR_MS)
    if delay == "days":
        return dice.between(DAY_MS, 10 * DAY_MS)
    return dice.between(25 * DAY_MS, 120 * DAY_MS)


def _hasty(leg: Leg, dice: Dice) -> Leg:
    """What a PBX writes before it knows better: too short, and nobody answered."""
    end = leg.started_at + dice.below(leg.ended_at - leg.started_at + 1)
    return Leg(
        leg.record_id,
        leg.call_id,
        leg.channel_ids[:1],
        leg.direction,
        leg.gateway,
        leg.caller,
        leg.callee,
        leg.started_at,
        end,
    )


def _record(server: str, leg: Leg, clock: Clock, seen: int, revision: int) -> bytes:
    fields: dict[str, Any] = {
        "v": 1,
        "server": server,
        "record_id": leg.record_id,
        "revision": revision,
        "call_id": leg.call_id,
        "channel_ids": leg.channel_ids,
        "direction": leg.direction,
        "gateway": leg.gateway,
        "caller": leg.caller,
        "callee": leg.callee,
        "started_at": clock.text(leg.started_at),
        "ended_at": clock.text(leg.ended_at),
        "answered_at": None if leg.answered_at is None else clock.text(leg.answered_at),
        "answered_by": leg.answered_by,
        "agent": leg.agent,
        "observed_at": clock.text(seen),
    }
    return orjson.dumps(fields)
