"""A call -> its legs, as a PBX with queues, ring groups, transfers and trunks writes them down.

Comes in: what happened (who called whom, on which line, how it ended). Goes out: the call with its legs; times are
epoch milliseconds. Orders, when they join, are made from these calls.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from producers.simulator.dice import Dice

Outcome = Literal["answered", "missed", "short"]
AGENTS = tuple(str(extension) for extension in range(201, 225))


@dataclass(slots=True)
class Leg:
    """One record of the PBX; the names are those of the contract."""

    record_id: str
    call_id: str
    channel_ids: tuple[str, ...]
    direction: str
    gateway: str | None
    caller: str
    callee: str
    started_at: int
    ended_at: int
    answered_at: int | None = None
    answered_by: str | None = None
    agent: str | None = None


@dataclass(slots=True)
class Call:
    """What happened on one server. `phone` is the client's ten national digits, whatever the PBX saw of them."""

    server: str
    id: str
    phone: str
    started_at: int
    ended_at: int
    outcome: Outcome
    legs: list[Leg] = field(default_factory=list)


class Switch:
    """One PBX: it numbers channels and records as Asterisk does, and every server begins with the same numbers."""

    def __init__(self, server: str, first: int = 0) -> None:
        self.server = server
        self._channels = first
        self._records = first

    def channel(self, at_ms: int) -> str:
        self._channels += 1
        return f"{at_ms // 1_000}.{self._channels}"

    def record(self, channel: str, call_id: str) -> str:
        self._records += 1
        return f"{channel}/{call_id}/{self._records}"

    def leg(self, call_id: str, channels: Sequence[str], way: tuple[str, str | None], ends: tuple[str, str],
            times: tuple[int, int, int | None], by: tuple[str | None, str | None] = (None, None)) -> Leg:  # fmt: skip
        """`way`: direction, gateway; `ends`: caller, callee; `times`: start, end, answer; `by`: answered_by, agent."""
        start, end, answer = times
        record_id = self.record(channels[0], call_id)
        return Leg(record_id, call_id, tuple(channels), *way, *ends, start, end, answer, *by)


@dataclass(slots=True, frozen=True)
class Ring:
    """A call that comes in: on which line, as whom the PBX saw the caller, and how it will end."""

    at_ms: int
    gateway: str
    caller: str
    phone: str
    outcome: Outcome
    queued: bool


def inbound(switch: Switch, ring: Ring, dice: Dice) -> Call:
    """Either straight to an operator's phone, or through the greeting to a queue that rings several."""
    call_id = switch.channel(ring.at_ms)
    if not ring.queued or ring.outcome == "short":
        return _straight(switch, ring, call_id, dice)
    return _queue(switch, ring, call_id, dice)


def _straight(switch: Switch, ring: Ring, call_id: str, dice: Dice) -> Call:
    agent = dice.pick(AGENTS)
    wait = dice.between(400, 4_600) if ring.outcome == "short" else dice.between(2_000, 45_000)
    answer = ring.at_ms + wait if ring.outcome == "answered" else None
    end = ring.at_ms + wait + (dice.between(8_000, 160_000) if answer is not None else 0)
    by = ("agent", f"op-{agent}") if answer is not None else (None, None)
    times = (ring.at_ms, end, answer)
    leg = switch.leg(call_id, (call_id,), ("inbound", ring.gateway), (ring.caller, agent), times, by)
    return Call(switch.server, call_id, ring.phone, ring.at_ms, end, ring.outcome, [leg])


def _queue(switch: Switch, ring: Ring, call_id: str, dice: Dice) -> Call:
    """The machine answers at once; then rounds of ringing, three operators at a time."""
    greeted = ring.at_ms + dice.between(300, 1_500)
    rung = greeted + dice.between(3_000, 9_000)
    legs: list[Leg] = []
    for _ in range(dice.chance(0.3)):
        legs += _round(switch, ring, call_id, (rung, rung + 15_000), None, dice)
        rung += 15_500
    taken = rung + dice.between(1_000, 14_000)
    end = taken
    if ring.outcome == "answered":
        end = taken + dice.between(10_000, 180_000)
        legs += _round(switch, ring, call_id, (rung, taken), end, dice)
    else:
        legs += _round(switch, ring, call_id, (rung, taken), None, dice)
    times = (ring.at_ms, end, greeted)
    outer = switch.leg(call_id, (call_id,), ("inbound", ring.gateway), (ring.caller, "queue"), times, ("machine", None))
    return Call(switch.server, call_id, ring.phone, ring.at_ms, end, ring.outcome, [outer, *legs])


