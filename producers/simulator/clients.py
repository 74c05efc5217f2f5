"""Who calls: clients that come again, some of several organisations, and how their number reaches the PBX.

Comes in: chance, an organisation and a moment. Goes out: a client and the text that the PBX wrote down for it.
"""

from functools import lru_cache

from producers.simulator.city import Brand, City, mobile
from producers.simulator.dice import Dice, Weighted, digest
from streams.contracts.times import DAY_MS

NEW_SHARE = 0.12
NEW_SHARE_ADVERTISED = 0.22
SHARED_EVERY = 9
"""Every so many-th client of an organisation is known to the others by the same phone."""
LANDLINE_EVERY = 17
SPELLINGS = Weighted({"8": 46, "+7": 20, "bare": 8, "7": 8, "8 (": 5, "+7 ": 4, "hidden": 6, "rubbish": 3})
HIDDEN = ("", "anonymous", "unavailable", "Unknown", "private", "скрыт", "-")
RUBBISH = (
    "112",
    "101",
    "7916123456",
    "0000000000",
    "+7999",
    "8",
    "89161234567890123",
    "sip:100@10.0.0.5",
    "no\tnumber",
)


@lru_cache(maxsize=200_000)
def phone(seed: int, organisation: str, area_code: str, index: int) -> str:
    """The ten national digits of a client."""
    if index % SHARED_EVERY == 0:
        return mobile(seed, "anywhere", index)
    if index % LANDLINE_EVERY == 0:
        return f"{area_code}{2_100_000 + digest(seed, organisation, index) % 800_000}"
    return mobile(seed, organisation, index)


def new_per_day(city: City) -> int:
    return max(1, city.plan.calls_per_day // (4 * city.plan.organisations))


def regulars(city: City) -> int:
    """How many clients an organisation has when the history begins."""
    return 30 * new_per_day(city)


def client(city: City, brand: Brand, at_ms: int, advertised: bool, dice: Dice) -> str:
    """New ones are drawn from those whose day has come; of the others, who came early come more often."""
    per_day = new_per_day(city)
    known = regulars(city) + max(0, (at_ms - city.plan.start_ms) // DAY_MS) * per_day
    if dice.chance(NEW_SHARE_ADVERTISED if advertised else NEW_SHARE):
        index = known + dice.below(per_day)
    else:
        index = int(dice.random() * dice.random() * known)
    return phone(city.plan.seed, brand.organisation, brand.area_code, index)


def caller_text(national: str, area_code: str, dice: Dice) -> str:
    """As operators, adapters and lines write numbers, or do not."""
    if national.startswith(area_code) and dice.chance(0.5):
        return national[len(area_code) :]
    spelling = SPELLINGS.roll(dice)
    if spelling == "hidden":
        return dice.pick(HIDDEN)
    if spelling == "rubbish":
        return dice.pick(RUBBISH)
    return spelt(national, spelling)


def spelt(national: str, spelling: str) -> str:
    if spelling == "bare":
        return national
    if spelling == "8 (":
        return f"8 ({national[:3]}) {national[3:6]}-{national[6:8]}-{national[8:]}"
    if spelling == "+7 ":
        return f"+7 {national[:3]} {national[3:6]} {national[6:]}"
    return spelling + national
