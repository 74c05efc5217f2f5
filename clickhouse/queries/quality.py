"""How far the numbers of a range can be trusted, and what is to be put right: the JSON of `/api/v1/quality`.

Comes in: raw parameters, the store, the directory and how far everything has come through. Goes out: what the store
knows of it; each count is of what stands, so that it goes away once it is put right. Raises `BadParameter`.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

from clickhouse.families import CALLS, ORDERS
from clickhouse.metrics import DEFINITIONS
from clickhouse.queries import quality_sql as sql
from clickhouse.queries.levels import levels
from clickhouse.queries.parse import Raw, number, parse, refuse_unknown
from clickhouse.queries.quality_answer import (
    Bridged,
    BridgedCall,
    ForeignCurrency,
    Freshness,
    NoNumber,
    Quality,
    QualityMeta,
    Silent,
    UnmappedGateway,
    UnmappedWord,
)
from clickhouse.queries.run import Store
from clickhouse.queries.scope import Scope, scope
from streams.contracts.directory import Line
from streams.contracts.times import instant, utc_text
from streams.directory import Directory

SILENT_DAYS: Final = 3
MOST_SILENT_DAYS: Final = 365
PARAMETERS: Final = frozenset({"from", "to", "organisation", "silent_days"})


def quality(store: Store, directory: Directory, raw: Raw, complete_until: datetime) -> Quality:
    refuse_unknown(raw, PARAMETERS)
    silent_days = number(raw, "silent_days", MOST_SILENT_DAYS) or SILENT_DAYS
    given = {name: values for name, values in raw.items() if name != "silent_days"}
    asked = scope(parse({**given, "metric": ["calls"], "step": ["month"]}), directory, store.tenant)
    return {
        "meta": _meta(asked, silent_days, complete_until),
        "freshness": _freshness(store, asked),
        "unmapped_gateways": list(_unmapped_gateways(store, asked)),
        "unmapped_words": list(_unmapped_words(store, asked)),
        "no_number": _no_number(store, asked),
        "bridged": _bridged(store, asked, directory),
        "foreign_currency": list(_foreign_currency(store, asked, directory)),
        "silent_gateways": list(_silent(store, asked, directory, silent_days, complete_until)),
        "levels": levels(store, asked),
    }


def _meta(asked: Scope, silent_days: int, complete_until: datetime) -> QualityMeta:
    return {
        "from": str(asked.query.start),
        "to": str(asked.query.end),
        "time_zone": None if asked.zone is None else str(asked.zone),
        "silent_days": silent_days,
        "definitions": DEFINITIONS,
        "complete_until": utc_text(complete_until),
    }


def _freshness(store: Store, asked: Scope) -> Freshness:
    """Whatever the range: what came last of each source."""
    calls = _last(store, asked, sql.last_of(CALLS, "server"))
    orders = _last(store, asked, sql.last_of(ORDERS, "organisation"))
    return {
        "servers": [{"server": name, "last_call": last, "observed_at": seen} for name, last, seen in calls],
        "organisations": [
            {"organisation": name, "last_order": last, "observed_at": seen} for name, last, seen in orders
        ],
    }


def _last(store: Store, asked: Scope, last: sql.LastOf) -> list[tuple[str, str, str]]:
    """Name, last moment and when that was seen, by name."""
    days = store.rows(*sql.ever(asked, last.days, last.rollup))
    found = _moments_of(store, asked, last, days)
    gone = sorted({name for name, _ in days} - {name for name, *_ in found})
    if gone:
        standing = store.rows(*sql.ever(asked, last.standing_days, last.facts, {"names": gone}))
        found += _moments_of(store, asked, last, standing)
    return sorted((name, _moment(at), _moment(seen)) for name, at, seen in found)


def _moments_of(store: Store, asked: Scope, last: sql.LastOf, days: Sequence[Sequence[Any]]) -> list[Sequence[Any]]:
    """The last moment of each on a day of its own."""
    if not days:
        return []
    months = sorted({day.year * 100 + day.month for _, day in days})
    return [*store.rows(*sql.ever(asked, last.moments, last.facts, {"days": [*map(tuple, days)], "months": months}))]


def _unmapped_gateways(store: Store, asked: Scope) -> Iterator[UnmappedGateway]:
    for server, gateway, calls, first, last in store.rows(*sql.in_range(asked, sql.UNMAPPED_GATEWAYS, CALLS)):
        yield {
            "gateway": f"{server}/{gateway}",
            "calls": int(calls),
            "first_call": _moment(first),
            "last_call": _moment(last),
        }


def _unmapped_words(store: Store, asked: Scope) -> Iterator[UnmappedWord]:
    for kind, word, organisation, orders in store.rows(*sql.in_range(asked, sql.UNMAPPED_WORDS, ORDERS)):
        yield {"kind": kind, "word": word, "organisation": organisation, "orders": int(orders)}


def _no_number(store: Store, asked: Scope) -> NoNumber:
    calls = store.rows(*sql.in_rollup(asked, sql.CALLS_WITHOUT_NUMBER))
    orders = store.rows(*sql.in_range(asked, sql.ORDERS_WITHOUT_NUMBER, ORDERS))
    return {
        "calls": [
            {"organisation": o, "service": s, "gateway": f"{server}/{gateway}", "calls": int(n), "no_number": int(no)}
            for o, s, server, gateway, n, no in calls
        ],
        "orders": [
            {"organisation": o, "service": s, "source": source, "orders": int(n), "no_number": int(no)}
            for o, s, source, n, no in orders
        ],
    }


def _bridged(store: Store, asked: Scope, directory: Directory) -> Bridged:
    """Other tenants are named to the provider only: their names are in his directory."""
    found = store.rows(*sql.in_range(asked, sql.BRIDGED, CALLS))
    calls: list[BridgedCall] = [
        {
            "time": _moment(at),
            "gateway": f"{server}/{gateway}",
            "server": server,
            "id": call,
            "organisation": organisation,
            "organisations": [name for name in orjson.loads(bridged) if name in directory.organisations],
        }
        for at, server, gateway, call, organisation, bridged, _ in found
    ]
    return {"total": int(found[0][-1]) if found else 0, "calls": calls}


def _foreign_currency(store: Store, asked: Scope, directory: Directory) -> Iterator[ForeignCurrency]:
    for organisation, currency, orders, price in store.rows(*sql.in_range(asked, sql.CURRENCIES, ORDERS)):
        owner = directory.organisations.get(organisation)
        if owner is not None and owner.currency != currency:
            yield {"organisation": organisation, "currency": currency, "orders": int(orders), "price": int(price)}


def _silent(
    store: Store, asked: Scope, directory: Directory, silent_days: int, complete_until: datetime
) -> Iterator[Silent]:
    """Of the gateways that have a line on the day up to which all is through: who used to have calls, and has none."""
    days = {(server, account): day for server, account, day in store.rows(*sql.ever(asked, sql.LAST_DAYS, sql.daily()))}
    for (server, account), gateway in sorted(directory.gateways.items()):
        today = complete_until.astimezone(directory.server_zone(server)).date()
        line = next((line for line in gateway.lines if line.covers(today)), None)
        last = days.get((server, account))
        if (
            line is None
            or last is None
            or last > today - timedelta(days=silent_days)
            or not _asked(line, asked, directory)
        ):
            continue
        yield {
            "gateway": gateway.id,
            "organisation": directory.services[line.service].organisation,
            "service": line.service,
            "number": line.numbers[0],
            "last_call": last.isoformat(),
            "days": (today - last).days,
        }


def _asked(line: Line, asked: Scope, directory: Directory) -> bool:
    service = directory.services.get(line.service)
    return service is not None and asked.query.organisation in (None, service.organisation)


def _moment(ms: Any) -> str:
    return utc_text(instant(int(ms)))
