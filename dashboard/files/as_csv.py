"""A table as CSV that opens right in a Russian Excel. Pure.

UTF-8 with a byte order mark and semicolons, which Excel expects where the comma is the decimal sign (elsewhere it has
to be told, or take the XLSX); in Russian numbers have a decimal comma. What a table of numbers could take for a formula
is kept as text.
"""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from dashboard.files.sheet import Cell, Sheet
from dashboard.files.words import Lang

MEDIA_TYPE: Final = "text/csv; charset=utf-8"
MARK: Final = "\ufeff"
_FORMULA = re.compile(r"[=+\-@\t\r\n]").match


def as_csv(sheet: Sheet) -> bytes:
    """The notes stand below the numbers, so that the first row is the headings."""
    rows = [[column.heading for column in sheet.columns], *sheet.rows, (), *sheet.notes]
    return (MARK + csv_lines(rows, sheet.lang)).encode()


def csv_lines(rows: Iterable[Sequence[Cell]], lang: Lang) -> str:
    text = io.StringIO()
    lines = csv.writer(text, delimiter=";", lineterminator="\r\n")
    lines.writerows([_shown(cell, lang) for cell in row] for row in rows)
    return text.getvalue()


def as_text(given: str) -> str:
    """What no table of numbers takes for a formula."""
    return f"'{given}" if _FORMULA(given) else given


def _shown(cell: Cell, lang: Lang) -> str:
    match cell:
        case None:
            return ""
        case str():
            return as_text(cell)
        case datetime():
            return cell.isoformat(" ", "minutes")
        case float():
            return _number(cell).replace(".", ",") if lang == "ru" else _number(cell)
        case _:
            return str(cell)


def _number(value: float) -> str:
    """Never with an exponent."""
    return f"{value:.6f}".rstrip("0").rstrip(".")
