"""A fact as a person reads it: local times, names of the directory, the metrics in which it counts. Pure."""

from collections.abc import Mapping
from datetime import timedelta, timezone
from typing import Any

import orjson

from clickhouse.families import CALLS, ORDERS, Family
from clickhouse.metrics import METRICS
from clickhouse.metrics.metric import Sum
from clickhouse.queries.labels import label
from streams.contracts.times import instant
from streams.directory import Directory

Fact = Mapping[str, Any]
Row = dict[str, Any]


def call_row(fact: Fact, directory: Directory) -> Row:
    """A call; in the list of contacts, the first one of the contact. One that does not count has no wait and no talk
    time."""
    answered, counted = fact["answered_at"] is not None, bool(fact["counted"])
    until = fact["answered_at"] if answered else fact["ended_at"]
    return {
        "time": _local(fact, fact["started_at"]),
        "end": _local(fact, fact["ended_at"]),
        **_place(fact, directory),
        "direction": fact["direction"],
        "reason": fact["reason"],
        "answered": answered,
        "wait_ms": until - fact["started_at"] if counted else None,
        "talk_ms": fact["talk_ms"] if counted else None,
        "counts_in": _counts_in(CALLS, fact),
    }


def leg_rows(fact: Fact) -> list[Row]:
    """The legs of a call, the first ones of very many, in the wall clock of the call."""
    return [
        {
            **dict(zip(("record_id", "direction", "gateway", "caller", "callee"), leg[:5], strict=True)),
            **{
                name: None if after is None else _local(fact, fact["started_at"] + after)
                for name, after in zip(("started", "answered", "ended"), leg[5:8], strict=True)
            },
            "answered_by": leg[8],
            "agent": leg[9],
        }
        for leg in orjson.loads(fact["legs"])
    ]


def order_row(fact: Fact, directory: Directory) -> Row:
    return {
        "time": _local(fact, fact["created_at"]),
        "closed": _later(fact, fact["closed_at"], directory),
        "pickup": _later(fact, fact["pickup_at"], directory),
        **_place(fact, directory),
        "source": fact["source"],
        "state": fact["state"],
        "price": fact["price"],
        "currency": fact["currency"],
        "attribution": fact["attribution"],
        "call": fact["call"],
        "counts_in": _counts_in(ORDERS, fact),
    }


def _place(fact: Fact, directory: Directory) -> Row:
    return {
        "organisation": fact["organisation"],
        "service": fact["service"],
        "service_label": label("service", fact["service"], directory),
        "gateway": f"{fact['server']}/{fact['gateway']}" if fact["server"] else "",
        "number": fact["number"],
        "id": fact["id"],
        "phone": fact["phone"],
    }


def _local(fact: Fact, moment: int | None) -> str | None:
    """In the wall clock that the row is counted in."""
    if moment is None:
        return None
    clock = timezone(timedelta(minutes=fact["utc_offset_min"]))
    return instant(moment).astimezone(clock).isoformat(timespec="milliseconds")


def _later(fact: Fact, moment: int | None, directory: Directory) -> str | None:
    """By the same clock, which may have been changed since the order was created."""
    if moment is None or fact["organisation"] not in directory.organisations:
        return _local(fact, moment)
    clock = directory.zone_of(fact["organisation"], fact["service"], "")
    return instant(moment).astimezone(clock).isoformat(timespec="milliseconds")


def _counts_in(family: Family, fact: Fact) -> list[str]:
    """The metrics that this row is a part of."""
    return [
        metric.name
        for metric in METRICS
        if metric.family is family and isinstance(metric.formula, Sum) and fact[metric.formula.measure]
    ]
