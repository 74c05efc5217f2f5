"""How long time series take for a tenant with a billion calls: one after the other, for 20 who look, and at most load.

    make bench-queries [ARGS="--scale 1.0 --seconds 20 --data DIR"]

Whole is from the raw parameters to the answer's JSON, with the wait for a free reader; engine is the part of it in
which ClickHouse answers; processor is what all of it costs, at the median. People who look ask anew a second after
each answer; at most load 20 clients ask without a rest, so that all processors are always busy and each waits for the
others. A store once filled into DIR is used again.
"""

import argparse
import asyncio
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import orjson

from clickhouse.engine import Engine, open_embedded
from clickhouse.migrate import migrate
from clickhouse.queries.run import Store
from clickhouse.queries.timeseries import timeseries
from dashboard.access.principal import Principal, set_asking
from dashboard.readers import Readers
from streams.directory import Directory
from tests.performance.big_tenant import BIG, directory, fill


@dataclass(frozen=True)
class Load:
    clients: int
    rest: float
    """Seconds from an answer to the next question of a client."""


ALONE = Load(1, 0)
LOADS = (ALONE, Load(20, 1), Load(20, 0))
COMPLETE = datetime(2026, 1, 1, tzinfo=UTC)
CALLS = ["calls", "calls_answered", "calls_missed", "new_callers_service"]
YEAR = {"from": ["2025-01-01"], "to": ["2026-01-01"]}
MONTH = {"from": ["2025-12-01"], "to": ["2025-12-29"]}
QUESTIONS: Mapping[str, Mapping[str, Sequence[str]]] = {
    "28 days by day": {**MONTH, "metric": CALLS, "step": ["day"]},
    "28 days by day, before it": {**MONTH, "metric": CALLS, "step": ["day"], "compare": ["previous"]},
    "28 days by hour": {**MONTH, "metric": ["calls"], "step": ["hour"]},
    "2 days by hour": {"from": ["2025-12-01"], "to": ["2025-12-03"], "metric": CALLS, "step": ["hour"]},
    "a year by day": {**YEAR, "metric": ["calls", "contacts_lost"], "step": ["day"]},
    "a year by week": {**YEAR, "metric": CALLS, "step": ["week"]},
    "three years by month": {"from": ["2023-01-01"], "to": ["2026-01-01"], "metric": CALLS, "step": ["month"]},
    "a year by month, by service": {**YEAR, "metric": ["calls"], "step": ["month"], "by": ["service"]},
    "28 days by day, top 8 gateways": {**MONTH, "metric": ["calls"], "step": ["day"], "by": ["gateway"], "top": ["8"]},
    "28 days by day, p90 of the wait": {**MONTH, "metric": ["wait_answered_p90"], "step": ["day"]},
    "a gateway, a year by day": {**YEAR, "metric": ["calls"], "step": ["day"], "gateway": ["big-pbx-1/GSM1"]},
    "a service, 28 days by day": {**MONTH, "metric": CALLS, "step": ["day"], "service": ["big-2"]},
    "a year by hour": {**YEAR, "metric": ["calls"], "step": ["hour"]},
}


class Timed:
    """A client that adds up how long its answers took."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.seconds = 0.0

    def query(self, *given: Any, **more: Any) -> Any:
        began = time.perf_counter()
        try:
            return self._client.query(*given, **more)
        finally:
            self.seconds += time.perf_counter() - began


@dataclass(frozen=True)
class Asked:
    """One question, in seconds: whole, in the engine, of the processor (which others use too where several ask)."""

    whole: float
    engine: float
    processor: float


Times = dict[str, list[Asked]]
"""By question."""


async def ask(readers: Readers, known: Directory, name: str, times: Times) -> None:
    began, processor = time.perf_counter(), time.process_time()

    def question(store: Store) -> Timed:
        timed: Any = Timed(store.client)
        asked = {**QUESTIONS[name], "organisation": [BIG.name]}
        orjson.dumps(timeseries(Store(timed, store.generation, store.tenant), known, asked, COMPLETE))
        return cast("Timed", timed)

    timed = await readers.ask(question)
    times[name].append(Asked(time.perf_counter() - began, timed.seconds, time.process_time() - processor))


async def client(readers: Readers, known: Directory, nth: int, load: Load, until: float, times: Times) -> None:
    """They begin at different moments of their rest, and with different questions."""
    names = list(QUESTIONS)
    await asyncio.sleep(load.rest * nth / load.clients)
    while time.perf_counter() < until:
        await ask(readers, known, names[nth % len(names)], times)
        await asyncio.sleep(load.rest)
        nth += 1


async def measure(engine: Engine, seconds: float) -> None:
    set_asking(Principal())
    known = directory()
    with closing(Readers(engine)) as readers:
        await client(readers, known, 0, ALONE, time.perf_counter() + 1, defaultdict(list))
        for load in LOADS:
            times: Times = defaultdict(list)
            until = time.perf_counter() + seconds
            await asyncio.gather(*(client(readers, known, n, load, until, times) for n in range(load.clients)))
            show(load, seconds, times)


def show(load: Load, seconds: float, times: Times) -> None:
    every = [one for found in times.values() for one in found]
    rest = f", each with {load.rest:g} s of rest" if load.rest else ""
    say(f"\n{load.clients} client{'s' * (load.clients > 1)}{rest}: {len(every) / seconds:.0f} questions a second")
    say(f"{'ms':34} {'whole p50':>10} {'p95':>8} {'engine p50':>11} {'p95':>8} {'processor':>10}")
    for name, found in [("all", every), *times.items()]:
        whole, engine = [one.whole for one in found], [one.engine for one in found]
        shown = f"{at(whole, 0.5):10.1f} {at(whole, 0.95):8.1f} {at(engine, 0.5):11.1f} {at(engine, 0.95):8.1f}"
        processor = f"{at([one.processor for one in found], 0.5):10.1f}" if load is ALONE else f"{'-':>10}"
        say(f"{name:34} {shown} {processor}")


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def at(values: Iterable[float], share: float) -> float:
    ordered = sorted(values)
    return 1_000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--data", type=Path)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as beside, open_embedded(given.data or Path(beside)) as engine:
        engine.create_database()
        with engine.writer() as writer:
            migrate(writer)
            if not writer.command("SELECT count() FROM calls_hourly_g1"):
                fill(writer, given.scale, say)
            sizes = "SELECT count(), countIf(organisation = 'big'), sumIf(calls, organisation = 'big')"
            rows, own, calls = writer.query(f"{sizes} FROM calls_hourly_g1").result_rows[0]
            say(f"\n{rows:,} hourly rows, {own:,} of them of a tenant with {calls:,} calls")
        asyncio.run(measure(engine, given.seconds))


if __name__ == "__main__":
    main()
