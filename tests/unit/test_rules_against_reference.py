"""Two readings of the definitions meet: the stream rules and the separate calculation agree on any small world.

Records of the three topics come in any order, repeated, revised, split into chunks and partitions as they like, with a
restart after every chunk; invariant 3 of the definitions: the same records give the same net facts.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple
from zlib import crc32

import orjson
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clickhouse.verify.records import CONTRACTS
from streams.chunks import MemoryState, Message, Outputs, State
from streams.contracts.facts import CallFact, OrderFact
from streams.contracts.records import Record, Refused, read
from streams.contracts.topics import CALL_FACTS, CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS, ORDER_FACTS
from streams.directory import Directory
from streams.rules.announce_clients import announce_clients
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls
from streams.rules.deduplicate_orders import deduplicate_orders
from tests.unit.net_facts import net_facts
from tests.unit.worlds import Pairs, World, worlds

DirectoryRule = Callable[[Sequence[Message], State, Directory], Outputs]
FIELDS = {CALL_FACTS.name: CallFact.__annotations__, ORDER_FACTS.name: OrderFact.__annotations__}
PARTITIONS = 2


class Raw(NamedTuple):
    key: bytes
    value: bytes
    offset: int


def stage(rule: DirectoryRule, directory: Directory, messages: Pairs, chunk: int) -> list[list[Outputs]]:
    """What a stage makes of the messages, per partition; nothing but the stored bytes survives a chunk."""
    spread: dict[int, list[Raw]] = {number: [] for number in range(PARTITIONS)}
    for key, value in messages:
        to = spread[crc32(key) % PARTITIONS]
        to.append(Raw(key, value, len(to)))
    return [list(_in_chunks(rule, directory, each, chunk)) for each in spread.values()]


def _in_chunks(rule: DirectoryRule, directory: Directory, messages: Sequence[Message], chunk: int) -> Iterator[Outputs]:
    state = MemoryState()
    for start in range(0, len(messages), chunk):
        state = _reloaded(state)
        yield rule(messages[start : start + chunk], state, directory)


def _reloaded(state: MemoryState) -> MemoryState:
    fresh = MemoryState()
    for key, value in state.range(b"", b"\xff" * 512):
        fresh.put(key, value)
    return fresh


def emitted(outputs: Iterable[Outputs]) -> Pairs:
    return [(key, value) for out in outputs for _, key, value in out.emitted]


def interleaved(streams: Iterable[Pairs], seed: int) -> Pairs:
    """As several writers fill one topic: each keeps its own order."""
    left = [list(reversed(stream)) for stream in streams if stream]
    random, merged = Random(seed), []
    while left:
        chosen = random.choice(left)
        merged.append(chosen.pop())
        left = [stream for stream in left if stream]
    return merged


def net(outputs: Iterable[Outputs]) -> dict[str, int]:
    """Signs summed per row; what cancels is gone."""
    rows: Counter[str] = Counter()
    for out in outputs:
        for topic, _, value in out.emitted:
            fact = orjson.loads(value)
            rows[_row(topic.name, fact)] += fact["sign"]
    return {row: sign for row, sign in rows.items() if sign}


def _row(topic: str, fact: Mapping[str, Any]) -> str:
    return f"{topic} {orjson.dumps({name: fact[name] for name in FIELDS[topic]}, option=orjson.OPT_SORT_KEYS).decode()}"


def valid(topic: str, messages: Pairs) -> Iterator[Record]:
    for key, value in messages:
        try:
            yield read(CONTRACTS[topic], key, value)
        except Refused:
            continue


def expected(world: World) -> dict[str, int]:
    topics = (CALL_RECORDS.name, world.calls), (ORDER_EVENTS.name, world.orders), (CLIENT_BASE.name, world.base)
    facts = net_facts([record for topic, said in topics for record in valid(topic, said)], world.entities)
    calls = Counter(_row(CALL_FACTS.name, fact) for fact in facts.calls)
    return calls + Counter(_row(ORDER_FACTS.name, fact) for fact in facts.orders)


def agree(world: World, chunks: tuple[int, int], seed: int) -> None:
    directory = Directory(world.entities, 1)
    calls = stage(deduplicate_calls, directory, world.calls, chunks[0])
    orders = stage(deduplicate_orders, directory, world.orders, chunks[0])
    base = stage(announce_clients, directory, world.base, chunks[0])
    activity = interleaved(map(emitted, [*calls, *orders, *base]), seed)
    facts = [out for partition in stage(classify_clients, directory, activity, chunks[1]) for out in partition]
    assert net(facts) == expected(world)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(worlds(), st.tuples(st.integers(1, 20), st.integers(1, 20)), st.integers(0, 1 << 30))
def test_rules_and_reference_agree(world: World, chunks: tuple[int, int], seed: int) -> None:
    agree(world, chunks, seed)
