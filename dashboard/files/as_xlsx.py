"""A table as an XLSX workbook: real dates and numbers, headings that stay in view, and a sheet about the numbers.

Texts are written as texts, so that none is ever taken for a formula or a link.
"""

import io
from datetime import date, datetime
from typing import Any, Final

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from dashboard.files.sheet import Cell, Column, Sheet
from dashboard.files.words import word

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_FORMATS: Final = {"time": "yyyy-mm-dd hh:mm", "day": "yyyy-mm-dd", "count": "#,##0", "share": "0.0%", "text": "@"}


def as_xlsx(sheet: Sheet) -> bytes:
    """Without the moment of its making: the same numbers give the same bytes."""
    made = io.BytesIO()
    with Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2000, 1, 1)})  # noqa: DTZ001 - a wall clock, as the format has it
        _numbers(book, sheet)
        _about(book, sheet)
    return made.getvalue()


def _numbers(book: Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(word(sheet.lang, "numbers"))
    heading = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
    page.freeze_panes(1, 1)
    for at, column in enumerate(sheet.columns):
        looks = {"num_format": _format(column)}
        plain, last = book.add_format(looks), book.add_format({**looks, "bold": True, "top": 1})
        page.set_column(at, at, 18)
        page.write_string(0, at, column.heading, heading)
        for row, cell in enumerate(column.cells, 1):
            _write(page, row, at, cell, last if row == len(column.cells) else plain)


def _about(book: Workbook, sheet: Sheet) -> None:
    page = book.add_worksheet(word(sheet.lang, "about"))
    page.set_column(0, 1, 32)
    for row, (name, value) in enumerate(sheet.notes):
        page.write_string(row, 0, name)
        _write(page, row, 1, value, None)


def _format(column: Column) -> str:
    if column.kind == "decimal":
        return "#,##0" + ("." + "0" * column.digits if column.digits else "")
    return _FORMATS[column.kind]


def _write(page: Worksheet, row: int, column: int, cell: Cell, look: Format | None) -> None:
    write: Any
    match cell:
        case None:
            return
        case str():
            write = page.write_string
        case datetime() | date():
            write = page.write_datetime
        case _:
            write = page.write_number
    write(row, column, cell, look)
