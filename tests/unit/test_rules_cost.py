"""An update reads its neighbours only: what it costs does not depend on how long the phone's history is."""

from collections.abc import Iterator

import pytest

from streams.chunks import MemoryState
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS, format_time
from tests.unit.rule_chain import Chain, Raw, at, call, known, order

FIRST = at("2026-02-03T00:00:00Z")
Costs = dict[str, tuple[int, int]]
"""Reads and writes of the state by update."""


class CountingState(MemoryState):
    """Counts what a rule reads: each get, and each pair that a range yields."""

    def __init__(self) -> None:
        super().__init__()
        self.reads = 0
        self.writes = 0

    def get(self, key: bytes) -> bytes | None:
        self.reads += 1
        return super().get(key)

    def put(self, key: bytes, value: bytes) -> None:
        self.writes += 1
        super().put(key, value)

    def range(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        for pair in super().range(start, end, reverse=reverse):
            self.reads += 1
            yield pair


def history(length: int, every_ms: int) -> Iterator[Raw]:
    """Calls of a minute, every third answered; after every fifth an order of half an hour, some ordered long before."""
    for number in range(length):
        start = FIRST + number * every_ms
        yield call(f"c{number}", format_time(start), answered=number % 3 == 0)
        if number % 5 == 0:
            created, done = format_time(start + 30_000), format_time(start + 30 * MINUTE_MS)
            pickup = format_time(start + 30 * DAY_MS) if number == 10 else None
            state = "waiting" if number == 10 else "completed"
            yield order(f"o{number}", created, done, state=state, pickup=pickup)


def updates(every_ms: int) -> dict[str, Raw]:
    """Each around the tenth call, whatever comes after it."""

    def near(number: float) -> str:
        return format_time(FIRST + int(number * every_ms))

    def later(number: int, by_ms: int) -> str:
        return format_time(FIRST + number * every_ms + by_ms)

    return {
        "a late earliest call": call("early", format_time(FIRST - DAY_MS)),
        "a late call amid the others": call("amid", near(10.5)),
        "a call amid turns out answered": call("c10", near(10), answered=True, revision=1),
        "and longer": call("c10", near(10), later(10, 25 * MINUTE_MS), answered=True, revision=2),
        "and shorter": call("c10", near(10), answered=True, revision=3),
        "and another phone's": call("c10", near(10), caller="89160000009", revision=4),
        "the first call goes away": call("c0", near(0), caller="", revision=1),
        "a call becomes another service's first": call("c0", near(0), gateway="GSM2", revision=2),
        "a record read again": call("c1", near(1)),
        "an answered outbound call": call("out", near(11), direction="outbound", callee="+79161234567", answered=True),
        "a late order amid": order("amid", near(11), source="website"),
        "is cancelled": order("amid", near(11), near(11.1), source="website", state="cancelled", revision=1),
        "an order gets a card": order("o15", near(15), server="pbx-1", call_id="c16", state="completed", revision=1),
        "an order is another phone's": order("o15", near(15), phone="89160000009", revision=2),
        "the first order is not completed": order("o0", near(0), revision=1),
        "the first order goes away": order("o0", near(0), phone="101", revision=2),
        "an entry of the client base": known("2020-01-01T00:00:00Z"),
        "a call of a day": call("day", near(3), later(3, 20 * HOUR_MS)),
    }


def costs_after(length: int, every_ms: int) -> Costs:
    chain = Chain(calls=CountingState(), orders=CountingState(), base=CountingState(), clients=CountingState())
    records = list(history(length, every_ms))
    for start in range(0, len(records), 500):
        chain.take(*records[start : start + 500])
    return {name: cost(chain, update) for name, update in updates(every_ms).items()}


def cost(chain: Chain, record: Raw) -> tuple[int, int]:
    states = [state for state in chain.states if isinstance(state, CountingState)]
    before = [(state.reads, state.writes) for state in states]
    chain.take(record)
    spent = [
        (state.reads - reads, state.writes - writes) for state, (reads, writes) in zip(states, before, strict=True)
    ]
    return sum(reads for reads, _ in spent), sum(writes for _, writes in spent)


@pytest.mark.parametrize(
    "every_ms", [pytest.param(MINUTE_MS * 2, id="all in one contact"), pytest.param(DAY_MS, id="over years")]
)
def test_an_update_costs_the_same_however_long_the_phones_history_is(every_ms: int) -> None:
    few = costs_after(800, every_ms)
    assert costs_after(3_200, every_ms) == few
    assert few["a record read again"][1] == 0
