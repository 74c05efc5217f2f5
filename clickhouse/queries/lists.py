"""The stages of a list: parse, scope, count, read a page, shape. What stands behind a point of a chart, row by row.

Comes in: the name of the list, raw parameters, the store, the directory as the tenant sees it. Goes out: the JSON of
`/api/v1/calls`, `/contacts` and `/orders`: `total` is the length of the whole list, `sum` its money or time. Raises
`BadParameter`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.metrics import DEFINITIONS
from clickhouse.metrics.metric import ListName
from clickhouse.queries.list_rows import call_row, order_row
from clickhouse.queries.list_sql import Behind, page, totals
from clickhouse.queries.listing import Cursor, Listing, bucket_of, cursor_text, parse_list
from clickhouse.queries.parse import Raw
from clickhouse.queries.run import Store
from clickhouse.queries.scope import Scope, scope
from streams.contracts.times import utc_text
from streams.directory import Directory

Row = dict[str, Any]
_SHAPES: Mapping[str, Callable[[Mapping[str, Any], Directory], Row]] = {"calls": call_row, "orders": order_row}

ListMeta = TypedDict(
    "ListMeta",
    {
        "from": str,
        "to": str,
        "metric": str,
        "step": str,
        "bucket": str | None,
        "time_zone": str | None,
        "definitions": int,
        "complete_until": str,
    },
)


class Page(TypedDict):
    meta: ListMeta
    total: int
    """How many rows the whole list has."""
    sum: int | None
    """Of the money or time that the metric is made of; null where it counts."""
    rows: list[Row]
    next_cursor: str | None
    """For the page after this one; null on the last."""


def rows_behind(name: ListName, store: Store, directory: Directory, raw: Raw, complete_until: datetime) -> Page:
    listing = parse_list(name, raw)
    asked = scope(listing.query, directory, store.tenant)
    behind = Behind(asked, listing.metric, bucket_of(listing, asked))
    ((total, summed),) = store.rows(totals(behind), behind.table)
    facts = _facts(store, behind, listing)
    shape = _SHAPES[behind.family.name]
    return {
        "meta": _meta(listing, asked, complete_until),
        "total": int(total),
        "sum": None if listing.metric.summed is None else int(summed),
        "rows": [shape(asked.tenant.shown(fact), directory) for fact in facts[: listing.limit]],
        "next_cursor": cursor_text(_place(behind, facts[listing.limit - 1])) if len(facts) > listing.limit else None,
    }


def _facts(store: Store, behind: Behind, listing: Listing) -> list[Row]:
    """One more than the page has, if there is one."""
    found = store.rows(page(behind, listing.cursor, listing.limit + 1), behind.table)
    return [dict(zip(behind.family.fields, row, strict=True)) for row in found]


def _place(behind: Behind, fact: Row) -> Cursor:
    return (fact[behind.family.moments[0]], *(fact[name] for name in behind.family.identity))


def _meta(listing: Listing, asked: Scope, complete_until: datetime) -> ListMeta:
    return {
        "from": str(asked.query.start),
        "to": str(asked.query.end),
        "metric": listing.metric.name,
        "step": asked.query.step,
        "bucket": listing.bucket,
        "time_zone": None if asked.zone is None else str(asked.zone),
        "definitions": DEFINITIONS,
        "complete_until": utc_text(complete_until),
    }
