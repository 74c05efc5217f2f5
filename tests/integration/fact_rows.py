"""Facts made by hand, as the agents would say them, and what the tables say of them."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from clickhouse_connect.driver.client import Client

from clickhouse.families import BY_TABLE
from clickhouse.families import ORDERS as ORDERS_FAMILY
from clickhouse.histogram import bucket
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import CALLS, FactsMapping

NEW_YEAR_2026_S = 1_767_225_600
DAY_S = 86_400
LEGS = '[["r1","inbound","GSM0","+79161234567","600",0,7000,89877,"agent","101"]]'


def fact(number: int, *, sign: int = 1, at_s: int = NEW_YEAR_2026_S, **changed: Any) -> dict[str, Any]:
    """One answered call of its own id, in a wall clock three hours ahead of UTC."""
    said: dict[str, Any] = {
        "organisation": "north",
        "service": "city",
        "server": "pbx-1",
        "gateway": f"GSM{number % 4}",
        "number": "+74950000000",
        "id": f"call-{number}",
        "phone": f"+7916{number:07d}",
        "direction": "inbound",
        "counted": 1,
        "reason": "",
        "started_at": at_s * 1_000 + 123,
        "ended_at": at_s * 1_000 + 90_000,
        "answered_at": at_s * 1_000 + 7_123,
        "local_time": at_s + 10_800,
        "utc_offset_min": 180,
        "legs": LEGS,
        "bridged": "",
        "calls": 1,
        "calls_answered": 1,
        "calls_missed": 0,
        "calls_short": 0,
        "calls_no_number": 0,
        "calls_outbound": 0,
        "calls_staff": 0,
        "wait_answered_ms": 7_000,
        "wait_missed_ms": 0,
        "talk_ms": 83_000,
        "new_callers_service": 1,
        "new_callers_organisation": 1,
        "unknown_callers_service": 0,
        "unknown_callers_organisation": 0,
        "contacts": 1,
        "contacts_missed": 0,
        "contacts_recovered": 0,
        "contacts_lost": 0,
        "contacts_demand": 1,
        "contacts_converted": 0,
        "sign": sign,
        "observed_at": at_s * 1_000 + 91_000,
    }
    return said | changed


def order(number: int, *, sign: int = 1, at_s: int = NEW_YEAR_2026_S, **changed: Any) -> dict[str, Any]:
    """One completed order of its own id, brought by a call, in a wall clock three hours ahead of UTC."""
    measures = dict.fromkeys(ORDERS_FAMILY.measures, 0) | {"orders": 1, "orders_completed": 1, "attributed_a": 1}
    said: dict[str, Any] = {
        "organisation": "north",
        "service": "city",
        "server": "pbx-1",
        "gateway": f"GSM{number % 4}",
        "number": "+74950000000",
        "id": f"order-{number}",
        "phone": f"+7916{number:07d}",
        "source": "operator",
        "state": "completed",
        "created_at": at_s * 1_000 + 123,
        "closed_at": at_s * 1_000 + 900_000,
        "pickup_at": None,
        "local_time": at_s + 10_800,
        "utc_offset_min": 180,
        "price": 35_000 + number,
        "currency": "RUB",
        "attribution": "A",
        "call": f"pbx-1/call-{number}",
        "unmapped": "",
        **measures,
        "new_clients_service": 1,
        "new_clients_organisation": 1,
        "revenue": 35_000 + number,
        "sign": sign,
        "observed_at": at_s * 1_000 + 901_000,
    }
    return said | changed


MADE: Mapping[str, Callable[..., dict[str, Any]]] = {"calls": fact, "orders": order}
"""Name of a mapping -> what makes one of its facts."""


def batch(facts: Iterable[Mapping[str, Any]], first: int = 0, partition: int = 0) -> Batch:
    entries = [Entry(offset, one) for offset, one in enumerate(facts, first)]
    return Batch(partition, first, entries[-1].offset, entries)


Sums = dict[str, int]


def measures(mapping: FactsMapping) -> tuple[str, ...]:
    return BY_TABLE[mapping.table].measures


def expected(facts: Iterable[Mapping[str, Any]], mapping: FactsMapping = CALLS) -> Sums:
    """The sum of measure * sign over everything said."""
    said = list(facts)
    return {name: sum(one[name] * one["sign"] for one in said) for name in measures(mapping)}


def stored(client: Client, generation: int = 1, mapping: FactsMapping = CALLS) -> dict[str, Sums]:
    """The same sums as each table gives them."""
    names = measures(mapping)
    sums = {name: _sums(client, f"{name}_g{generation}", names, "") for name in mapping.rollups}
    return {mapping.table: _sums(client, f"{mapping.table}_g{generation}", names, " * sign"), **sums}


def everywhere(sums: Sums, mapping: FactsMapping = CALLS) -> dict[str, Sums]:
    return dict.fromkeys((mapping.table, *mapping.rollups), sums)


def expected_talk_histogram(facts: Iterable[Mapping[str, Any]]) -> dict[int, int]:
    counts: dict[int, int] = {}
    for one in facts:
        if one["calls_answered"]:
            lower = bucket(one["talk_ms"])
            counts[lower] = counts.get(lower, 0) + one["sign"]
    return {lower: count for lower, count in counts.items() if count}


def stored_talk_histogram(client: Client, table: str) -> dict[int, int]:
    found = client.query(f"SELECT sumMap(talk_histogram) FROM {table}").result_rows[0][0]  # noqa: S608
    return {lower: count for lower, count in found.items() if count}


def _sums(client: Client, table: str, names: tuple[str, ...], signed: str) -> Sums:
    sums = ", ".join(f"sum(t.{name}{signed})" for name in names)
    return dict(zip(names, client.query(f"SELECT {sums} FROM {table} AS t").result_rows[0], strict=True))  # noqa: S608
