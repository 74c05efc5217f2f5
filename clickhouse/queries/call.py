"""One call with its legs, as its records tell them.

Comes in: the server and the id of a call, which organisation may see it (None: any). Goes out: its row as lists show
it, and its legs; None where there is no such call, or it is another organisation's.
"""

from typing import Any

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.families import CALLS
from clickhouse.queries.list_rows import Fact, call_row, leg_rows
from clickhouse.queries.rows import fact_field
from clickhouse.queries.run import Store
from streams.directory import Directory


class Leg(TypedDict):
    record_id: str
    direction: str
    gateway: str | None
    caller: str
    callee: str
    started: str
    answered: str | None
    ended: str
    answered_by: str | None
    agent: str | None


class CallWithLegs(TypedDict):
    call: dict[str, Any]
    legs: list[Leg]
    """In the order of their start; of very many the first 200."""


def call_with_legs(
    store: Store, directory: Directory, server: str, call: str, organisation: str | None
) -> CallWithLegs | None:
    fact = _fact(store, server, call)
    if fact is None or organisation not in (None, fact["organisation"]):
        return None
    legs: list[Any] = leg_rows(fact)
    return {"call": call_row(fact, directory), "legs": legs}


def _fact(store: Store, server: str, call: str) -> Fact | None:
    """What stands of it."""
    fields = ", ".join(fact_field(CALLS, field) for field in CALLS.fields)
    sql = (
        f"SELECT {fields}\nFROM {{table:Identifier}} AS t WHERE t.server = {{server:String}} AND t.id = {{id:String}} "
        f"GROUP BY {', '.join(f't.{field}' for field in CALLS.fields)} HAVING sum(t.sign) > 0 LIMIT 1"
    )
    parameters = {"table": f"{CALLS.facts}_g{store.generation}", "server": server, "id": call}
    found = store.client.query(sql, parameters=parameters).result_rows
    return dict(zip(CALLS.fields, found[0], strict=True)) if found else None
