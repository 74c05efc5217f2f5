"""How long the rules take per message, validation included, over the state on disk as the worker uses it.

    .venv/bin/python -m tests.performance.bench_rules [--calls 20000] [--profile]

Three legs a call with Asterisk-like ids, every tenth record repeated, four calls of each client on average; half of
the gateways show callers with +7, half with 8. Every second call brings an order of three revisions, half of them with
its card. First the calls alone, then both. Processor time; the validation alone tells how fast the machine is.
"""

import argparse
import cProfile
import pstats
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson

from streams.app import collect_rarely
from streams.chunks import Message, Outputs, State
from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service
from streams.contracts.records import CallRecord, read
from streams.contracts.times import format_time, parse_time
from streams.delivery.limits import Limits
from streams.delivery.state import Store
from streams.directory import Directory
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls
from streams.rules.deduplicate_orders import deduplicate_orders

START_MS = 1_767_225_600_000
CHUNK = Limits().chunk_records
ACCOUNTS = ("GSM1", "GSM2", "GSM3", "GSM4")

Rule = Callable[[Sequence[Message], State, Directory], Outputs]


@dataclass(frozen=True, slots=True)
class Arrived:
    key: bytes
    value: bytes
    offset: int = 0


def directory() -> Directory:
    return Directory(
        Entities(
            organisations=(
                Organisation(
                    id="orbita",
                    name="O",
                    time_zone="Europe/Moscow",
                    region="RU",
                    area_code="495",
                    history_from=date(2026, 1, 1),
                ),
            ),
            services=tuple(Service(id=f"service-{n}", organisation="orbita", name="S") for n in (1, 2)),
            servers=(Server(id="pbx-1", time_zone="Europe/Moscow"),),
            gateways=tuple(
                Gateway(
                    server="pbx-1",
                    account=account,
                    lines=(Line(service=f"service-{1 + n % 2}", numbers=(f"+7495111000{n}",)),),
                )
                for n, account in enumerate(ACCOUNTS)
            ),
        )
    )


def record_values(calls: int, chance: random.Random) -> list[Arrived]:
    clients = [9_160_000_000 + chance.randrange(9_999_999) for _ in range(calls // 4)]
    records: list[Arrived] = []
    for number in range(calls):
        records += [Arrived(b"pbx-1", orjson.dumps(leg)) for leg in legs_of(number, chance.choice(clients), chance)]
        if chance.random() < 0.3:
            records.append(records[-1])
    return records


def event_values(records: Sequence[Arrived], chance: random.Random) -> list[Arrived]:
    """The orders that every second call brings, half a minute after its start."""
    events: list[Arrived] = []
    for number, record in enumerate(records):
        leg = orjson.loads(record.value)
        if leg["gateway"] is not None and number % 2:
            events += events_of(f"o{number}", leg, chance)
    return events


def events_of(name: str, leg: dict[str, str], chance: random.Random) -> list[Arrived]:
    created = parse_time(leg["started_at"]) + 30_000
    card = {"server": leg["server"], "call_id": leg["call_id"]} if chance.random() < 0.5 else {}
    order = {"v": 1, "organisation": "orbita", "order_id": name, "created_at": format_time(created)}
    said = {**order, **card, "source": "operator", "phone": leg["caller"], "service": "service-1"}
    states = enumerate(("created", "assigned", "completed"))
    return [
        Arrived(
            f"orbita/{name}".encode(),
            orjson.dumps(
                {
                    **said,
                    "revision": revision,
                    "state": state,
                    "occurred_at": (occurred := format_time(created + revision * 600_000)),
                    "observed_at": occurred,
                }
            ),
        )
        for revision, state in states
    ]


def legs_of(number: int, client: int, chance: random.Random) -> list[dict[str, object]]:
    start = START_MS + number * 20_000 + chance.randrange(20_000)
    call_id = f"{start // 1000}.{number}"
    answer, end = start + chance.randrange(2_000, 30_000), start + chance.randrange(31_000, 200_000)
    caller = (f"8{client}", f"+7{client}")[number % 2]
    common = {"v": 1, "server": "pbx-1", "call_id": call_id, "caller": caller, "callee": "600"}
    times = {"started_at": format_time(start), "ended_at": format_time(end), "observed_at": format_time(end + 1_000)}
    outer = {"direction": "inbound", "gateway": ACCOUNTS[number % 4], "answered_at": times["started_at"]}
    inner = {"direction": "internal", "gateway": None}
    legs: list[dict[str, object]] = [{**common, **times, **outer, "answered_by": "machine", "channel_ids": [call_id]}]
    for agent in (1, 2):
        answered = {"answered_at": format_time(answer), "answered_by": "agent"} if agent == 2 else {}
        channels = [call_id, f"{call_id}{agent}"]
        legs.append({**common, **times, **inner, **answered, "channel_ids": channels, "agent": f"10{agent}"})
    return [{**leg, "record_id": f"{call_id}/{place}"} for place, leg in enumerate(legs)]


def run(rule: Rule, messages: Sequence[Message], folder: Path) -> tuple[float, list[Arrived]]:
    """Prints the time per message of the rule and of storing its changes; returns (rule seconds, outputs)."""
    store = Store(folder)
    outputs: list[Arrived] = []
    in_rule = in_store = 0.0
    written = size = 0
    known = directory()
    for first in range(0, len(messages), CHUNK):
        with store.view() as state:
            begin = time.process_time()
            done = rule(messages[first : first + CHUNK], state, known)
            in_rule += time.process_time() - begin
            changes = state.changes
        begin = time.process_time()
        store.apply(changes, first, None)
        in_store += time.process_time() - begin
        written += len(changes)
        size += sum(len(key) + len(value or b"") for key, value in changes.items())
        outputs += [Arrived(key, value) for _, key, value in done.emitted]
    store.close()
    each = 1e6 / len(messages)
    print(  # noqa: T201
        f"{getattr(rule, '__name__', rule)}: {len(messages)} messages, {in_rule * each:.1f} us each, storing "
        f"{in_store * each:.1f} us; {written / len(messages):.2f} keys and {size / len(messages):.0f} bytes a message"
    )
    return in_rule, outputs


def mixed(calls: list[Arrived], orders: list[Arrived], chance: random.Random) -> list[Arrived]:
    """As two writers fill one topic, both about as far in time."""
    places = sorted([(chance.random(), True) for _ in calls] + [(chance.random(), False) for _ in orders])
    by_kind = {True: iter(calls), False: iter(orders)}
    return [next(by_kind[is_call]) for _, is_call in places]


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--calls", type=int, default=20_000)
    options.add_argument("--profile", action="store_true")
    given = options.parse_args()
    collect_rarely()
    records = record_values(given.calls, random.Random(7))
    profile = cProfile.Profile()
    begin = time.process_time()
    for each in records:
        read(CallRecord, each.key, each.value)
    print(f"validation alone: {(time.process_time() - begin) * 1e6 / len(records):.1f} us a record")  # noqa: T201
    with tempfile.TemporaryDirectory() as folder:
        if given.profile:
            profile.enable()
        _, calls = run(deduplicate_calls, records, Path(folder, "calls"))
        run(classify_clients, calls, Path(folder, "clients"))
        profile.disable()
        _, orders = run(deduplicate_orders, event_values(records, random.Random(7)), Path(folder, "orders"))
        run(classify_clients, mixed(calls, orders, random.Random(7)), Path(folder, "both"))
    if given.profile:
        pstats.Stats(profile).sort_stats("tottime").print_stats(45)


if __name__ == "__main__":
    main()
