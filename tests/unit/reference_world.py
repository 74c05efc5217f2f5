"""Calls, orders and known clients of one organisation, said in a line each, for tests of the separate calculation.

Times are minutes (and parts) after 10:00 of the 1st of March 2026, UTC.
"""

from collections.abc import Iterable
from typing import Any

import orjson

from streams.contracts.directory import Entities
from streams.contracts.facts import CallFact, OrderFact
from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Record
from streams.contracts.times import DAY_MS, format_time, parse_time
from tests.unit.net_facts import Facts, net_facts

TEN = parse_time("2026-03-01T10:00:00Z")
CLIENT, OTHER = "+79161234567", "+79167654321"
DAY = DAY_MS / 60_000
MS = 1 / 60_000


def directory(**organisation: Any) -> Entities:
    one = {"id": "one", "name": "-", "time_zone": "Europe/Moscow", "region": "RU", "area_code": "495"}
    return Entities.model_validate(
        {
            "organisations": [
                {**one, **organisation},
                {"id": "two", "name": "-", "time_zone": "Europe/Berlin", "region": "RU", "currency": "EUR"},
            ],
            "services": [
                {"id": "a", "organisation": "one", "name": "-", "aliases": ["Alpha"]},
                {"id": "b", "organisation": "one", "name": "-", "time_zone": "Asia/Yekaterinburg", "area_code": "343"},
                {"id": "x", "organisation": "two", "name": "-", "aliases": ["Alpha"]},
            ],
            "servers": [{"id": "p1", "time_zone": "Asia/Kolkata"}, {"id": "p2", "time_zone": "UTC"}],
            "gateways": [
                {"server": server, "account": service.upper(), "lines": [{"service": service, "numbers": [number]}]}
                for server in ("p1", "p2")
                for service, number in (("a", "11"), ("b", "22"), ("x", "33"))
            ],
        }
    )


def time(minutes: float) -> str:
    return format_time(ms(minutes))


def ms(minutes: float) -> int:
    return TEN + round(minutes * 60_000)


def call(call_id: str, start: float = 0, lasted: float = 1, answered: bool = False, **fields: Any) -> CallRecord:
    """A missed call of a minute to service a, unless told otherwise."""
    record = {
        "v": 1,
        "server": "p1",
        "record_id": call_id,
        "call_id": call_id,
        "direction": "inbound",
        "gateway": "A",
        "caller": CLIENT,
        "callee": "",
        "started_at": time(start),
        "ended_at": time(start + lasted),
        "answered_at": time(start) if answered else None,
        "answered_by": "agent" if answered else None,
        "observed_at": time(start + lasted),
    }
    return CallRecord.model_validate_json(orjson.dumps(record | fields))


def reached(call_id: str, start: float, **fields: Any) -> CallRecord:
    """An outbound call that the client answers."""
    return call(call_id, start, answered=True, direction="outbound", callee=CLIENT, **fields)


def order(order_id: str, created: float = 0, state: str = "completed", **fields: Any) -> OrderEvent:
    """An operator's order for service a, in one revision that closes it at once, unless told otherwise."""
    occurred = fields.pop("occurred", created)
    pickup = fields.pop("pickup", None)
    card = fields.pop("card", None)
    event = {
        "v": 1,
        "organisation": "one",
        "order_id": order_id,
        "revision": 0,
        "occurred_at": time(occurred),
        "created_at": time(created),
        "pickup_at": None if pickup is None else time(pickup),
        "state": state,
        "source": "operator",
        "service": "a",
        "phone": CLIENT,
        "server": card and "p1",
        "call_id": card,
        "observed_at": time(max(created, occurred)),
    }
    return OrderEvent.model_validate_json(orjson.dumps(event | fields))


def known(since: float, service: str | None = None, **fields: Any) -> ClientBaseEntry:
    entry = {"v": 1, "organisation": "one", "phone": CLIENT, "service": service, "observed_at": time(since)}
    return ClientBaseEntry.model_validate_json(orjson.dumps(entry | {"first_order_at": time(since)} | fields))


def derived(*records: Record, entities: Entities | None = None) -> Facts:
    """The net facts; the same in any order of the records."""
    found, backwards = (net_facts(each, entities or directory()) for each in (records, reversed(records)))
    assert found == backwards
    return found


def calls(*records: Record, entities: Entities | None = None) -> dict[str, CallFact]:
    return {fact["id"]: fact for fact in derived(*records, entities=entities).calls}


def orders(*records: Record, entities: Entities | None = None) -> dict[str, OrderFact]:
    return {fact["id"]: fact for fact in derived(*records, entities=entities).orders}


def marked(facts: Iterable[CallFact] | Iterable[OrderFact], mark: str) -> list[str]:
    """Ids of the facts that carry it."""
    return [fact["id"] for fact in facts if fact[mark]]  # type: ignore[literal-required]
