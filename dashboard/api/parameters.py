"""The parameters of time series and lists as OpenAPI shows them, from the lists by which they are checked."""

from typing import Any, cast

from fastapi import Request

from clickhouse.metrics import BY_NAME
from clickhouse.metrics.metric import ListName
from clickhouse.queries.listing import LISTED, MAX_PAGE, PAGE
from clickhouse.queries.parse import BREAKDOWNS, COMPARISONS, FILTERS, MAX_TOP, STEPS, Raw, one, refuse_unknown, word
from clickhouse.queries.quality import MOST_SILENT_DAYS, SILENT_DAYS
from clickhouse.queries.scope import check_organisation
from dashboard.access.principal import tenant
from dashboard.files.words import LANGS, Lang
from streams.directory import Directory

_TIME = (
    "Local time, a whole hour: 2026-03-01 or 2026-03-01T08:00. A local time that occurs twice is the first; with an "
    "offset it is one moment."
)
_FILTERS = {"gateway": "Only these gateways, as server/account: account names are unique only in a server."}


def _parameter(name: str, schema: dict[str, Any], description: str, *, required: bool = False) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


def _words(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words), "default": words[0]}


def _several(**items: Any) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string", **items}}


def raw(request: Request) -> Raw:
    return {name: request.query_params.getlist(name) for name in request.query_params}


def organisation(request: Request, directory: Directory) -> str | None:
    """Of a route that takes nothing else; one that who asks may ask for."""
    given = raw(request)
    refuse_unknown(given, {"organisation"})
    asked = one(given, "organisation")
    check_organisation(asked, directory, tenant())
    return asked


def as_file(given: Raw) -> tuple[Raw, Lang]:
    """What is asked for, and in which language the file is."""
    lang = cast(Lang, word(given, "lang", LANGS, LANGS[0]))
    return {name: values for name, values in given.items() if name != "lang"}, lang


LANG = _parameter("lang", _words(*LANGS), "Of the words; in Russian numbers of a CSV have a decimal comma.")
_RANGE = [
    _parameter("from", {"type": "string"}, _TIME, required=True),
    _parameter("to", {"type": "string"}, f"The end, itself outside. {_TIME}", required=True),
    _parameter("step", {**_words(*STEPS), "default": "auto"}, "The length of a bucket."),
]
ORGANISATION = _parameter("organisation", {"type": "string"}, "Without it all of them, each in its own wall clock.")
_SCOPE = [
    *(_parameter(name, _several(), _FILTERS.get(name, f"Only these values of {name}.")) for name in FILTERS),
    ORGANISATION,
]
ANNOTATIONS: list[dict[str, Any]] = [
    _parameter(
        "from", {"type": "string"}, "Only what goes on then or later: a local time, a whole hour, without an offset."
    ),
    _parameter("to", {"type": "string"}, "Only what begins before: like from."),
    _parameter("service", _several(), "Only what is of these services, or of all of an organisation."),
    ORGANISATION,
]
QUALITY: list[dict[str, Any]] = [
    *_RANGE[:2],
    ORGANISATION,
    _parameter(
        "silent_days",
        {"type": "integer", "minimum": 1, "maximum": MOST_SILENT_DAYS, "default": SILENT_DAYS},
        "After so many days without a call a gateway is silent.",
    ),
]
TIMESERIES: list[dict[str, Any]] = [
    _parameter("metric", _several(enum=list(BY_NAME)) | {"minItems": 1}, "Repeat for several.", required=True),
    *_RANGE,
    _parameter("by", _words(*BREAKDOWNS), "One series for each value of this dimension."),
    _parameter(
        "top",
        {"type": "integer", "minimum": 1, "maximum": MAX_TOP},
        "Only the groups with the largest totals of the first metric. All the rest is one more series, marked with "
        '"rest": true; its group reads other, as a source or a state may too.',
    ),
    _parameter("compare", _words(*COMPARISONS), "Beside it the range before, or the same dates a year before."),
    *_SCOPE,
]


def point(name: ListName) -> list[dict[str, Any]]:
    """Which point of a time series is meant."""
    metrics = {"type": "string", "enum": list(LISTED[name]), "default": name}
    return [
        _parameter("metric", metrics, "Only rows that count in it; of a share or a mean, all that it is of."),
        *_RANGE,
        _parameter("bucket", {"type": "string"}, "Only this one, by its label in the time series of the same step."),
        *_SCOPE,
    ]


def listed(name: ListName) -> list[dict[str, Any]]:
    """The parameters of a list: which point is meant, and which page."""
    return [
        *point(name),
        _parameter("cursor", {"type": "string"}, "The next_cursor of the page before."),
        _parameter("limit", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE, "default": PAGE}, "Rows of a page."),
    ]
