"""A PBX that writes one constant channel id into every record makes one call of them all: exact, and nothing stops."""

import pytest
from aiokafka import TopicPartition

from streams.contracts.activity import MOST_CALL_IDS, CallImage, read_activity
from streams.contracts.records import MAX_ID_BYTES
from streams.delivery.changelog import messages
from streams.delivery.state import Mark
from streams.delivery.transaction import check_size
from tests.unit.reference_world import call as record
from tests.unit.reference_world import order as event
from tests.unit.reference_world import orders
from tests.unit.rule_chain import Chain, Raw, chain_of, leg, order

ANY = TopicPartition("any", 0)


def longest(number: int) -> str:
    """An identifier that JSON makes six times as long."""
    return f"{number:04d}".rjust(MAX_ID_BYTES, "\1")


def joined(*call_ids: str) -> list[Raw]:
    return [leg(f"r{n}", call_id=each, channel_ids=["SIP/trunk"]) for n, each in enumerate(call_ids, 1000)]


def image(chain: Chain, *records: Raw) -> CallImage:
    (_, _, value), *_ = chain.take(*records).emitted
    told = read_activity(value)
    assert told["kind"] == "call"
    assert told["image"] is not None
    return told["image"]


def test_its_image_and_all_that_is_kept_of_it_fit_into_messages_whatever_its_ids_are_made_of() -> None:
    chain = Chain()
    records = joined(*map(longest, range(MOST_CALL_IDS + 1)))
    assert len(image(chain, *records)["call_ids"]) == MOST_CALL_IDS
    for state in chain.states:
        changes: dict[bytes, bytes | None] = dict(state.range(b"", b"\xff"))
        for key, value in messages(changes, Mark(0, "digest")):
            check_size(ANY, key, value)


@pytest.fixture
def _two(monkeypatch: pytest.MonkeyPatch) -> None:
    for rule in ("streams.rules.call", "clickhouse.verify.reference"):
        monkeypatch.setattr(f"{rule}.MOST_CALL_IDS", 2)


@pytest.mark.usefixtures("_two")
@pytest.mark.parametrize(("card", "level"), [("a", "A"), ("b", "A"), ("c", "D")])
def test_an_order_finds_it_by_the_smallest_of_its_call_ids_only(card: str, level: str) -> None:
    away = "2026-06-01T00:00:00Z"
    chain = chain_of(*joined("c", "b", "a"), order(created=away, server="pbx-1", call_id=card))
    assert chain.order("o1")["attribution"] == level
    calls = [record(each, channel_ids=["SIP/trunk"]) for each in ("c", "b", "a")]
    (fact,) = orders(*calls, event("1", created=100, server="p1", call_id=card)).values()
    assert fact["attribution"] == level


def test_a_record_more_writes_what_is_its_own_not_all_that_was_joined() -> None:
    chain = Chain()
    chain.take(*joined(*(f"c{number:04d}" for number in range(500))))
    before = dict(chain.calls.range(b"", b"\xff"))
    chain.take(leg("another", call_id="c9999", channel_ids=["SIP/trunk"]))
    written = [key for key, value in chain.calls.range(b"", b"\xff") if before.get(key) != value]
    assert sorted(key[:1] for key in written) == [b"h", b"l", b"l", b"r"]
