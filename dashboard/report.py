"""An answer of the API for reading: as a table in a terminal, or as CSV lines. Pure; what it says is the answer's."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from clickhouse.metrics import Value

NOT_KNOWN: Final = "–"
TOTAL: Final = "total"
UNBROKEN: Final = 100_000
"""The width where nothing is a terminal: no line is broken."""


def as_csv(answer: Mapping[str, Any]) -> str:
    """One line for each value, the totals last; nothing between the commas is not known."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    compared = any(series["comparison"] for series in answer["series"])
    lines.writerow(["metric", "group", "label", "unit", "bucket", "value", *(["comparison"] if compared else [])])
    for series in answer["series"]:
        names = [series["metric"], "".join(series["group"].values()), series["label"], series["unit"]]
        for bucket, value, before in _rows(answer["buckets"], series):
            lines.writerow([*names, bucket, value, *([before] if compared else [])])
    return text.getvalue()


def _rows(buckets: Sequence[str], series: Mapping[str, Any]) -> Iterator[tuple[str, Value, Value]]:
    before = series["comparison"] or {"values": [None] * len(buckets), "total": None}
    yield from zip(buckets, series["values"], before["values"], strict=True)
    yield TOTAL, series["total"], before["total"]


def as_table(answer: Mapping[str, Any], console: Console) -> None:
    meta = answer["meta"]
    table = Table(title=f"{meta['from']} to {meta['to']} by {meta['step']}, {meta['time_zone'] or 'local times'}")
    table.add_column(meta["step"], no_wrap=True)
    for series in answer["series"]:
        table.add_column(_heading(series), justify="right")
        if series["comparison"]:
            table.add_column("before", justify="right", style="dim")
    for number, bucket in enumerate([*answer["buckets"], TOTAL]):
        if bucket == TOTAL:
            table.add_section()
        table.add_row(bucket, *(cell for series in answer["series"] for cell in _cells(series, number)))
    if not console.is_terminal:
        console.width = UNBROKEN
    console.print(table)
    console.print(f"data up to {meta['complete_until']}; definitions version {meta['definitions']}", style="dim")


def _heading(series: Mapping[str, Any]) -> str:
    return f"{series['metric']}\n{series['label']}" if series["group"] else str(series["metric"])


def _cells(series: Mapping[str, Any], number: int) -> Iterator[str]:
    for part in (series, series["comparison"]):
        if part:
            yield _shown([*part["values"], part["total"]][number], series["unit"])


def _shown(value: Value, unit: str) -> str:
    if value is None:
        return NOT_KNOWN
    return f"{value / 1_000:,.1f} s" if unit == "ms" else f"{value:,}"
