"""An answer of the API for reading: as a table in a terminal, or as CSV lines. Pure; what it says is the answer's."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final

from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from clickhouse.metrics.metric import Value
from dashboard.files.as_csv import as_text
from dashboard.money import amount

NOT_KNOWN: Final = "–"
TOTAL: Final = "total"
BORDER: Final = 3
UNBROKEN: Final = 100_000
"""The width where nothing is a terminal: no line is broken."""


def as_csv(answer: Mapping[str, Any]) -> str:
    """One line for each value, the totals last; nothing between the commas is not known. No name is a formula."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    compared = any(series["comparison"] for series in answer["series"])
    lines.writerow(["metric", "group", "label", "unit", "bucket", "value", *(["comparison"] if compared else [])])
    for series in answer["series"]:
        names = [series["metric"], "".join(series["group"].values()), series["label"], series["unit"]]
        for bucket, value, before in _rows(answer["buckets"], series):
            lines.writerow([*map(as_text, names), bucket, value, *([before] if compared else [])])
    return text.getvalue()


def _rows(buckets: Sequence[str], series: Mapping[str, Any]) -> Iterator[tuple[str, Value, Value]]:
    before = series["comparison"] or {"values": [None] * len(buckets), "total": None}
    yield from zip(buckets, series["values"], before["values"], strict=True)
    yield TOTAL, series["total"], before["total"]


@dataclass(frozen=True)
class Column:
    heading: str
    cells: Sequence[str]
    """The last one is the total."""

    @property
    def width(self) -> int:
        return max(cell_len(line) for line in [*self.heading.splitlines(), *self.cells]) + BORDER


def as_table(answer: Mapping[str, Any], console: Console) -> None:
    """As many tables as the width of a terminal asks for; in a file or a pipe one, however wide."""
    meta = answer["meta"]
    buckets = Column(meta["step"], [*answer["buckets"], TOTAL])
    if not console.is_terminal:
        console.width = UNBROKEN
    console.print(f"{meta['from']} to {meta['to']} by {meta['step']}, {meta['time_zone'] or 'local times'}")
    for columns in _fitting(list(_columns(answer)), console.width - buckets.width - 1):
        console.print(_table(buckets, columns))
    console.print(f"data up to {meta['complete_until']}; definitions version {meta['definitions']}", style="dim")


def _columns(answer: Mapping[str, Any]) -> Iterator[Column]:
    for series in answer["series"]:
        heading = f"{series['metric']}\n{series['label']}" if series["group"] else str(series["metric"])
        unit = answer["meta"]["currency"] if series["unit"] == "money" else series["unit"]
        yield Column(heading, _cells(series, unit))
        if series["comparison"]:
            yield Column("before", _cells(series["comparison"], unit))


def _cells(part: Mapping[str, Any], unit: str) -> list[str]:
    return [_shown(value, unit) for value in (*part["values"], part["total"])]


def _shown(value: Value, unit: str) -> str:
    """`unit` of money is its currency."""
    if value is None:
        return NOT_KNOWN
    match unit:
        case "ms":
            return f"{value / 1_000:,.1f} s"
        case "share":
            return f"{100 * value:.1f} %"
        case _ if unit.isupper():
            return amount(value, unit)
        case _:
            return f"{value:,}"


def _fitting(columns: list[Column], width: int) -> Iterator[list[Column]]:
    """Side by side as many as fit, at least one; without any column nothing is there to show."""
    while columns:
        left = accumulate((column.width for column in columns), lambda room, used: room - used, initial=width)
        count = max(1, sum(1 for room in list(left)[1:] if room >= 0))
        yield columns[:count]
        columns = columns[count:]


def _table(buckets: Column, columns: Sequence[Column]) -> Table:
    table = Table()
    table.add_column(buckets.heading, no_wrap=True)
    for column in columns:
        table.add_column(Text(column.heading), justify="right", no_wrap=True)
    *rows, total = zip(buckets.cells, *(column.cells for column in columns), strict=True)
    for row in rows:
        table.add_row(*row)
    table.add_section()
    table.add_row(*total)
    return table
