"""What is asked of a list: the point whose rows are wanted, and which page of them.

Comes in: raw parameters, the name of the list. Goes out: a Listing. A list takes the parameters of a time series that
say which point is meant, with `bucket` for one of its buckets; `cursor` and `limit` for paging.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from clickhouse.metrics import METRICS
from clickhouse.metrics.metric import ListName, Metric
from clickhouse.queries.calendar import Bucket, after, floor, offset_min
from clickhouse.queries.parse import FILTERS, Raw, bound, number, one, parse, refuse_unknown
from clickhouse.queries.query import BadParameter, Bound, Query
from clickhouse.queries.scope import Scope

PAGE: Final = 100
MAX_PAGE: Final = 10_000
LISTED: Final[Mapping[ListName, tuple[str, ...]]] = {
    name: tuple(metric.name for metric in METRICS if metric.behind == name) for name in ("calls", "contacts", "orders")
}
"""List -> the metrics whose points it explains; the first is that of the whole list."""
_OF_THE_PAGE: Final = ("bucket", "cursor", "limit")
PARAMETERS: Final = frozenset({"metric", "from", "to", "step", "organisation", *FILTERS, *_OF_THE_PAGE})

Cursor = tuple[int | str, ...]
"""Moment and identity of the last row of a page: the next one begins after it, whatever has come in meanwhile."""


@dataclass(frozen=True)
class Listing:
    query: Query
    bucket: str | None
    cursor: Cursor | None
    limit: int

    @property
    def metric(self) -> Metric:
        return self.query.metrics[0]


def parse_list(name: ListName, raw: Raw) -> Listing:
    """Raises `BadParameter`."""
    refuse_unknown(raw, PARAMETERS)
    point = {parameter: values for parameter, values in raw.items() if parameter not in _OF_THE_PAGE}
    query = parse({"metric": [name], **point})
    _refuse_other_lists(name, query)
    return Listing(query, one(raw, "bucket"), _cursor(raw, query), number(raw, "limit", MAX_PAGE) or PAGE)


@dataclass(frozen=True)
class Named:
    """A bucket by its label. Labels without an offset are those of several zones, or of a list narrowed down to one of
    them: such a bucket is all that a clock shows under that name, also where it does so twice."""

    bucket: Bucket
    once: bool


def bucket_of(listing: Listing, asked: Scope) -> Named | None:
    """None where the whole range is asked for."""
    if listing.bucket is None:
        return None
    label, step = bound("bucket", listing.bucket), asked.query.step
    found = next((each for each in (Bucket(label.wall), Bucket(label.wall, True)) if _is(each, asked, label)), None)
    if found is None or floor(found.start, step) != found.start:
        raise BadParameter("bucket", f"{listing.bucket!r} is not where a bucket of step {step} begins")
    if found.start >= asked.last or after(found.start, step) <= asked.first:
        raise BadParameter("bucket", f"{listing.bucket!r} lies outside of from and to")
    return Named(found, once=label.offset_min is not None)


def _is(bucket: Bucket, asked: Scope, label: Bound) -> bool:
    if label.offset_min is None:
        return True
    return asked.zone is not None and offset_min(bucket, asked.zone) == label.offset_min


def cursor_text(cursor: Cursor) -> str:
    return urlsafe_b64encode(orjson.dumps(cursor)).decode().rstrip("=")


def _cursor(raw: Raw, query: Query) -> Cursor | None:
    text = one(raw, "cursor")
    if text is None:
        return None
    try:
        moment, *identity = orjson.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError) as error:
        raise _no_cursor(text) from error
    if type(moment) is not int or not _is_identity(identity, query):
        raise _no_cursor(text)
    return (moment, *identity)


def _is_identity(found: Sequence[object], query: Query) -> bool:
    wanted = query.metrics[0].family.identity
    return len(found) == len(wanted) and all(isinstance(part, str) for part in found)


def _no_cursor(text: str) -> BadParameter:
    return BadParameter("cursor", f"{text!r} is no next_cursor of an answer of this list")


def _refuse_other_lists(name: ListName, query: Query) -> None:
    if len(query.metrics) > 1:
        raise BadParameter("metric", f"given {len(query.metrics)} times; a list is behind the points of one")
    (metric,) = query.metrics
    if metric.behind != name:
        raise BadParameter("metric", f"{metric.name} is not counted from {name}: its list is /api/v1/{metric.behind}")
