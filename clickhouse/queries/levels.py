"""How sure it is which calls brought the orders: the shares of the levels of attribution, shown with every conversion.

Comes in: the Scope of a question. Goes out: level -> its share of the operators' orders in the range and the services
asked for, on whatever gateway or number: an order without a call has none.
"""

from dataclasses import replace

from clickhouse.metrics import BY_NAME
from clickhouse.queries.run import Store, ask
from clickhouse.queries.scope import Scope

LEVELS = {level: BY_NAME[f"orders_attributed_{level.lower()}"] for level in "ABCD"}


def levels(store: Store, asked: Scope) -> dict[str, float] | None:
    """None where operators made no order."""
    query = replace(asked.query.of_services, metrics=tuple(LEVELS.values()))
    found = ask(store, replace(asked, query=query), query.metrics, by_bucket=False).whole.get("", {})
    counts = {level: found.get(f"attributed_{level.lower()}", 0) for level in LEVELS}
    whole = sum(counts.values())
    return {level: count / whole for level, count in counts.items()} if whole else None
