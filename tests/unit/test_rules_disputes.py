"""Worlds in which the rules and the separate calculation parted; each names the sentence that decides."""

from typing import Any

import orjson
import pytest

from streams.directory import Directory
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls
from streams.rules.deduplicate_orders import deduplicate_orders
from tests.unit.test_rules_against_reference import agree, emitted, expected, net, stage
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


def leg(record_id: str, **fields: Any) -> tuple[bytes, bytes]:
    record = {
        "v": 1,
        "server": "p1",
        "record_id": record_id,
        "direction": "inbound",
        "gateway": "GSM2",
        "caller": "+79161234567",
        "callee": "+79161234567",
        "started_at": "2026-05-31T21:00:00Z",
        "ended_at": "2026-05-31T21:01:00Z",
        "observed_at": "2026-05-31T21:01:00Z",
    } | fields
    return b"p1", orjson.dumps(record)


@pytest.mark.parametrize("gone_first", [False, True])
def test_a_card_follows_a_leg_whose_call_is_taken_in_by_another(gone_first: bool) -> None:
    """A: the order's call_id is the call_id of any leg of a counted call.

    Whichever is told first: that the counted call has the leg, or that the call is gone which the leg made before (an
    outbound one, so not counted).
    """
    legs = [
        leg("r1", call_id="C", channel_ids=["x2"]),
        leg("r2", call_id="c1", direction="outbound", channel_ids=["x1"]),
        leg("r3", call_id="c1", direction="outbound", channel_ids=["x1", "x2"]),
    ]
    placed = order(organisation="one", server="p1", call_id="c1", source="operator", phone=None)
    here = world(calls=legs, orders=[placed])
    directory_ = Directory(here.entities, 1)
    orders = [out for outs in stage(deduplicate_orders, directory_, here.orders, 1) for out in outs]
    calls: Pairs = []
    for out in (out for outs in stage(deduplicate_calls, directory_, here.calls, 1) for out in outs):
        calls += sorted(emitted([out]), key=lambda pair: is_gone(pair[1]) != gone_first)
    facts = stage(classify_clients, directory_, [*emitted(orders), *calls], 1)
    assert net(out for outs in facts for out in outs) == expected(here)


def is_gone(activity: bytes) -> bool:
    return orjson.loads(activity)["image"] is None
