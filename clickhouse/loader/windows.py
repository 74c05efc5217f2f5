"""How many inserts the tables remember, and whether that is enough for a token to mean anything.

A table remembers the last so many blocks of rows, and a block takes one place in each table partition that it touches:
months of facts, years of a rollup. So windows are counted in places.
"""

import re
from collections.abc import Sequence

from clickhouse_connect.driver.client import Client

from clickhouse.loader.batch import MOST_MONTHS
from clickhouse.loader.errors import LoaderError

PLACES = 2 * MOST_MONTHS
"""A batch takes at most so many in any table: the weeks of one January lie in two years."""
BATCHES_MEANWHILE = 1_000
"""What other loaders may insert until the batch of a killed or paused one is settled; this one inserts nothing."""
NEEDED = 4 * BATCHES_MEANWHILE * PLACES
"""With all of that in a quarter of the window."""

_WINDOW = "{kind}_deduplication_window = (\\d+)"


def check_windows(client: Client, tables: Sequence[str]) -> None:
    """Of the fact table AND each rollup: one that forgets earlier would count a repeated batch twice."""
    for table in tables:
        window = _window(client, table)
        if window is not None and window < NEEDED:
            raise LoaderError(
                f"{table} remembers the last {window} inserted blocks, {NEEDED} are needed: a batch that is repeated "
                "after a crash could count twice. Run `pulse migrate`, or raise its deduplication window"
            )


def _window(client: Client, table: str) -> int | None:
    """None of a plain view, which takes nothing in."""
    found = client.query(
        "SELECT engine, engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}",
        parameters={"table": table},
    ).result_rows
    if not found:
        raise LoaderError(f"there is no table {table}: run `pulse migrate`")
    engine, definition = found[0]
    if engine == "View":
        return None
    kind = " replicated" if engine.startswith("Replicated") else "non_replicated"
    window = re.search(_WINDOW.format(kind=kind), definition)
    return int(window[1]) if window else 0
