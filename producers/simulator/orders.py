"""An order -> its life: state after state as a dispatch program knows it, with changes of phone and price.

Comes in: who wants a car, when, through which source. Goes out: the changes of the order in their order, each with the
moment at which the state began and the one at which the program knew; times are epoch milliseconds.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from producers.simulator.dice import Dice, Weighted
from streams.contracts.directory import OrderSource, OrderState
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS

Ended = Literal["completed", "cancelled", "no_car", "no_show"]
Ending = Ended | Literal["stuck", "reopened"]
Card = tuple[str, str]
"""(server, call_id): the call that the program shows beside an order."""
State = OrderState | Literal["unmapped"]
ENDINGS: Weighted[Ending] = Weighted(
    {"completed": 790, "cancelled": 105, "no_car": 45, "no_show": 35, "stuck": 10, "reopened": 15}
)
STREET: Weighted[Ended | Literal["stuck"]] = Weighted({"completed": 960, "cancelled": 30, "stuck": 10})
"""Picked up on the street: the driver enters the order with the client on board."""
REASONS = {
    "cancelled": ("передумал", "долго ждать", "нашёл другую машину", "ошибка оператора", "", None),
    "no_car": ("нет свободных машин", None),
    "no_show": ("не вышел", "не отвечает", None),
}
PREORDERS = 0.07
LONGEST_PREORDER_MS = 5 * DAY_MS
STEPS: tuple[tuple[State, int, int], ...] = (
    ("searching", 1, 20),
    ("assigned", 10, 240),
    ("arrived", 120, 900),
    ("on_board", 30, 420),
)
"""With the least and the most seconds until then."""
STEP_NAMES = tuple(name for name, _, _ in STEPS)
LAST_STEP: dict[str, State] = {"completed": "on_board", "no_car": "searching", "no_show": "arrived"}
PAUSED = 0.01
PHONE_CHANGES = 0.03
PRICE_CHANGES = 0.04
LEAST_PRICE, MOST_PRICE = 9_000, 120_000
CURRENCY, FOREIGN_CURRENCY, FOREIGN = "RUB", "KZT", 0.006


@dataclass(slots=True, frozen=True)
class Wish:
    """An order as it is taken. `phone` is the client's ten national digits, '' where nobody asked; `other_phone` is
    what it becomes where it is corrected."""

    organisation: str
    order_id: str
    service: str
    source: OrderSource
    phone: str
    other_phone: str
    created_at: int
    card: Card | None = None


@dataclass(slots=True, frozen=True)
class Change:
    """What the program says of an order from one revision on."""

    revision: int
    state: State
    occurred_at: int
    known_at: int
    phone: str
    pickup_at: int | None
    price: int | None
    currency: str | None
    cancel_reason: str | None = None


def life(wish: Wish, price_is_fixed: bool, dice: Dice) -> Iterator[Change]:
    """Every change with the next revision."""
    pickup = _pickup(wish, dice)
    currency = FOREIGN_CURRENCY if dice.chance(FOREIGN) else CURRENCY
    price = dice.between(LEAST_PRICE // 500, MOST_PRICE // 500) * 500
    first = Change(0, "created", wish.created_at, wish.created_at, wish.phone, pickup, None, None)
    if price_is_fixed:
        first = replace(first, price=price, currency=currency)
    changes = [
        replace(first, state=state, occurred_at=at, known_at=at, cancel_reason=reason)
        for state, at, reason in _way(wish, pickup, dice)
    ]
    if not price_is_fixed:
        changes = [replace(c, price=price, currency=currency) if c.state == "completed" else c for c in changes]
    for number, change in enumerate(_corrected(changes, wish, dice)):
        yield replace(change, revision=number)


def _pickup(wish: Wish, dice: Dice) -> int | None:
    if wish.source in {"handheld", "messenger"} or not dice.chance(PREORDERS):
        return None
    return wish.created_at + dice.between(40 * MINUTE_MS, LONGEST_PREORDER_MS if dice.chance(0.3) else 12 * HOUR_MS)


Step = tuple[State, int, str | None]


def _way(wish: Wish, pickup: int | None, dice: Dice) -> Iterator[Step]:
    """(state, when, why it ended) from the creation to the end."""
    if wish.source == "handheld":
        yield from _street(wish.created_at, dice)
        return
    yield "created", wish.created_at, None
    ending, at = ENDINGS.roll(dice), wish.created_at
    if pickup is not None:
        at = max(at + SECOND_MS, pickup - dice.between(10 * MINUTE_MS, 25 * MINUTE_MS))
        yield "waiting", wish.created_at + SECOND_MS, None
    if ending == "reopened":
        at += dice.between(MINUTE_MS, 6 * MINUTE_MS)
        yield "cancelled", at, _reason("cancelled", dice)
        ending = "completed"
    yield from _drive(at, ending, dice)


def _street(at: int, dice: Dice) -> Iterator[Step]:
    yield "on_board", at, None
    ending = STREET.roll(dice)
    if ending != "stuck":
        yield ending, at + dice.between(4 * MINUTE_MS, 50 * MINUTE_MS), _reason(ending, dice)


def _drive(at: int, ending: Ended | Literal["stuck"], dice: Dice) -> Iterator[Step]:
    """From the search of a car to the end."""
    last = _last_step(ending, dice)
    for state, least_s, most_s in STEPS[: STEP_NAMES.index(last) + 1]:
        at += dice.between(least_s * SECOND_MS, most_s * SECOND_MS)
        yield state, at, None
        if dice.chance(PAUSED):
            yield "unmapped", at + SECOND_MS, None
    if ending != "stuck":
        yield ending, at + dice.between(3 * MINUTE_MS, 45 * MINUTE_MS), _reason(ending, dice)


def _last_step(ending: Ended | Literal["stuck"], dice: Dice) -> State:
    """How far it comes before it ends; a client gives up at any step."""
    if ending in LAST_STEP:
        return LAST_STEP[ending]
    return dice.pick(STEP_NAMES[:-1])


def _reason(ending: str, dice: Dice) -> str | None:
    return dice.pick(REASONS[ending]) if ending in REASONS else None


def _corrected(changes: list[Change], wish: Wish, dice: Dice) -> list[Change]:
    """The phone becomes another on the way; the price is put right after the end, which keeps when the state began."""
    if dice.chance(PHONE_CHANGES):
        place = dice.below(len(changes))
        told = replace(changes[place], phone=wish.other_phone, known_at=changes[place].known_at + 400)
        later = [replace(change, phone=wish.other_phone) for change in changes[place + 1 :]]
        changes = [*changes[: place + 1], told, *later]
    last = changes[-1]
    if last.price is not None and dice.chance(PRICE_CHANGES):
        known = last.known_at + dice.between(10 * MINUTE_MS, 2 * DAY_MS)
        price = last.price + dice.between(-8, 12) * 500
        changes.append(replace(last, price=max(0, price), known_at=known))
    return changes
