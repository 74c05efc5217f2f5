"""A page of a list for reading: as a table in a terminal, or as CSV lines. Pure; what it says is the answer's."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dashboard.files.as_csv import as_text
from dashboard.report import NOT_KNOWN, UNBROKEN

LEFT_OUT: Final = frozenset({"organisation", "service", "end", "direction", "closed"})
"""Columns of a row that a terminal has no room for."""


def list_as_csv(page: Mapping[str, Any]) -> str:
    """One line for each row; what a row has several of is parted by spaces. No text is a formula."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    if page["rows"]:
        lines.writerow(page["rows"][0])
    lines.writerows([_kept(value) for value in row.values()] for row in page["rows"])
    return text.getvalue()


def list_as_table(page: Mapping[str, Any], console: Console) -> None:
    meta, table = page["meta"], Table()
    if not console.is_terminal:
        console.width = UNBROKEN
    names = [name for name in (page["rows"] or [{}])[0] if name not in LEFT_OUT]
    for name in names:
        table.add_column(name.removesuffix("_label"))
    for row in page["rows"]:
        table.add_row(*(Text(_cell(row[name]) or NOT_KNOWN) for name in names))
    console.print(f"{meta['metric']}, {meta['from']} to {meta['to']}, {meta['bucket'] or 'all of it'}")
    if page["rows"]:
        console.print(table)
    summed = "" if page["sum"] is None else f", sum {page['sum']:,}"
    console.print(f"{len(page['rows'])} of {page['total']:,} rows{summed}")
    if page["next_cursor"]:
        console.print(f"more: --cursor {page['next_cursor']}")


def _kept(value: object) -> str:
    return as_text(_cell(value)) if isinstance(value, str | list) else _cell(value)


def _cell(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
