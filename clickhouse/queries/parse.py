"""The first stage: raw parameters, as they stand in an address or on a command line, to a Query.

Whatever is wrong is refused with the parameter's name and what would be right; nothing is ignored or guessed.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, cast, get_args

from clickhouse.families import Dimension, Step
from clickhouse.metrics import BY_NAME
from clickhouse.metrics.metric import Metric
from clickhouse.queries.query import BadParameter, Bound, Compare, Query

Raw = Mapping[str, Sequence[str]]

FILTERS: Final[tuple[Dimension, ...]] = get_args(Dimension)
STEPS: Final[tuple[str, ...]] = (*get_args(Step), "auto")
BREAKDOWNS: Final[tuple[str, ...]] = ("none", *FILTERS)
COMPARISONS: Final[tuple[str, ...]] = get_args(Compare)
PARAMETERS: Final = frozenset({"metric", "from", "to", "step", "by", "top", "compare", "organisation", *FILTERS})

EARLIEST = datetime(1980, 1, 1)  # noqa: DTZ001 - a wall clock
LATEST = datetime(2101, 1, 1)  # noqa: DTZ001
MAX_BUCKETS = 100_000
MAX_TOP = 1_000
_LENGTHS: dict[Step, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "month": timedelta(days=28),
}
_AUTO: tuple[tuple[timedelta, Step], ...] = (
    (timedelta(days=3), "hour"),
    (timedelta(days=100), "day"),
    (timedelta(days=750), "week"),
)
_TIME = re.compile(
    r"(?P<wall>\d{4}-\d\d-\d\d(?:T\d\d(?::\d\d(?::\d\d(?:\.\d+)?)?)?)?)(?P<offset>[Zz]|[+ -]\d\d:\d\d)?", re.ASCII
).fullmatch


def parse(raw: Raw) -> Query:
    """Raises `BadParameter`."""
    refuse_unknown(raw, PARAMETERS)
    metrics = _metrics(raw)
    start, end = _range(raw)
    by = _breakdown(raw, metrics)
    return Query(
        metrics=metrics,
        start=start,
        end=end,
        step=_step(raw, end.wall - start.wall),
        by=by,
        top=_top(raw, by),
        compare=cast(Compare, word(raw, "compare", COMPARISONS, "none")),
        organisation=one(raw, "organisation"),
        filters=_filters(raw, metrics),
    )


def refuse_unknown(raw: Raw, known: Collection[str]) -> None:
    for name in raw:
        if name not in known:
            raise BadParameter(name, f"no such parameter; there are {', '.join(sorted(known))}")


def number(raw: Raw, name: str, most: int) -> int | None:
    """From 1 to `most`; None where it is not given."""
    given = one(raw, name)
    if given is None:
        return None
    if not re.fullmatch(r"[0-9]{1,6}", given, re.ASCII) or not 1 <= int(given) <= most:
        raise BadParameter(name, f"{given!r} is no number from 1 to {most}")
    return int(given)


def one(raw: Raw, name: str) -> str | None:
    given = raw.get(name, ())
    if len(given) > 1:
        raise BadParameter(name, f"given {len(given)} times, it can be given once")
    return given[0] if given else None


def word(raw: Raw, name: str, words: Sequence[str], default: str) -> str:
    given = one(raw, name)
    if given is None:
        return default
    if given not in words:
        raise BadParameter(name, f"{given!r} is none of {', '.join(words)}")
    return given


def _metrics(raw: Raw) -> tuple[Metric, ...]:
    names = list(dict.fromkeys(raw.get("metric", ())))
    if not names:
        raise BadParameter("metric", "missing; name one or more metrics of /api/v1/metrics")
    for name in names:
        if name not in BY_NAME:
            raise BadParameter("metric", f"there is no metric {name!r}; there are {', '.join(BY_NAME)}")
    return tuple(BY_NAME[name] for name in names)


def _range(raw: Raw) -> tuple[Bound, Bound]:
    start, end = _bound(raw, "from"), _bound(raw, "to")
    alike = (start.offset_min is None) == (end.offset_min is None)
    if alike and end.moment <= start.moment:
        raise BadParameter("to", f"{end} is not after from ({start})")
    return start, end


def _bound(raw: Raw, name: str) -> Bound:
    given = one(raw, name)
    if given is None:
        raise BadParameter(name, "missing; a local time like 2026-03-01 or 2026-03-01T08:00")
    return bound(name, given)


def bound(name: str, given: str) -> Bound:
    found = _TIME(given)
    if found is None:
        raise BadParameter(name, f"{given!r} is no local time like 2026-03-01 or 2026-03-01T08:00")
    read = Bound(_wall(name, found["wall"]), _offset(name, found["offset"]))
    if not EARLIEST <= read.wall <= LATEST:
        raise BadParameter(name, f"{given!r} is not between the years {EARLIEST.year} and {LATEST.year - 1}")
    return read


def _wall(name: str, text: str) -> datetime:
    try:
        wall = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadParameter(name, f"{text!r}: there is no such time") from error
    if (wall.minute, wall.second, wall.microsecond) != (0, 0, 0):
        raise BadParameter(name, f"{text!r} is finer than an hour; times are whole hours")
    return wall


def _offset(name: str, text: str | None) -> int | None:
    """A plus that came unencoded through an address is a space."""
    if text is None:
        return None
    if text in "Zz":
        return 0
    hours, minutes = int(text[1:3]), int(text[4:])
    if hours > 14 or minutes > 59:
        raise BadParameter(name, f"{text!r} is no offset from UTC")
    return (-1 if text[0] == "-" else 1) * (60 * hours + minutes)


def _phone(text: str) -> str:
    """As with offsets: the space that a plus became."""
    return "+" + text[1:] if text.startswith(" ") else text


def _step(raw: Raw, length: timedelta) -> Step:
    given = word(raw, "step", STEPS, "auto")
    step = _auto(length) if given == "auto" else cast(Step, given)
    if length / _LENGTHS[step] > MAX_BUCKETS:
        raise BadParameter("step", f"more than {MAX_BUCKETS} buckets; take a longer step or a shorter range")
    return step


def _auto(length: timedelta) -> Step:
    """Up to a hundred or so buckets, as many as a chart shows well."""
    return next((step for most, step in _AUTO if length <= most), "month")


def _breakdown(raw: Raw, metrics: tuple[Metric, ...]) -> Dimension | None:
    given = word(raw, "by", BREAKDOWNS, "none")
    if given == "none":
        return None
    _refuse_lacking("by", cast(Dimension, given), metrics)
    return cast(Dimension, given)


def _refuse_lacking(parameter: str, dimension: Dimension, metrics: tuple[Metric, ...]) -> None:
    for metric in metrics:
        if dimension not in metric.dimensions:
            raise BadParameter(parameter, f"the metric {metric.name} has no {dimension}")


def _top(raw: Raw, by: Dimension | None) -> int | None:
    if "top" in raw and by is None:
        raise BadParameter("top", "needs a breakdown: give by as well")
    return number(raw, "top", MAX_TOP)


def _filters(raw: Raw, metrics: tuple[Metric, ...]) -> dict[Dimension, tuple[str, ...]]:
    filters: dict[Dimension, tuple[str, ...]] = {}
    for dimension in FILTERS:
        if values := tuple(dict.fromkeys(raw.get(dimension, ()))):
            _refuse_lacking(dimension, dimension, metrics)
            filters[dimension] = tuple(map(_phone, values)) if dimension == "number" else values
    for gateway in filters.get("gateway", ()):
        if gateway and "/" not in gateway:
            raise BadParameter(
                "gateway", f"{gateway!r} is no server/account: account names are unique only in a server"
            )
    return filters
