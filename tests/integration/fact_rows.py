"""Facts made by hand, as the agents would say them, and what the tables say of them."""

from collections.abc import Iterable, Mapping
from typing import Any

from clickhouse_connect.driver.client import Client

from clickhouse.histogram import bucket
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import CALLS
from streams.contracts.facts import SignedCallFact

NEW_YEAR_2026_S = 1_767_225_600
DAY_S = 86_400
ROLLUPS = CALLS.rollups
MEASURES = tuple(
    name for name in SignedCallFact.__annotations__ if name.startswith(("calls", "wait_", "talk_", "new_"))
)


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


def batch(facts: Iterable[Mapping[str, Any]], first: int = 0, partition: int = 0) -> Batch:
    entries = [Entry(offset, one) for offset, one in enumerate(facts, first)]
    return Batch(partition, first, entries[-1].offset, entries)


Sums = dict[str, int]


def expected(facts: Iterable[Mapping[str, Any]]) -> Sums:
    """The sum of measure * sign over everything said."""
    said = list(facts)
    return {name: sum(one[name] * one["sign"] for one in said) for name in MEASURES}


def stored(client: Client, generation: int = 1) -> dict[str, Sums]:
    """The same sums as each table gives them."""
    sums = {name: _sums(client, f"{name}_g{generation}", "") for name in ROLLUPS}
    return {"call_facts": _sums(client, f"call_facts_g{generation}", " * sign"), **sums}


def everywhere(sums: Sums) -> dict[str, Sums]:
    return dict.fromkeys(("call_facts", *ROLLUPS), sums)


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


def _sums(client: Client, table: str, signed: str) -> Sums:
    measures = ", ".join(f"sum({name}{signed})" for name in MEASURES)
    return dict(zip(MEASURES, client.query(f"SELECT {measures} FROM {table}").result_rows[0], strict=True))  # noqa: S608
