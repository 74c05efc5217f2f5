"""Orders of the feed's clients, made to move numbers about: states out of order, revised prices, phones and services.

Comes in: the random source of the feed, a call of its. Goes out: the states of an order that came of it, or of none.
"""

import random
from collections.abc import Iterator, Mapping

from streams.contracts.times import SECOND_MS, format_time

ENDS = ("completed", "completed", "completed", "cancelled", "no_car", "no_show")
SOURCES = ("operator", "operator", "operator", "handheld", "website", "app", None)
ON_A_CARD = 0.5
Order = dict[str, object]


def order_of(chance: random.Random, turn: int, call: Mapping[str, object], created_ms: int) -> Iterator[Order]:
    """One after the other as they happened; the last one may be corrected, the phone too."""
    organisation = str(call["gateway"]).removeprefix("GSM")
    order: Order = {
        "v": 1,
        "organisation": f"taxi-{organisation}",
        "order_id": f"order-{turn}",
        "created_at": format_time(created_ms),
        "source": chance.choice(SOURCES),
        "service": f"taxi-{organisation}-city",
        "phone": call["caller"],
        "observed_at": call["observed_at"],
    }
    if chance.random() < ON_A_CARD:
        order |= {"server": call["server"], "call_id": call["call_id"]}
    at = created_ms
    for revision, state in enumerate(("created", "assigned", chance.choice(ENDS))):
        at += chance.randrange(600 * SECOND_MS) if revision else 0
        price = {"price": chance.randrange(10_000, 90_000), "currency": "RUB"} if revision == 2 else {}
        order |= {"revision": revision, "state": state, "occurred_at": format_time(at), **price}
        yield dict(order)
    if chance.random() < 0.2:
        yield {**order, "revision": 3, "phone": f"{str(call['caller'])[:-1]}{chance.randrange(10)}"}