def _round(
    switch: Switch, ring: Ring, call_id: str, rings: tuple[int, int], answered_until: int | None, dice: Dice
) -> list[Leg]:
    """The phones of three operators ring; the first of them answers, where the round is answered."""
    begin, stop = rings
    first = dice.below(len(AGENTS))
    legs = []
    for place in range(3):
        agent = AGENTS[(first + place) % len(AGENTS)]
        channel = switch.channel(begin)
        taken = answered_until if place == 0 else None
        times = (begin, taken or stop, stop if taken else None)
        by = ("agent", f"op-{agent}") if taken else (None, None)
        legs.append(switch.leg(call_id, (channel,), ("internal", None), (ring.caller, agent), times, by))
    return legs


def transfer(switch: Switch, call: Call, dice: Dice) -> Leg:
    """To another operator: the PBX opens a new call and names the channel of the first one in its record."""
    begin = call.ended_at - dice.between(1_000, 4_000)
    end = call.ended_at + dice.between(5_000, 90_000)
    channel, agent = switch.channel(begin), dice.pick(AGENTS)
    from_, times = call.legs[-1].callee, (begin, end, begin + 1_000)
    return switch.leg(channel, (channel, call.id), ("internal", None), (from_, agent), times, ("agent", f"op-{agent}"))


def outbound(switch: Switch, at_ms: int, gateway: str, callee: str, phone: str, dice: Dice) -> Call:
    """An operator or a driver's automat calls a client."""
    call_id, agent = switch.channel(at_ms), dice.pick(AGENTS)
    wait = dice.between(4_000, 30_000)
    answer = at_ms + wait if dice.chance(0.7) else None
    end = at_ms + wait + (dice.between(500, 60_000) if answer is not None else 0)
    by = (dice.pick(("agent", "machine")), f"op-{agent}") if answer is not None else (None, None)
    leg = switch.leg(call_id, (call_id,), ("outbound", gateway), (agent, callee), (at_ms, end, answer), by)
    return Call(switch.server, call_id, phone, at_ms, end, "missed" if answer is None else "answered", [leg])


def internal(switch: Switch, at_ms: int, dice: Dice) -> Call:
    call_id, caller, callee = switch.channel(at_ms), dice.pick(AGENTS), dice.pick(AGENTS)
    answer = at_ms + dice.between(1_000, 12_000)
    end = answer + dice.between(200, 60_000)
    times = (at_ms, end, answer)
    leg = switch.leg(call_id, (call_id,), ("internal", None), (caller, callee), times, ("agent", f"op-{callee}"))
    return Call(switch.server, call_id, "", at_ms, end, "answered", [leg])


def trunk(here: Switch, there: Switch, at_ms: int, dice: Dice) -> tuple[Call, Call]:
    """An operator calls one on another own PBX: outbound on the one, inbound on the other, a customer's on neither."""
    call_id, channel = here.channel(at_ms), there.channel(at_ms + 80)
    caller, callee = dice.pick(AGENTS), dice.pick(AGENTS)
    answer, end = at_ms + dice.between(2_000, 15_000), at_ms + dice.between(20_000, 90_000)
    ends, by = (caller, callee), ("agent", f"op-{callee}")
    gone = here.leg(call_id, (call_id,), ("outbound", f"to-{there.server}"), ends, (at_ms, end, answer), by)
    times = (at_ms + 80, end, answer + 40)
    come = there.leg(channel, (channel,), ("inbound", f"from-{here.server}"), ends, times, by)
    return (
        Call(here.server, call_id, "", at_ms, end, "answered", [gone]),
        Call(there.server, channel, "", at_ms + 80, end, "answered", [come]),
    )


def overflow(here: Switch, there: Switch, call: Call, dice: Dice) -> Call:
    """Passed on to the operators of another own PBX: one more leg of the call here, a trunk call there."""
    begin, end = call.ended_at - 500, call.ended_at + dice.between(15_000, 90_000)
    answer, channel = begin + dice.between(1_500, 9_000), there.channel(begin + 60)
    ends, by = (call.legs[0].caller, dice.pick(AGENTS)), ("agent", None)
    way = ("outbound", f"to-{there.server}")
    call.legs = [here.leg(call.id, (here.channel(begin), call.id), way, ends, (begin, end, answer), by)]
    times = (begin + 60, end, answer)
    come = there.leg(channel, (channel,), ("inbound", f"from-{here.server}"), ends, times, by)
    return Call(there.server, channel, call.phone, begin + 60, end, "answered", [come])
