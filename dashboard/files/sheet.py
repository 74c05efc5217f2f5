"""A time series as a table of columns, ready for any kind of file. Pure.

Comes in: the answer of `/api/v1/timeseries`. Goes out: a Sheet: the buckets, a column for each series and for what it
is compared with, the total over the range as the last row, and what must be known about the numbers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

from clickhouse.queries.answer import Meta, Series, Timeseries
from dashboard.files.words import Lang, metric_name, word
from dashboard.money import DIGITS

Kind = Literal["time", "day", "text", "count", "decimal", "share"]
Cell = str | int | float | datetime | date | None
_WALL = len("2026-03-01T00:00")


@dataclass(frozen=True)
class Column:
    heading: str
    kind: Kind
    cells: Sequence[Cell]
    digits: int = 0
    """Behind the decimal point."""


@dataclass(frozen=True)
class Sheet:
    lang: Lang
    columns: Sequence[Column]
    notes: Sequence[tuple[str, Cell]]

    @property
    def rows(self) -> Iterator[tuple[Cell, ...]]:
        return zip(*(column.cells for column in self.columns), strict=True)


def sheet(answer: Timeseries, lang: Lang) -> Sheet:
    columns = [*_times(answer, lang), *_numbers(answer, lang)]
    return Sheet(lang, columns, list(_notes(answer["meta"], lang)))


def _times(answer: Timeseries, lang: Lang) -> Iterator[Column]:
    """Wall clocks as they are read; where one of them comes twice, its offset beside all of them."""
    step = answer["meta"]["step"]
    walls = [datetime.fromisoformat(bucket[:_WALL]) for bucket in answer["buckets"]]
    times: list[Cell] = [*walls] if step == "hour" else [wall.date() for wall in walls]
    yield Column(word(lang, step), "time" if step == "hour" else "day", [*times, word(lang, "total")])
    if len(set(walls)) < len(walls):
        yield Column(word(lang, "offset"), "text", [*(bucket[_WALL:] for bucket in answer["buckets"]), None])


def _numbers(answer: Timeseries, lang: Lang) -> Iterator[Column]:
    for series in answer["series"]:
        heading, currency = _heading(series, answer["meta"], lang), answer["meta"]["currency"]
        yield _column(heading, series, series, currency)
        if series["comparison"] is not None:
            yield _column(f"{heading}, {word(lang, 'before')}", series, series["comparison"], currency)


def _column(heading: str, series: Series, part: Mapping[str, Any], currency: str | None) -> Column:
    values = [*part["values"], part["total"]]
    match series["unit"]:
        case "ms":
            return Column(heading, "decimal", [_scaled(value, 3) for value in values], 3)
        case "money":
            digits = DIGITS.get(currency or "", 2)
            return Column(heading, "decimal", [_scaled(value, digits) for value in values], digits)
        case "share":
            return Column(heading, "share", values)
        case _:
            return Column(heading, "count", values)


def _scaled(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value / 10**digits, 6)


def _heading(series: Series, meta: Meta, lang: Lang) -> str:
    name = metric_name(lang, series["metric"])
    unit = {"ms": word(lang, "seconds"), "money": meta["currency"]}.get(series["unit"])
    return " · ".join([name, *_group(series, lang)]) + (f", {unit}" if unit else "")


def _group(series: Series, lang: Lang) -> Iterator[str]:
    for dimension, value in series["group"].items():
        if series["rest"]:
            yield word(lang, "rest")
        elif not value:
            yield word(lang, "none")
        else:
            yield word(lang, value) if dimension in {"source", "state"} else series["label"]


def _notes(meta: Meta, lang: Lang) -> Iterator[tuple[str, Cell]]:
    yield word(lang, "from"), meta["from"].replace("T", " ")
    yield word(lang, "to"), meta["to"].replace("T", " ")
    yield word(lang, "step"), word(lang, meta["step"])
    yield word(lang, "time_zone"), meta["time_zone"] or word(lang, "local_times")
    yield word(lang, "definitions"), meta["definitions"]
    yield word(lang, "complete_until"), meta["complete_until"]
    for name in ("partial_from", "provisional_from", "currency"):
        if text := meta[name]:
            yield word(lang, name), str(text)
    for level, share in (meta["levels"] or {}).items():
        yield f"{word(lang, 'level')} {level}", round(share, 6)
