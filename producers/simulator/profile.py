"""When they call: hours of the day, days of the week, growth from day to day, the effect of a campaign.

Comes in: a service and an hour in UTC. Goes out: how many calls begin in that hour of its own wall clock.
"""

from producers.simulator.city import Brand, City
from producers.simulator.dice import Dice
from streams.contracts.times import DAY_MS, local_day, wall_clock, zone

WORKDAY = (14, 9, 6, 5, 7, 14, 30, 58, 76, 62, 48, 45, 47, 48, 47, 50, 57, 70, 74, 66, 56, 47, 37, 27)
"""Calls of each hour, per thousand of a day: to work, home from work."""
DAY_OFF = (50, 46, 40, 30, 20, 13, 13, 17, 26, 36, 44, 49, 52, 53, 52, 51, 52, 55, 57, 58, 56, 50, 42, 38)
"""Home from a night out, and then late to rise."""
WEEK = (94, 95, 97, 100, 118, 122, 96)
"""Days from Monday, in percent."""
GROWTH_PER_DAY = 0.004
GROWTH_BOUND = 4.0
CAMPAIGN_EFFECT = 1.45


def calls_in_hour(city: City, brand: Brand, hour_ms: int, dice: Dice) -> int:
    """A whole number around what is to be expected."""
    expected = expected_calls(city, brand, hour_ms) * (0.75 + 0.5 * dice.random())
    return int(expected) + dice.chance(expected - int(expected))


def expected_calls(city: City, brand: Brand, hour_ms: int) -> float:
    at = zone(brand.zone)
    day, (local, _) = local_day(hour_ms, at), wall_clock(hour_ms, at)
    of_day = (DAY_OFF if day.weekday() >= 5 else WORKDAY)[local // 3_600 % 24] / 1_000
    share = brand.weight / sum(each.weight for each in city.brands)
    effect = CAMPAIGN_EFFECT if is_advertised(brand, hour_ms) else 1.0
    busy = WEEK[day.weekday()] / 100 * growth(city, hour_ms) * effect
    return city.plan.calls_per_day * share * of_day * busy


def is_advertised(brand: Brand, at_ms: int) -> bool:
    """Is this a day of the service's campaign?"""
    day = local_day(at_ms, zone(brand.zone))
    return brand.advertised is not None and brand.advertised[0] <= day < brand.advertised[1]


def growth(city: City, at_ms: int) -> float:
    """1 on the first day, and no more than the bound however long it lives."""
    return min(1.0 + GROWTH_PER_DAY * ((at_ms - city.plan.start_ms) // DAY_MS), GROWTH_BOUND)
