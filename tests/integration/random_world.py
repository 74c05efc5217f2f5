"""Random calls and orders around changes of clocks (days of 23 and 25 hours, zones with :30), some of them corrected
afterwards, in a store of their own; random questions about them; and which of them a question is about."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from clickhouse_connect.driver.client import Client

from clickhouse.engine import open_embedded
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import MAPPINGS, FactsMapping
from clickhouse.loader.store import FactStore
from clickhouse.metrics import METRICS
from clickhouse.migrate import migrate
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service
from streams.contracts.times import wall_clock
from streams.directory import Directory

Fact = dict[str, Any]
Facts = dict[str, list[Fact]]
Question = dict[str, list[str]]

ZONES = {"city": "Europe/Berlin", "hill": "Asia/Kolkata", "isle": "America/St_Johns", "": "UTC"}
OWNERS = {"city": "north", "hill": "north", "isle": "west", "": ""}
CHANGES = [datetime(2026, 3, 8, 5), datetime(2026, 3, 29, 1), datetime(2026, 10, 25, 1), datetime(2026, 11, 1, 5)]  # noqa: DTZ001
AFTER_ALL = datetime(2030, 1, 1, tzinfo=UTC)

DIRECTORY = Directory(
    Entities(
        organisations=(
            Organisation(id="north", name="North", time_zone="Europe/Berlin", region="DE"),
            Organisation(id="west", name="West", time_zone="America/St_Johns", region="CA"),
        ),
        services=(
            Service(id="city", organisation="north", name="City"),
            Service(id="hill", organisation="north", name="Hill", time_zone="Asia/Kolkata"),
            Service(id="isle", organisation="west", name="Isle"),
        ),
        servers=(Server(id="pbx-1", time_zone="UTC"), Server(id="pbx-2", time_zone="UTC")),
        gateways=(Gateway(server="pbx-1", account="GSM1", lines=(Line(service="city", numbers=("+491",)),)),),
    ),
    1,
)


def random_call(chance: random.Random, number: int) -> Fact:
    service = chance.choice(list(ZONES))
    start = random_moment(chance)
    local_time, offset = wall_clock(start, ZoneInfo(ZONES[service]))
    kinds = ["answered", "missed", "short", "outbound", "staff"] if service else ["outbound", "unmapped"]
    kind = chance.choice(kinds)
    counted = kind in {"answered", "missed", "short"}
    phone = chance.choice(["", *(f"+4930{n}" for n in range(25))])
    wait, talk = chance.randrange(90_000), chance.randrange(1_000, 900_000)
    return {
        "organisation": OWNERS[service],
        "service": service,
        "server": chance.choice(["pbx-1", "pbx-2"]),
        "gateway": chance.choice(["GSM1", "GSM2", "GSM3"]),
        "number": chance.choice(["+491", "+492"]) if service else "",
        "id": f"call-{number}",
        "phone": phone,
        "direction": "outbound" if kind == "outbound" else "inbound",
        "counted": int(counted),
        "reason": "" if counted else kind,
        "started_at": start,
        "ended_at": start + wait + talk,
        "answered_at": start + wait if kind == "answered" else None,
        "local_time": local_time,
        "utc_offset_min": offset,
        "legs": "[]",
        "bridged": "",
        "calls": int(counted),
        "calls_answered": int(kind == "answered"),
        "calls_missed": int(kind == "missed"),
        "calls_short": int(kind == "short"),
        "calls_no_number": int(counted and not phone),
        "calls_outbound": int(kind == "outbound"),
        "calls_staff": int(kind == "staff"),
        "wait_answered_ms": wait if kind == "answered" else 0,
        "wait_missed_ms": wait if kind == "missed" else 0,
        "talk_ms": talk if kind == "answered" else 0,
        "new_callers_service": int(counted and chance.random() < 0.2),
        "new_callers_organisation": int(counted and chance.random() < 0.1),
        "unknown_callers_service": int(counted and chance.random() < 0.1),
        "unknown_callers_organisation": int(counted and chance.random() < 0.1),
        **random_contact(chance, counted and phone != ""),
    }


def uncounted_call(at: datetime) -> Fact:
    """Through a gateway that nobody has named, on a server whose clock shows UTC."""
    of_nobody = (random_call(random.Random(seed), seed) for seed in count())
    call = next(call for call in of_nobody if call["reason"] == "unmapped")
    return {**call, "started_at": int(at.timestamp() * 1_000), "local_time": int(at.timestamp())}


def random_moment(chance: random.Random) -> int:
    near = chance.choice(CHANGES) + timedelta(hours=chance.choice([4, 60, 900]) * chance.uniform(-1, 1))
    return int(near.replace(tzinfo=UTC).timestamp() * 1_000)


def random_order(chance: random.Random, number: int) -> Fact:
    """Of operators and others, with and without a call; of a known service, or of none."""
    service = chance.choice(list(ZONES))
    created = random_moment(chance)
    local_time, offset = wall_clock(created, ZoneInfo(ZONES[service]))
    state = chance.choice(["completed", "completed", "cancelled", "no_car", "no_show", "assigned", "other"])
    source = chance.choice(["operator", "operator", "website", "app", "other", "unknown"])
    level = chance.choice("ABCD") if source == "operator" and service else ""
    told = level in ("A", "B")
    price = chance.choice([None, 0, chance.randrange(1, 90_000)])
    completed = state == "completed"
    marks = {
        f"{age}_{what}_{scope}": int((completed or "ordering" in what) and chance.random() < 0.2)
        for age in ("new", "unknown")
        for what in ("clients", "ordering_clients")
        for scope in ("service", "organisation")
    }
    return {
        "organisation": OWNERS[service],
        "service": service,
        "server": chance.choice(["pbx-1", "pbx-2"]) if told else "",
        "gateway": chance.choice(["GSM1", "GSM2"]) if told else "",
        "number": chance.choice(["+491", "+492"]) if told else "",
        "id": f"order-{number}",
        "phone": chance.choice(["", "+4930"]),
        "source": source,
        "state": state,
        "created_at": created,
        "closed_at": created + 1_000 if chance.random() < 0.5 else None,
        "pickup_at": None,
        "local_time": local_time,
        "utc_offset_min": offset,
        "price": price,
        "currency": "" if price is None else "EUR",
        "attribution": level,
        "call": "pbx-1/call-1" if level in ("A", "B", "C") else "",
        "unmapped": "",
        "orders": 1,
        **{f"orders_{ended}": int(state == ended) for ended in ("completed", "cancelled", "no_car", "no_show")},
        "orders_open": int(state in ("assigned", "other")),
        **marks,
        "reactivated_clients": int(completed and chance.random() < 0.1),
        "revenue": (price or 0) if completed else 0,
        **{f"attributed_{each.lower()}": int(level == each) for each in "ABCD"},
    }


def random_contact(chance: random.Random, possible: bool) -> dict[str, int]:
    """The measures of a contact, on some calls that have a phone."""
    contact = possible and chance.random() < 0.7
    missed, demand = contact and chance.random() < 0.4, contact and chance.random() < 0.8
    recovered, converted = missed and chance.random() < 0.5, demand and chance.random() < 0.5
    return {
        "contacts": int(contact),
        "contacts_missed": int(missed),
        "contacts_recovered": int(recovered),
        "contacts_lost": int(missed and not recovered),
        "contacts_demand": int(demand),
        "contacts_converted": int(converted),
    }


MAKING: dict[str, Callable[[random.Random, int], Fact]] = {"calls": random_call, "orders": random_order}


def random_facts() -> Facts:
    return {name: [make(random.Random(f"{name} {n}"), n) for n in range(900)] for name, make in MAKING.items()}


@contextmanager
def stored(facts: Facts, folder: Path) -> Iterator[Store]:
    with open_embedded(folder) as engine:
        engine.create_database()
        writer, reader = engine.writer(), engine.reader()
        migrate(writer)
        for mapping in MAPPINGS:
            signed = corrected(mapping.name, facts[mapping.name])
            half = len(signed) // 2
            insert(writer, mapping, signed[:half], 0)
            insert(writer, mapping, signed[half:], half)
        yield Store(reader, 1, PROVIDER)
        writer.close()
        reader.close()


def corrected(name: str, facts: list[Fact]) -> list[tuple[Fact, int]]:
    """Some were first stated otherwise: of another moment, gateway, phone and outcome, and then taken back."""
    chance = random.Random(8)
    wrong = [{**MAKING[name](chance, 0), "id": fact["id"]} for fact in facts if chance.random() < 0.3]
    return [*((fact, 1) for fact in wrong), *((fact, 1) for fact in facts), *((fact, -1) for fact in wrong)]


def insert(writer: Client, mapping: FactsMapping, signed: Sequence[tuple[Fact, int]], first_offset: int) -> None:
    """As the loader does, but for Kafka."""
    entries = [
        Entry(first_offset + number, {**fact, "sign": sign, "observed_at": fact["local_time"] * 1_000})
        for number, (fact, sign) in enumerate(signed)
    ]
    batch = Batch(0, entries[0].offset, entries[-1].offset, entries)
    store = FactStore(writer, mapping, 1, f"topic of {mapping.name}")
    store.insert(batch, store.clock_ms() + 60_000)


def random_question(chance: random.Random) -> Question:
    start = chance.choice(CHANGES).replace(hour=0) + timedelta(days=chance.randrange(-40, 10))
    start = chance.choice([start, start.replace(day=1), start - timedelta(days=start.weekday()), start.replace(hour=2)])
    end = start + timedelta(days=chance.choice([1, 2, 7, 31, 90, 260]), hours=chance.choice([0, 0, 3, 13]))
    first_of_month = end.replace(day=1, hour=0)
    end = first_of_month if first_of_month > start and chance.random() < 0.5 else end
    step = chance.choice(
        ["hour", "day", "week", "month"] if end - start < timedelta(days=40) else ["day", "week", "month"]
    )
    only_orders = chance.random() < 0.5
    metrics = [metric for metric in METRICS if metric.family.name == "orders" or not only_orders]
    question = {
        "metric": [metric.name for metric in chance.sample(metrics, 5)],
        "from": [start.isoformat(timespec="minutes")],
        "to": [end.isoformat(timespec="minutes")],
        "step": [step],
        "by": [chance.choice(["none", "service", "gateway", "number", *(["source", "state"] if only_orders else [])])],
    }
    filters: list[Question] = [
        {},
        {"organisation": ["north"]},
        {"organisation": ["west"]},
        {"service": ["city"]},
        {"service": ["isle"], "gateway": ["pbx-1/GSM1", "pbx-2/GSM2"]},
        {"service": ["hill", "city"], "number": ["+491"]},
        {"gateway": ["pbx-1/GSM1"]},
        {"gateway": [""], "organisation": ["north"]},
    ]
    of_orders: list[Question] = [{}, {"source": ["operator", "other"]}, {"state": ["completed"]}]
    return question | chance.choice(filters) | (chance.choice(of_orders) if only_orders else {})


def only_zone(question: Question) -> str | None:
    services = question.get("service") or [s for s, owner in OWNERS.items() if s]
    if "organisation" in question:
        services = [s for s in services if OWNERS[s] == question["organisation"][0]]
    zones = {ZONES[service] for service in services}
    return zones.pop() if len(zones) == 1 else None


def moment(fact: Fact) -> int:
    """Of the start of a call, of the creation of an order."""
    found: int = fact["started_at"] if "started_at" in fact else fact["created_at"]
    return found


def gateway_of(fact: Fact) -> str:
    return f"{fact['server']}/{fact['gateway']}" if fact["server"] else ""


def local(fact: Fact) -> datetime:
    """With its zone: worked out from the moment, not from the stored wall clock."""
    return datetime.fromtimestamp(moment(fact) / 1_000, UTC).astimezone(ZoneInfo(ZONES[fact["service"]]))


def matches(fact: Fact, question: Question) -> bool:
    wall = local(fact).replace(tzinfo=None)
    gateway = gateway_of(fact)
    return (
        datetime.fromisoformat(question["from"][0]) <= wall < datetime.fromisoformat(question["to"][0])
        and fact["organisation"] in question.get("organisation", [fact["organisation"]])
        and fact["service"] in question.get("service", [fact["service"]])
        and fact["number"] in question.get("number", [fact["number"]])
        and gateway in question.get("gateway", [gateway])
        and all(fact[name] in question[name] for name in ("source", "state") if name in question)
    )


def group_of(fact: Fact, by: str) -> str:
    values: dict[str, str] = {**fact, "none": "", "gateway": gateway_of(fact)}
    return values[by]
