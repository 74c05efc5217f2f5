"""One call with its legs, as its records tell them.

Comes in: the server and the id of a call, the organisation asked for (None: any). Goes out: its row as lists show
it, and its legs; None where there is no such call, or it is another organisation's.
"""

from typing import Any

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.families import CALLS
from clickhouse.queries.list_rows import Fact, Row, call_row, leg_rows
from clickhouse.queries.run import Store
from clickhouse.queries.sql import fact_field
from clickhouse.queries.tenant import Tenant
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
    fact, tenant = _fact(store, server, call), store.tenant.knowing(directory)
    if fact is None or organisation not in (None, fact["organisation"]):
        return None
    legs: list[Any] = [_shown(leg, tenant) for leg in leg_rows(fact) if _is_own(leg, fact, tenant)]
    return {"call": call_row(tenant.shown(fact), directory), "legs": legs}


def _shown(leg: Row, tenant: Tenant) -> Row:
    """Either side may be the client's phone."""
    return {**leg, "caller": tenant.phone(leg["caller"]), "callee": tenant.phone(leg["callee"])}


def _is_own(leg: Row, fact: Fact, tenant: Tenant) -> bool:
    """Of a call that joins two tenants each is told what came through its own gateways, and what was inside; so is who
    sees only some services, of any call."""
    shared = bool(fact["bridged"]) or tenant.services is not None
    if tenant.organisation is None or not shared or leg["gateway"] is None:
        return True
    return (fact["server"], leg["gateway"]) in tenant.known.gateways


def _fact(store: Store, server: str, call: str) -> Fact | None:
    """What stands of it."""
    fields = ", ".join(fact_field(CALLS, field) for field in CALLS.fields)
    own = " AND ".join(["t.server = {server:String}", "t.id = {id:String}", *store.tenant.conditions()])
    sql = (
        f"SELECT {fields}\nFROM {{table:Identifier}} AS t WHERE {own} "
        f"GROUP BY {', '.join(f't.{field}' for field in CALLS.fields)} HAVING sum(t.sign) > 0 LIMIT 1"
    )
    parameters: dict[str, Any] = {"table": f"{CALLS.facts}_g{store.generation}", "server": server, "id": call}
    parameters |= store.tenant.parameters()
    found = store.client.query(sql, parameters=parameters).result_rows
    return dict(zip(CALLS.fields, found[0], strict=True)) if found else None
