"""The rows of a list as lines of CSV. Pure. Comes in: the rows as the API gives them. Goes out: cells by column."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from clickhouse.metrics.metric import ListName
from dashboard.files.as_csv import csv_lines
from dashboard.files.sheet import Cell
from dashboard.files.words import Lang, metric_name, word
from dashboard.money import DIGITS

_PLACE: Final = ("organisation", "service", "service_label", "gateway", "number", "id", "phone")
_CALL: Final = ("time", "end", *_PLACE, "direction", "reason", "answered", "wait_ms", "talk_ms", "counts_in")
_ORDER: Final = (
    *("time", "closed", "pickup", *_PLACE, "source", "state"),
    *("price", "currency", "attribution", "call", "counts_in"),
)
COLUMNS: Final[Mapping[ListName, Sequence[str]]] = {"calls": _CALL, "contacts": _CALL, "orders": _ORDER}


def headings(name: ListName, lang: Lang) -> str:
    return csv_lines([[*(word(lang, column) for column in COLUMNS[name]), word(lang, "offset")]], lang)


def lines(name: ListName, rows: Iterable[Mapping[str, Any]], lang: Lang) -> str:
    cells = ([*(_cell(row, column, lang) for column in COLUMNS[name]), row["time"][-len("+03:00") :]] for row in rows)
    return csv_lines(cells, lang)


def _cell(row: Mapping[str, Any], column: str, lang: Lang) -> Cell:
    value = row[column]
    shown = _SHOWN.get(column)
    return None if value is None else str(value) if shown is None else shown(value, row, lang)


def _wall(value: str, _row: Mapping[str, Any], _lang: Lang) -> Cell:
    """As the clock has it, to the second."""
    return str(datetime.fromisoformat(value).replace(tzinfo=None, microsecond=0))


def _seconds(value: int, _row: Mapping[str, Any], _lang: Lang) -> Cell:
    return float(value / 1_000)


def _price(value: int, row: Mapping[str, Any], _lang: Lang) -> Cell:
    return float(value / 10 ** DIGITS.get(row["currency"], 2))


def _named(value: str, _row: Mapping[str, Any], lang: Lang) -> Cell:
    return word(lang, value)


def _metrics(value: Sequence[str], _row: Mapping[str, Any], lang: Lang) -> Cell:
    return " · ".join(metric_name(lang, name) for name in value)


_SHOWN: Final[Mapping[str, Callable[[Any, Mapping[str, Any], Lang], Cell]]] = {
    **dict.fromkeys(("time", "end", "closed", "pickup"), _wall),
    **dict.fromkeys(("wait_ms", "talk_ms"), _seconds),
    **dict.fromkeys(("direction", "reason", "source", "state"), _named),
    "price": _price,
    "answered": lambda value, _row, lang: word(lang, "yes" if value else "no"),
    "counts_in": _metrics,
}
