"""Two readings of the definitions meet: the stream rules and the separate calculation agree on any small world.

Records come in any order, repeated, revised, split into chunks and partitions as they like; invariant 3 of the
definitions: the same records give the same net facts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from zlib import crc32

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clickhouse.verify.reference import net_facts
from streams.chunks import MemoryState, Message, Outputs, State
from streams.contracts.directory import Entities
from streams.contracts.facts import CallFact, SignedCallFact
from streams.contracts.records import CallRecord, Refused, read
from streams.contracts.times import format_time, parse_time
from streams.directory import Directory
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls

DirectoryRule = Callable[[Sequence[Message], State, Directory], Outputs]
PARTITIONS = 2

PHONES = [
    "+79161234567",
    "+79161234567",
    "+79161234567",
    "8 (916) 123-45-67",
    "9161234567",
    "2345678",
    "8 495 234-56-78",
    "8 343 234-56-78",
    "030 2345678",
    "+79160000001",
    "89160000001",
    "101",
    "anonymous",
    "",
]
EDGES = [
    parse_time(text)
    for text in (
        "2026-01-28T21:00:00Z",  # 28 days after the beginning in Moscow
        "2026-03-01T10:00:00Z",
        "2026-03-29T01:00:00Z",  # clocks go forward in Berlin
        "2026-05-31T21:00:00Z",  # the line changes in Moscow
        "2026-10-25T01:00:00Z",  # clocks go back in Berlin
    )
]
NEAR = [0, 1, -1, 1_000, -1_000, 3_600_000, -3_600_000]


class Raw(NamedTuple):
    key: bytes
    value: bytes
    offset: int


@dataclass
class Partition:
    """One partition with its own state, worked through in chunks."""

    rule: DirectoryRule
    directory: Directory
    state: MemoryState = field(default_factory=MemoryState)

    def run(self, messages: Sequence[Message], chunk: int) -> Iterator[Outputs]:
        for start in range(0, len(messages), chunk):
            yield self.rule(messages[start : start + chunk], self.state, self.directory)


def through(
    rule: DirectoryRule, directory: Directory, pairs: Iterable[tuple[bytes, bytes]], chunk: int
) -> list[Outputs]:
    """What a stage makes of the messages: each partition has a state of its own."""
    spread: dict[int, list[Message]] = {number: [] for number in range(PARTITIONS)}
    for key, value in pairs:
        to = spread[crc32(key) % PARTITIONS]
        to.append(Raw(key, value, len(to)))
    return [out for messages in spread.values() for out in Partition(rule, directory).run(messages, chunk)]


def emitted(outputs: Iterable[Outputs]) -> list[tuple[bytes, bytes]]:
    return [(key, value) for out in outputs for _, key, value in out.emitted]


def net(outputs: Iterable[Outputs]) -> Counter[bytes]:
    """Signs summed per row; what cancels is gone."""
    rows: Counter[bytes] = Counter()
    for _, value in emitted(outputs):
        fact: SignedCallFact = orjson.loads(value)
        rows[_row(fact)] += fact["sign"]
    return Counter({row: sign for row, sign in rows.items() if sign})


def _row(fact: Any) -> bytes:
    return orjson.dumps({name: fact[name] for name in CallFact.__annotations__}, option=orjson.OPT_SORT_KEYS)


@st.composite
def directories(draw: st.DrawFn) -> Entities:
    maybe = st.booleans()
    one = {
        "id": "one",
        "name": "-",
        "time_zone": draw(st.sampled_from(["Europe/Moscow", "Europe/Berlin", "Asia/Kolkata"])),
        "region": "RU",
        "area_code": draw(st.sampled_from(["495", None])),
        "history_from": draw(st.sampled_from(["2026-01-01", "2026-10-01", None])),
        "staff_numbers": draw(st.sampled_from([[], ["+79160000001", "101"], ["89160000001", "2345678"]])),
        "settings": draw(st.sampled_from([{}, {"short_call_ms": 1_000}, {"local_digits": 3}, {"unknown_age_ms": 0}])),
    }
    two = {"id": "two", "name": "-", "time_zone": "Europe/Berlin", "region": "DE", "area_code": "30"}
    change = draw(st.sampled_from(["2026-06-01", "2026-03-29", "2026-03-30"]))
    later = {"service": draw(st.sampled_from(["a", "b", "x"])), "numbers": ["2", "3"], "from": change}
    lines = [{"service": "a", "numbers": ["1"], "until": change}, *([later] if draw(maybe) else [])]
    return Entities.model_validate(
        {
            "organisations": [one, two],
            "services": [
                {"id": "a", "organisation": "one", "name": "-"},
                {"id": "b", "organisation": "one", "name": "-", "time_zone": "Asia/Yekaterinburg", "area_code": "343"},
                {"id": "x", "organisation": "two", "name": "-", "region": draw(st.sampled_from(["RU", None]))},
            ],
            "servers": [
                {"id": "p1", "time_zone": "Europe/Moscow", "internal_peers": ["peer"]},
                {"id": "p2", "time_zone": "Europe/Berlin", "internal_peers": ["GSM2"] if draw(maybe) else []},
            ],
            "gateways": [
                {"server": "p1", "account": "GSM1", "lines": lines},
                {"server": "p1", "account": "GSM2", "lines": [{"service": "b", "numbers": ["4"]}]},
                {"server": "p1", "account": "peer", "lines": [{"service": "a", "numbers": ["5"]}]},
                {"server": "p2", "account": "GSM1", "lines": [{"service": "b", "numbers": ["6"]}]},
                {"server": "p2", "account": "GSM2", "lines": [{"service": "a", "numbers": ["7"]}]},
                {"server": "p2", "account": "BER", "lines": [{"service": "x", "numbers": ["8"]}]},
                {"server": "p1", "account": "BER", "lines": [{"service": "x", "numbers": ["9"]}]},
            ],
        }
    )


NO_LINK: list[str] = []


def bases(draw: st.DrawFn) -> st.SearchStrategy[dict[str, Any]]:
    """What the calls of one world are drawn from: few phones and moments, so that they meet and tie."""
    edge = st.just(draw(st.sampled_from(EDGES)))
    near = st.sampled_from(draw(st.lists(st.sampled_from(NEAR), min_size=1, max_size=3)))
    phones = st.sampled_from(draw(st.lists(st.sampled_from(PHONES), min_size=1, max_size=3)))
    return st.fixed_dictionaries(
        {
            "server": st.sampled_from(["p1"] * 6 + ["p2"] * 5 + ["p3"]),
            "call_id": st.sampled_from(["c1", "c2", "c3", "c4", "c10", "C", "я"]),
            "direction": st.sampled_from(["inbound"] * 9 + ["outbound", "outbound", "internal"]),
            "gateway": st.sampled_from(["GSM1"] * 6 + ["GSM2"] * 5 + ["BER", "peer", "nobody", None]),
            "caller": phones,
            "callee": phones,
            "started_at": st.builds(int.__add__, st.one_of(edge, edge, st.sampled_from(EDGES)), near),
        }
    )


LEGS = st.fixed_dictionaries(
    {
        "record_id": st.sampled_from([*(f"r{number}" for number in range(1, 20)), "R"]),
        "revision": st.sampled_from([0, 0, 1, 2, None]),
        "channel_ids": st.one_of(st.just(NO_LINK), st.lists(st.sampled_from(["x1", "x2", "x3", "c1"]), max_size=2)),
        "starts_after": st.sampled_from([0, 1_000]),
        "lasted": st.sampled_from([1_000, 5_000, 6_000, 61_000, 6_001, 4_999, 999, 0]),
        "answered_after": st.sampled_from([None, 0, 1, 4_000, 5_000]),
        "answered_by": st.sampled_from(["agent", "agent", "machine", None]),
        "inner": st.sampled_from([False] * 4 + [True]),
        "observed_after": st.sampled_from([0, 1_000]),
    }
)


def message(base: dict[str, Any], leg: dict[str, Any]) -> tuple[bytes, bytes]:
    """(key, value) of a raw record; those that end before they are answered are refused by the contract."""
    started_at = base["started_at"] + leg["starts_after"]
    ended_at = started_at + leg["lasted"]
    answered_at = None if leg["answered_after"] is None else started_at + leg["answered_after"]
    record = {
        **base,
        **{name: leg[name] for name in ("record_id", "revision", "channel_ids", "answered_by")},
        "v": 1,
        "gateway": None if leg["inner"] else base["gateway"],
        "started_at": format_time(started_at),
        "ended_at": format_time(ended_at),
        "answered_at": None if answered_at is None else format_time(answered_at),
        "observed_at": format_time(ended_at + leg["observed_after"]),
    }
    return base["server"].encode(), orjson.dumps(record)


@st.composite
def feeds(draw: st.DrawFn) -> list[tuple[bytes, bytes]]:
    """Calls of one to three legs in any order, some records more than once."""
    call = st.tuples(bases(draw), st.lists(LEGS, min_size=1, max_size=3))
    calls = draw(st.lists(call, min_size=5, max_size=10))
    said = [message(base, leg) for base, legs in calls for leg in legs]
    repeated = draw(st.lists(st.sampled_from(said), max_size=4))
    return draw(st.permutations(said + repeated))


def valid(feed: Iterable[tuple[bytes, bytes]]) -> Iterator[CallRecord]:
    for key, value in feed:
        try:
            yield read(CallRecord, key, value)
        except Refused:
            continue


def agree(entities: Entities, feed: list[tuple[bytes, bytes]], chunks: tuple[int, int]) -> None:
    directory = Directory(entities, 1)
    calls = through(deduplicate_calls, directory, feed, chunks[0])
    found = net(through(classify_clients, directory, emitted(calls), chunks[1]))
    expected = Counter(_row(fact) for fact in net_facts(valid(feed), entities))
    assert {row.decode(): sign for row, sign in found.items()} == {row.decode(): 1 for row in expected}
    refused = sum(len(out.refused) for out in calls)
    assert refused == len(feed) - sum(1 for _ in valid(feed))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(directories(), feeds(), st.tuples(st.integers(1, 20), st.integers(1, 20)))
def test_rules_and_reference_agree(
    entities: Entities, feed: list[tuple[bytes, bytes]], chunks: tuple[int, int]
) -> None:
    agree(entities, feed, chunks)
