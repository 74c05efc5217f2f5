"""Clients that an organisation brings along from its former program -> `provider.client-base`.

Comes in: a city and one of its organisations. Goes out: entries with the moment at which the producer sees them: most
before the history begins, some in its middle; some twice with another date, some that make nobody known.
"""

from collections.abc import Iterator
from typing import Any

import orjson

from producers.simulator.city import Brand, City
from producers.simulator.clients import phone, regulars, spelt
from producers.simulator.dice import Dice, Weighted
from producers.simulator.disorder import Clock
from streams.contracts.times import DAY_MS, HOUR_MS

SHARE = 0.6
MOST = 20_000
AGAIN = 0.05
LATE = 0.03
SERVICES = Weighted({"none": 50, "id": 30, "alias": 15, "unknown": 5})
NOBODY = 0.01
NOBODIES = ("", "нет телефона", "112")


def has_client_base(index: int) -> bool:
    """Of the organisations whose records begin only now, every third: the others' clients are of unknown age."""
    return index % 3 == 1


def entries(city: City, index: int) -> Iterator[tuple[int, bytes]]:
    """(when it is seen, the entry)."""
    brands = city.brands[2 * index : 2 * index + 2]
    dice = Dice(city.plan.seed, brands[0].organisation, "client base")
    clock = Clock(brands[0].zone, writes_z=False)
    for number in range(min(MOST, int(SHARE * regulars(city)))):
        national = phone(city.plan.seed, brands[0].organisation, brands[0].area_code, number)
        for _ in range(1 + dice.chance(AGAIN)):
            yield _entry(city, brands, national, clock, dice)


def _entry(city: City, brands: tuple[Brand, ...], national: str, clock: Clock, dice: Dice) -> tuple[int, bytes]:
    at_ms, days = city.plan.start_ms - dice.between(HOUR_MS, DAY_MS), 1_500
    if dice.chance(LATE):
        at_ms, days = city.plan.start_ms + dice.below(city.plan.end_ms - city.plan.start_ms), 5
    fields: dict[str, Any] = {
        "v": 1,
        "organisation": brands[0].organisation,
        "phone": dice.pick(NOBODIES) if dice.chance(NOBODY) else spelt(national, dice.pick(("8", "+7", "bare"))),
        "service": _service(dice.pick(brands), dice),
        "first_order_at": clock.text(at_ms - dice.below(days * DAY_MS)),
        "observed_at": clock.text(at_ms),
    }
    return at_ms, orjson.dumps(fields)


def _service(brand: Brand, dice: Dice) -> str | None:
    kind = SERVICES.roll(dice)
    return {"none": None, "id": brand.service, "alias": brand.alias, "unknown": "старый бренд"}[kind]
