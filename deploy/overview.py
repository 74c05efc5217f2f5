"""The first look at a run: a row per gateway with its calls and new callers, and the days as bars.

Comes in: the answer of `/api/v1/timeseries` by gateway. Goes out: a table for the terminal.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

BARS = "▁▂▃▄▅▆▇█"
COLUMNS = {
    "calls": "calls",
    "calls_answered": "answered",
    "calls_missed": "missed",
    "new_callers_service": "new to service",
    "new_callers_organisation": "new to organisation",
}


def by_gateway(answer: Mapping[str, Any]) -> Table:
    table = Table(title=f"Gateways, {answer['meta']['from'][:10]} to {answer['meta']['to'][:10]}")
    table.add_column("gateway", no_wrap=True)
    table.add_column("number", no_wrap=True)
    for title in COLUMNS.values():
        table.add_column(title, justify="right")
    table.add_column("calls by day", no_wrap=True)
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for series in answer["series"]:
        groups.setdefault((series["group"]["gateway"], series["label"]), {})[series["metric"]] = series
    for (gateway, label), metrics in sorted(groups.items()):
        totals = (str(metrics[name]["total"]) for name in COLUMNS)
        table.add_row(gateway, label.rpartition(" · ")[2], *totals, bars(metrics["calls"]["values"]))
    return table


def bars(values: Sequence[int | None]) -> str:
    """One character a day, as high as its share of the highest; a blank where nothing is known."""
    highest = max((value or 0 for value in values), default=0) or 1
    return "".join(" " if value is None else BARS[(len(BARS) - 1) * value // highest] for value in values)
