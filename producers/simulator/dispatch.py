"""The dispatch program of one organisation: orders -> `dispatch.order-events`, in its own words.

Comes in: a service, a client, a source and a moment. Goes out: the events of the order with the moment at which the
producer sees each. Order ids are counted by organisation, so those of two organisations are alike.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from producers.simulator.city import Brand, City
from producers.simulator.clients import client, spelt
from producers.simulator.dialects import Dialect, dialect
from producers.simulator.dice import Dice, Weighted
from producers.simulator.disorder import REPEATED, Clock, seen
from producers.simulator.orders import Card, Change, Wish, life
from streams.contracts.directory import OrderSource
from streams.contracts.times import MINUTE_MS

FOR_ANOTHER = 0.05
WITH_CARD = 0.8
OTHER_SERVICE = 0.03
UNKNOWN_SERVICE, UNKNOWN_SERVICES = 0.01, ("", "свадебный", "orbita-vip")
UNMAPPED_SOURCE, NO_SOURCE = 0.008, 0.008
NO_PHONE = {"operator": 0.02, "handheld": 0.7, "website": 0.0, "app": 0.0, "partner": 0.15, "messenger": 0.0}
NO_PHONES = (None, "", "нет", "000", "+7999")
TYPED = Weighted({"8": 60, "+7": 20, "bare": 10, "8 (": 10})
SAID_TWICE_OTHERWISE = 0.006
PARTNER_ID = "partner/{number}"


@dataclass(slots=True, frozen=True)
class Telling:
    """Until when things happen (`ends`), by when they are told (`horizon`), and from when, if they are `found` late."""

    ends: int
    horizon: int
    found: int = 0


class Dispatch:
    """Counts its orders from `first`; `organisation` is how it names itself, known to the directory or not."""

    def __init__(self, city: City, index: int, organisation: str, first: int = 0) -> None:
        home = city.brands[2 * index]
        self._city = city
        self._organisation = organisation
        self._brands = city.brands[2 * index : 2 * index + 2]
        self._dialect: Dialect = dialect(index)
        self._clock = Clock(home.zone, writes_z=index % 2 == 1)
        self._number = first

    def order(
        self,
        brand: Brand,
        source: OrderSource,
        phone: str,
        at_ms: int,
        dice: Dice,
        card: Card | None = None,
    ) -> Wish:
        """Somebody orders; `dice` of its own keep one order from shifting another."""
        self._number += 1
        shape = PARTNER_ID if source == "partner" else self._dialect.order_id
        other = client(self._city, brand, at_ms, False, dice)
        if source == "operator" and dice.chance(FOR_ANOTHER):
            phone, other = other, phone
        if source == "operator" and dice.chance(OTHER_SERVICE):
            brand = self._brands[1 - brand.number % 2]
        return Wish(
            self._organisation,
            shape.format(number=self._number),
            self._service(brand, dice),
            source,
            "" if dice.chance(NO_PHONE[source]) else phone,
            other,
            at_ms,
            card if dice.chance(WITH_CARD) else None,
        )

    def events(self, wish: Wish, telling: Telling) -> Iterator[tuple[int, bytes]]:
        """(when it is seen, the event) for each time that a change of the order is told."""
        dice = Dice(self._city.plan.seed, self._organisation, wish.order_id)
        always = self._always(wish, dice)
        for change in life(wish, self._dialect.price_is_fixed, dice):
            word = self._state(change)
            if word is None or change.known_at >= telling.ends:
                continue
            fields = always | self._fields(change, word, dice)
            yield from self._told(fields, change, telling, dice)

    def _told(
        self, fields: dict[str, Any], change: Change, telling: Telling, dice: Dice
    ) -> Iterator[tuple[int, bytes]]:
        """Once as a rule; sometimes again, and then as a rule the same."""
        first = seen(change.known_at, telling.horizon, dice, telling.found)
        yield first, self._bytes(fields, first)
        if dice.chance(REPEATED):
            again = first + dice.between(0, 10 * MINUTE_MS)
            yield again, self._bytes(fields, again)
        if dice.chance(SAID_TWICE_OTHERWISE):
            again = first + dice.between(0, 10 * MINUTE_MS)
            otherwise = {"phone": None} if change.price is None else {"price": change.price + 500}
            yield again, self._bytes(fields | otherwise, again)

    def _bytes(self, fields: dict[str, Any], at_ms: int) -> bytes:
        return orjson.dumps(fields | {"observed_at": self._clock.text(at_ms)})

    def _always(self, wish: Wish, dice: Dice) -> dict[str, Any]:
        """What is the same in every event of the order."""
        server, call_id = wish.card or (None, None)
        return {
            "v": 1,
            "organisation": wish.organisation,
            "order_id": wish.order_id,
            "created_at": self._clock.text(wish.created_at),
            "source": self._source(wish.source, dice),
            "service": wish.service,
            "server": server,
            "call_id": call_id,
        }

    def _fields(self, change: Change, word: str, dice: Dice) -> dict[str, Any]:
        pickup = change.pickup_at
        return {
            "revision": change.revision,
            "occurred_at": self._clock.text(change.occurred_at),
            "pickup_at": None if pickup is None else self._clock.text(pickup),
            "state": word,
            "phone": self._phone(change.phone, dice),
            "price": change.price,
            "currency": change.currency,
            "cancel_reason": change.cancel_reason,
        }

    def _state(self, change: Change) -> str | None:
        """None where the program has no such state, so that nothing is told."""
        if change.state == "unmapped":
            return self._dialect.unmapped_state
        return self._dialect.states.get(change.state)

    def _source(self, source: OrderSource, dice: Dice) -> str | None:
        if dice.chance(NO_SOURCE):
            return None
        return self._dialect.unmapped_source if dice.chance(UNMAPPED_SOURCE) else self._dialect.sources[source]

    def _service(self, brand: Brand, dice: Dice) -> str:
        if dice.chance(UNKNOWN_SERVICE):
            return dice.pick(UNKNOWN_SERVICES)
        return brand.service if self._dialect.names_services_by_id else brand.alias

    def _phone(self, national: str, dice: Dice) -> str | None:
        """As an operator types it; a local number often without its area code."""
        if not national:
            return dice.pick(NO_PHONES)
        area = self._brands[0].area_code
        if national.startswith(area) and dice.chance(0.5):
            return national[len(area) :]
        return spelt(national, TYPED.roll(dice))
