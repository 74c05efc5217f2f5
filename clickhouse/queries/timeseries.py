"""The stages of a time series in their order: parse, scope, rank, ask, fill, compare, shape.

Comes in: raw parameters, the store, the directory as the tenant sees it and how far everything has come through. Goes
out: the JSON of `/api/v1/timeseries`, as the contract says. Raises `BadParameter`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from clickhouse.families import Family
from clickhouse.metrics import DEFINITIONS
from clickhouse.metrics.metric import Metric
from clickhouse.queries import compare
from clickhouse.queries.answer import Comparison, Meta, Series, Timeseries
from clickhouse.queries.calendar import HOUR, Bucket, label
from clickhouse.queries.horizon import Horizon
from clickhouse.queries.labels import OTHER
from clickhouse.queries.labels import label as group_label
from clickhouse.queries.levels import levels
from clickhouse.queries.open_contacts import LOOK_BACK, open_since
from clickhouse.queries.parse import Raw, parse
from clickhouse.queries.query import BadParameter, Query
from clickhouse.queries.routing import Routing
from clickhouse.queries.run import Answer, Group, Store, ask, distincts
from clickhouse.queries.scope import Scope, scope
from clickhouse.queries.sql import MAX_CELLS
from clickhouse.queries.values import value
from streams.contracts.times import utc_text
from streams.directory import Directory

MAX_SERIES: Final = 1_000
MAX_VALUES: Final = MAX_CELLS


@dataclass(frozen=True)
class Ranked:
    """The groups that a series each is asked for, the largest first, and whether there are others. What comes in
    between this question and the next one is shown by the next answer."""

    groups: tuple[str, ...]
    rest: bool


@dataclass(frozen=True)
class Found:
    """One answer laid over the buckets of the range."""

    answer: Answer
    horizon: Horizon

    def values(self, metric: Metric, group: Group) -> Comparison:
        values = {bucket: value(metric, sums) for bucket, sums in self.answer.cells.get(group, {}).items()}
        return {"values": self.horizon.line(values, metric.empty), "total": value(metric, self.answer.whole.get(group))}


def timeseries(store: Store, directory: Directory, raw: Raw, complete_until: datetime) -> Timeseries:
    asked = scope(parse(raw), directory, store.tenant)
    ranked = _ranked(store, asked)
    top = None if ranked is None else ranked.groups
    answer = ask(store, asked, asked.query.metrics, top=top)
    buckets = sorted({*asked.buckets, *answer.buckets})
    _refuse_too_many(asked.query, len(list(_groups(asked, answer, ranked))), len(buckets))
    found = Found(answer, Horizon(asked, buckets, complete_until))
    before = _before(store, asked, found, top)
    return {
        "meta": _meta(store, asked, found.horizon),
        "buckets": [label(bucket, asked.zone) for bucket in buckets],
        "series": list(_series(asked, directory, found, before, ranked)),
    }


def _refuse_too_many(query: Query, groups: int, buckets: int) -> None:
    series = groups * len(query.metrics)
    if series > MAX_SERIES:
        raise BadParameter("by", f"{series} series, at most {MAX_SERIES}: give top, filters or fewer metrics")
    if series * buckets > MAX_VALUES:
        raise BadParameter(
            "step",
            f"{series} series of {buckets} buckets are more than {MAX_VALUES} values: take a longer step, a shorter "
            "range, or top",
        )


def _ranked(store: Store, asked: Scope) -> Ranked | None:
    """By the totals of the first metric; of equal ones the first by name. Groups of any metric's family are there."""
    if asked.query.top is None:
        return None
    metric = asked.query.metrics[0]
    whole = ask(store, asked, (metric,), by_bucket=False).whole
    ordered = sorted((-(value(metric, sums) or 0), group) for group, sums in whole.items() if group is not None)
    groups = tuple(group for _, group in ordered[: asked.query.top])
    return Ranked(groups, rest=len(ordered) > len(groups))


def _before(store: Store, asked: Scope, found: Found, top: tuple[str, ...] | None) -> Found | None:
    shift = compare.shift(asked)
    if shift is None:
        return None
    answer = ask(store, asked, asked.query.metrics, shift, top)
    return Found(answer, Horizon(asked, found.horizon.buckets, found.horizon.complete_until, shift))


def _groups(asked: Scope, answer: Answer, ranked: Ranked | None) -> Iterator[Group]:
    if asked.query.by is None:
        yield ""
    elif ranked is None:
        yield from sorted(group for group in answer.whole if group is not None)
    else:
        yield from (*ranked.groups, *([None] if ranked.rest else []))


def _series(
    asked: Scope, directory: Directory, found: Found, before: Found | None, ranked: Ranked | None
) -> Iterator[Series]:
    for metric in asked.query.metrics:
        for group in _groups(asked, found.answer, ranked):
            now = found.values(metric, group)
            yield {
                "metric": metric.name,
                "group": _group(asked, group),
                "rest": group is None,
                "label": _label(asked, metric, group, directory),
                "unit": metric.unit,
                "values": now["values"],
                "total": now["total"],
                "comparison": None if before is None else before.values(metric, group),
            }


def _group(asked: Scope, group: Group) -> dict[str, str]:
    return {} if asked.query.by is None else {asked.query.by: OTHER if group is None else group}


def _label(asked: Scope, metric: Metric, group: Group, directory: Directory) -> str:
    if asked.query.by is None:
        return metric.label.en
    return group_label(asked.query.by, group, directory, (asked.first.date(), (asked.last - HOUR).date()))


def _meta(store: Store, asked: Scope, horizon: Horizon) -> Meta:
    query = asked.query
    return {
        "from": str(query.start),
        "to": str(query.end),
        "step": query.step,
        "time_zone": None if asked.zone is None else str(asked.zone),
        "definitions": DEFINITIONS,
        "read_from": ", ".join(_read_from(asked, family) for family in query.families),
        "partial_from": _begin(horizon.ending_after(horizon.complete_until), asked),
        "provisional_from": _begin(_provisional(store, asked, horizon), asked),
        "complete_until": utc_text(horizon.complete_until),
        "history_from": _history_from(asked),
        "currency": asked.currency if any(metric.unit == "money" for metric in query.metrics) else None,
        "levels": levels(store, asked) if any(metric.attributed for metric in query.metrics) else None,
    }


def _history_from(asked: Scope) -> str | None:
    """The day from which on what was asked for has records, on the first clock that gets there; None where the
    directory does not give it."""
    begun = asked.history_from
    return None if begun is None else min(begun.astimezone(zone).date() for zone in asked.zones).isoformat()


def _provisional(store: Store, asked: Scope, horizon: Horizon) -> Bucket | None:
    """The first bucket of which a contact may still count as something else."""
    settled = horizon.complete_until - asked.settling
    if horizon.ending_after(settled - LOOK_BACK) is None or not any(one.provisional for one in asked.query.metrics):
        return None
    since = open_since(store, asked, horizon.complete_until)
    return horizon.ending_after(settled if since is None else min(since, settled))


def _read_from(asked: Scope, family: Family) -> str:
    own = tuple(metric for metric in asked.query.metrics if metric.family is family)
    routing = Routing(asked, family)
    return (routing.facts if len(distincts(own)) == len(own) else routing.rollup).name


def _begin(bucket: Bucket | None, asked: Scope) -> str | None:
    return None if bucket is None else label(bucket, asked.zone)
