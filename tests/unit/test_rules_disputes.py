"""Worlds in which the rules and the separate calculation parted; each names the sentence that decides."""

from typing import Any

import orjson

from tests.unit.test_rules_against_reference import agree
from tests.unit.worlds import Pairs, World, directory


def order(**fields: Any) -> tuple[bytes, bytes]:
    event = {
        "v": 1,
        "organisation": "two",
        "order_id": "o2",
        "revision": 2,
        "source": "unknown",
        "service": "a",
        "phone": "8 (916) 123-45-67",
        "state": "completed",
        "created_at": "2026-05-31T21:15:00.001Z",
        "occurred_at": "2026-05-31T21:30:00.001Z",
        "observed_at": "2026-05-31T21:30:00.001Z",
    } | fields
    return f"{event['organisation']}/{event['order_id']}".encode(), orjson.dumps(event)


def world(calls: Pairs = (), orders: Pairs = (), base: Pairs = ()) -> World:  # type: ignore[assignment]
    return World(directory(lambda options: options[0], []), list(calls), list(orders), list(base))


def test_an_order_that_is_revised_in_a_later_chunk_keeps_its_marks() -> None:
    """Derived means derived: facts are a function of the set of winning records, not of how they were cut into chunks.

    The order is its phone's first and its first completed one, before and after the revision; its service is ''.
    """
    revised = order(revision=3, pickup_at="2026-05-31T21:15:00.001Z", occurred_at="2026-05-31T21:15:00.001Z")
    agree(world(orders=[order(), revised]), (1, 1), 0)


def test_an_order_that_opens_again_keeps_its_mark_as_the_phones_first() -> None:
    """First created order by (created_at, order_id): whatever its state, its end and its price become."""
    opened = order(revision=3, state="created", occurred_at="2026-05-31T21:15:00.001Z")
    agree(world(orders=[order(state="cancelled"), opened]), (1, 1), 0)
