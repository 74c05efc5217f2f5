"""`pulse produce simulate`: a city's history as messages in the order in which they are seen, and its life after that.

Comes in: a plan; for the live part also a clock. Goes out: deliveries, the same bytes in the same order for the same
plan on any machine. No moment of the machine's own time gets into them.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from producers.simulator import calls, profile
from producers.simulator.calls import Call, Outcome, Ring, Switch
from producers.simulator.city import UNMAPPED, Brand, City, Gate, Plan, build
from producers.simulator.clients import caller_text, client, spelt
from producers.simulator.dice import Dice, Weighted
from producers.simulator.disorder import Clock, Delivery, records
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, local_day, zone
from streams.contracts.topics import CALL_RECORDS

OUTCOMES: Weighted[Outcome] = Weighted({"answered": 80, "missed": 14, "short": 6})
REDIALS = 0.6
MOST_TRIES = 4
CALLED_BACK = 0.25
DRIVER_CALLS = 0.15
TRANSFERRED = 0.04
OVERFLOWN = 0.015
BESIDE: dict[str, float] = {"internal": 0.03, "trunk": 0.01, "unmapped": 0.01}
STAFF = 0.015
FORGOTTEN_DAYS = 50
"""How far before the history the files reach that somebody finds and imports in the middle of it."""
LIVE_DELAY_MS = DAY_MS
LIVE_FROM = 1_000_000_000
"""Where channels are counted from, so that none meets one of the history."""


class Simulation:
    """The city in motion: either its `history`, once, or its `live` part, which needs no history before it."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.city: City = build(plan)
        self._switches = {name: Switch(name) for name in self.city.servers}
        self._clocks = {
            name: Clock(where, writes_z=index % 3 == 2) for index, (name, where) in enumerate(self.city.servers.items())
        }
        self._due: list[Delivery] = []
        self._turn = 0
        self._horizon = plan.end_ms

    def history(self) -> Iterator[Delivery]:
        """What is seen until the end of the last day, and then what was still on its way."""
        self._forgotten_files()
        for hour_ms in range(self.plan.start_ms, self.plan.end_ms, HOUR_MS):
            yield from self._hour(hour_ms)
        while self._due:
            yield heappop(self._due)

    def live(self, wall: Callable[[], float], sleep: Callable[[float], None], speed: float) -> Iterator[Delivery]:
        """From the end of the history on, each delivery when its moment has come: `speed` hours an hour, until the city
        has caught up with the clock on the wall (seconds since 1970); a number from the future could not be shown."""
        began, hour_ms = wall(), self.plan.end_ms
        self._switches = {name: Switch(name, LIVE_FROM) for name in self.city.servers}
        while True:
            self._horizon = hour_ms + HOUR_MS + LIVE_DELAY_MS
            for delivery in self._hour(hour_ms):
                hurried = began + (delivery.due - self.plan.end_ms) / 1_000 / speed
                due_in = max(hurried, delivery.due / 1_000) - wall()
                if due_in > 0:
                    sleep(due_in)
                yield delivery
            hour_ms += HOUR_MS

    def _hour(self, hour_ms: int) -> Iterator[Delivery]:
        for brand in self.city.brands:
            dice = Dice(self.plan.seed, brand.service, hour_ms)
            for _ in range(profile.calls_in_hour(self.city, brand, hour_ms, dice)):
                self._happens(brand, hour_ms + dice.below(HOUR_MS), dice)
        while self._due and self._due[0].due < hour_ms + HOUR_MS:
            yield heappop(self._due)

    def _happens(self, brand: Brand, at_ms: int, dice: Dice) -> None:
        """Somebody needs a taxi, tries until somebody answers, and beside that the office lives its life."""
        gate = self._gate(brand, at_ms, dice)
        advertised = profile.is_advertised(brand, at_ms)
        staff = dice.chance(STAFF)
        phone = self._staff(brand, dice) if staff else client(self.city, brand, at_ms, advertised, dice)
        self._tries(brand, gate, at_ms, phone, dice)
        self._beside(gate, at_ms, dice)

    def _tries(self, brand: Brand, gate: Gate, at_ms: int, phone: str, dice: Dice) -> None:
        switch = self._switches[gate.server]
        for _ in range(MOST_TRIES):
            caller = caller_text(phone, brand.area_code, dice)
            outcome = OUTCOMES.roll(dice)
            call = calls.inbound(switch, Ring(at_ms, gate.account, caller, phone, outcome, brand.queued), dice)
            self._put(call, dice)
            if outcome == "answered":
                self._served(switch, gate, call, dice)
                return
            if not dice.chance(REDIALS):
                break
            at_ms = call.ended_at + dice.between(5 * SECOND_MS, 12 * MINUTE_MS)
        if dice.chance(CALLED_BACK):
            self._call_out(gate, call.ended_at + dice.between(MINUTE_MS, 25 * MINUTE_MS), phone, dice)

    def _served(self, switch: Switch, gate: Gate, call: Call, dice: Dice) -> None:
        if dice.chance(TRANSFERRED):
            call.legs = [calls.transfer(switch, call, dice)]
            self._put(call, dice)
        elif dice.chance(OVERFLOWN):
            elsewhere = calls.overflow(switch, self._switches[self.city.peer(gate.server)], call, dice)
            self._put(call, dice)
            self._put(elsewhere, dice)
        if dice.chance(DRIVER_CALLS):
            self._call_out(gate, call.ended_at + dice.between(3 * MINUTE_MS, 20 * MINUTE_MS), call.phone, dice)

    def _call_out(self, gate: Gate, at_ms: int, phone: str, dice: Dice) -> None:
        callee = spelt(phone, dice.pick(("8", "+7", "bare")))
        self._put(calls.outbound(self._switches[gate.server], at_ms, gate.account, callee, phone, dice), dice)

    def _beside(self, gate: Gate, at_ms: int, dice: Dice) -> None:
        here = self._switches[gate.server]
        if dice.chance(BESIDE["internal"]):
            self._put(calls.internal(here, at_ms + dice.below(MINUTE_MS), dice), dice)
        if dice.chance(BESIDE["trunk"]):
            there = self._switches[self.city.peer(gate.server)]
            for call in calls.trunk(here, there, at_ms + dice.below(MINUTE_MS), dice):
                self._put(call, dice)
        if dice.chance(BESIDE["unmapped"]):
            first = next(iter(self._switches.values()))
            self._put(calls.inbound(first, Ring(at_ms, UNMAPPED, "89161234567", "", "answered", False), dice), dice)

    def _forgotten_files(self) -> None:
        """Calls of the weeks before the history, which one server after the other brings in its middle."""
        for brand in self.city.brands:
            dice = Dice(self.plan.seed, brand.service, "forgotten")
            seen = self.plan.start_ms + dice.below(self.plan.end_ms - self.plan.start_ms)
            for _ in range(self.plan.calls_per_day // (20 * self.plan.organisations) + 1):
                at_ms = self.plan.start_ms - dice.below(FORGOTTEN_DAYS * DAY_MS) - HOUR_MS
                gate, phone = self._gate(brand, at_ms, dice), client(self.city, brand, at_ms, False, dice)
                caller = caller_text(phone, brand.area_code, dice)
                ring = Ring(at_ms, gate.account, caller, phone, OUTCOMES.roll(dice), brand.queued)
                self._put(calls.inbound(self._switches[gate.server], ring, dice), dice, seen)

    def _gate(self, brand: Brand, at_ms: int, dice: Dice) -> Gate:
        """One of the lines that lead to the service on that day."""
        return dice.pick(
            [gate for gate in brand.gates if gate.covers(local_day(at_ms, zone(self.city.servers[gate.server])))]
        )

    def _staff(self, brand: Brand, dice: Dice) -> str:
        return dice.pick(self.city.staff(brand.organisation))[1:]

    def _put(self, call: Call, dice: Dice, seen: int = 0) -> None:
        """On its way, unless the call would begin after the time that is being told of."""
        if call.started_at >= self._horizon:
            return
        clock, key = self._clocks[call.server], call.server.encode()
        for leg in call.legs:
            for due, value in records(call.server, leg, clock, self._horizon, dice, seen):
                self._turn += 1
                heappush(self._due, Delivery(due, self._turn, CALL_RECORDS.name, key, value))
