"""How far back the comparison of a scope lies.

The previous range has the same length; from a week up it begins on the same weekday, and does not overlap. The last
year's begins on the same date.
"""

from datetime import timedelta

from clickhouse.queries.routing import Shift
from clickhouse.queries.scope import Scope

WEEK = timedelta(days=7)


def shift(asked: Scope) -> Shift | None:
    match asked.query.compare:
        case "none":
            return None
        case "year":
            return Shift(years=1)
        case "previous":
            return Shift(back=_back(asked.length))


def _back(length: timedelta) -> timedelta:
    return length if length < WEEK else -(-length // WEEK) * WEEK
