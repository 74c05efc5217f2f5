"""`pulse produce simulate`: a city's history as messages of all raw topics in the order in which they are seen, and its
life after that.

Comes in: a plan; for the live part also a clock. Goes out: deliveries, the same bytes in the same order for the same
plan on any machine. No moment of the machine's own time gets into them.
"""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush

from producers.simulator import calls, client_base, profile
from producers.simulator.calls import Call, Outcome, Ring, Switch
from producers.simulator.city import UNMAPPED, Brand, City, Gate, Plan, build, organisation_id
from producers.simulator.clients import caller_text, client, spelt
from producers.simulator.dice import Dice, Weighted
from producers.simulator.disorder import Clock, Delivery, records
from producers.simulator.dispatch import Dispatch, Telling
from producers.simulator.orders import Card, Wish
from streams.contracts.directory import OrderSource
from streams.contracts.records import END_OF_TIME_MS
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, local_day, zone
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS

OUTCOMES: Weighted[Outcome] = Weighted({"answered": 80, "missed": 14, "short": 6})
REDIALS = 0.6
MOST_TRIES = 4
CALLED_BACK = 0.25
DRIVER_CALLS = 0.15
TRANSFERRED = 0.04
OVERFLOWN = 0.015
BESIDE: dict[str, float] = {"internal": 0.03, "trunk": 0.01, "unmapped": 0.01}
STAFF = 0.015
ORDERED, ORDERED_BY_STAFF, SECOND_CAR = 0.8, 0.2, 0.02
ASKS_AGAIN = 0.1
ORDERED_ELSEWHERE = 0.3
"""Of those whom nobody answered."""
WITHOUT_CALLING = 0.25
"""Orders that no call precedes, as a share of those who call."""
AFTER_NOBODY: Weighted[OrderSource] = Weighted({"app": 60, "website": 25, "messenger": 15})
DIRECT: Weighted[OrderSource] = Weighted({"app": 45, "handheld": 30, "website": 13, "partner": 9, "messenger": 3})
STRANGERS = 0.004
STRANGER = "lunohod"
"""An organisation that is in nobody's directory."""
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
        self._horizon = self._ends = plan.end_ms
        self._dispatches = self._dispatch_programs(0)

    def history(self) -> Iterator[Delivery]:
        """What is seen until the end of the last day, and then what was still on its way."""
        self._client_bases()
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
        self._dispatches, self._ends = self._dispatch_programs(LIVE_FROM), END_OF_TIME_MS
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
        """Somebody needs a taxi and calls until somebody answers; others order without a call, and the office lives its
        life."""
        gate = self._gate(brand, at_ms, dice)
        advertised = profile.is_advertised(brand, at_ms)
        staff = dice.chance(STAFF)
        phone = self._staff(brand, dice) if staff else client(self.city, brand, at_ms, advertised, dice)
        self._tries(brand, gate, at_ms, phone, staff, dice)
        if dice.chance(WITHOUT_CALLING):
            other = client(self.city, brand, at_ms, advertised, dice)
            self._orders(brand, DIRECT.roll(dice), other, at_ms + dice.below(HOUR_MS), dice)
        self._beside(brand, gate, at_ms, dice)

    def _tries(self, brand: Brand, gate: Gate, at_ms: int, phone: str, staff: bool, dice: Dice) -> None:
        switch = self._switches[gate.server]
        for _ in range(MOST_TRIES):
            caller = caller_text(phone, brand.area_code, dice)
            outcome = OUTCOMES.roll(dice)
            call = calls.inbound(switch, Ring(at_ms, gate.account, caller, phone, outcome, brand.queued), dice)
            self._put(call, dice)
            if outcome == "answered":
                card = self._served(switch, gate, call, dice)
                if dice.chance(ORDERED_BY_STAFF if staff else ORDERED):
                    self._ordered(brand, gate, call, card, dice)
                return
            if not dice.chance(REDIALS):
                break
            at_ms = call.ended_at + dice.between(5 * SECOND_MS, 12 * MINUTE_MS)
        if dice.chance(CALLED_BACK):
            self._call_out(gate, call.ended_at + dice.between(MINUTE_MS, 25 * MINUTE_MS), phone, dice)
        if not staff and dice.chance(ORDERED_ELSEWHERE):
            at_ms = call.ended_at + dice.between(MINUTE_MS, 40 * MINUTE_MS)
            self._orders(brand, AFTER_NOBODY.roll(dice), phone, at_ms, dice)

    def _ordered(self, brand: Brand, gate: Gate, call: Call, card: Card, dice: Dice) -> None:
        """While the client is on the line, or just after. Some call again to hear where the car is."""
        answered = max(leg.answered_at or 0 for leg in call.legs) or call.started_at
        at_ms = max(call.started_at, answered) + dice.between(2 * SECOND_MS, 60 * SECOND_MS)
        for _ in range(1 + dice.chance(SECOND_CAR)):
            self._orders(brand, "operator", call.phone, at_ms, dice, card)
        if dice.chance(ASKS_AGAIN):
            caller, at_ms = caller_text(call.phone, brand.area_code, dice), at_ms + dice.between(3, 25) * MINUTE_MS
            ring = Ring(at_ms, gate.account, caller, call.phone, OUTCOMES.roll(dice), brand.queued)
            self._put(calls.inbound(self._switches[gate.server], ring, dice), dice)

    def _served(self, switch: Switch, gate: Gate, call: Call, dice: Dice) -> Card:
        """The call as the operator sees it who takes the order: that of the transfer, or on the other PBX."""
        card = (call.server, call.id)
        if dice.chance(TRANSFERRED):
            call.legs = [calls.transfer(switch, call, dice)]
            card = (call.server, call.legs[0].call_id)
            self._put(call, dice)
        elif dice.chance(OVERFLOWN):
            taken = calls.overflow(switch, self._switches[self.city.peer(gate.server)], call, dice)
            self._put(call, dice)
            self._put(taken, dice)
            card = (taken.server, taken.id)
        if dice.chance(DRIVER_CALLS):
            self._call_out(gate, call.ended_at + dice.between(3 * MINUTE_MS, 20 * MINUTE_MS), call.phone, dice)
        return card

    def _call_out(self, gate: Gate, at_ms: int, phone: str, dice: Dice) -> None:
        callee = spelt(phone, dice.pick(("8", "+7", "bare")))
        self._put(calls.outbound(self._switches[gate.server], at_ms, gate.account, callee, phone, dice), dice)

    def _beside(self, brand: Brand, gate: Gate, at_ms: int, dice: Dice) -> None:
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
        if dice.chance(STRANGERS):
            stranger = self._dispatches[STRANGER]
            self._put_order(stranger, stranger.order(brand, "website", "9161234567", at_ms, dice))

    def _client_bases(self) -> None:
        for index in range(self.plan.organisations):
            if client_base.has_client_base(index):
                key = organisation_id(index).encode()
                for due, value in client_base.entries(self.city, index):
                    self._deliver(due, CLIENT_BASE.name, key, value)

    def _forgotten_files(self) -> None:
        """Calls and orders of the weeks before the history, which one server after the other brings in its middle."""
        for brand in self.city.brands:
            dice = Dice(self.plan.seed, brand.service, "forgotten")
            seen = self.plan.start_ms + dice.below(self.plan.end_ms - self.plan.start_ms)
            for _ in range(self.plan.calls_per_day // (20 * self.plan.organisations) + 1):
                at_ms = self.plan.start_ms - dice.below(FORGOTTEN_DAYS * DAY_MS) - HOUR_MS
                gate, phone = self._gate(brand, at_ms, dice), client(self.city, brand, at_ms, False, dice)
                caller = caller_text(phone, brand.area_code, dice)
                ring = Ring(at_ms, gate.account, caller, phone, OUTCOMES.roll(dice), brand.queued)
                call = calls.inbound(self._switches[gate.server], ring, dice)
                self._put(call, dice, seen)
                if ring.outcome == "answered" and dice.chance(ORDERED):
                    self._orders(brand, "operator", phone, call.ended_at, dice, (call.server, call.id), seen)

    def _gate(self, brand: Brand, at_ms: int, dice: Dice) -> Gate:
        """One of the lines that lead to the service on that day."""
        return dice.pick(
            [gate for gate in brand.gates if gate.covers(local_day(at_ms, zone(self.city.servers[gate.server])))]
        )

    def _staff(self, brand: Brand, dice: Dice) -> str:
        return dice.pick(self.city.staff(brand.organisation))[1:]

    def _dispatch_programs(self, first: int) -> dict[str, Dispatch]:
        names = [(index, organisation_id(index)) for index in range(self.plan.organisations)]
        return {name: Dispatch(self.city, index, name, first) for index, name in [*names, (0, STRANGER)]}

    def _orders(
        self,
        brand: Brand,
        source: OrderSource,
        phone: str,
        at_ms: int,
        dice: Dice,
        card: Card | None = None,
        found: int = 0,
    ) -> None:
        program = self._dispatches[brand.organisation]
        self._put_order(program, program.order(brand, source, phone, at_ms, dice, card), found)

    def _put_order(self, program: Dispatch, wish: Wish, found: int = 0) -> None:
        key = f"{wish.organisation}/{wish.order_id}".encode()
        for due, value in program.events(wish, Telling(self._ends, self._horizon, found)):
            self._deliver(due, ORDER_EVENTS.name, key, value)

    def _put(self, call: Call, dice: Dice, found: int = 0) -> None:
        """On its way, unless the call would begin after the time that is being told of."""
        if call.started_at >= self._ends:
            return
        clock, key = self._clocks[call.server], call.server.encode()
        for leg in call.legs:
            for due, value in records(call.server, leg, clock, self._horizon, dice, found):
                self._deliver(due, CALL_RECORDS.name, key, value)

    def _deliver(self, due: int, topic: str, key: bytes, value: bytes) -> None:
        self._turn += 1
        heappush(self._due, Delivery(due, self._turn, topic, key, value))
