"""Since when contacts are open: what they count as may still change, on their first call, however long ago that was.

Comes in: the Scope of a question and how far everything has come through. Goes out: the start of the earliest contact
that a call may still join, or that may still be recovered. Calls that follow each other within the gap make a contact
as long as they like; one that is longer than LOOK_BACK is taken to have begun there. Only phones that called of late
are looked back for: a large tenant has hundreds of thousands a day.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from clickhouse.families import CALLS
from clickhouse.queries.query import Bound
from clickhouse.queries.routing import Routing
from clickhouse.queries.run import Store
from clickhouse.queries.scope import Scope
from clickhouse.queries.sql import Cells, Statement, parameters, where
from streams.contracts.times import instant

LOOK_BACK: Final = timedelta(days=1)
_OPEN: Final = """
SELECT min(begun), count()
FROM (
    SELECT minIf(started, ended >= {settled:Int64}) AS still,
        arrayMax(arrayFilter(first -> first <= still, groupArrayIf(started, firsts > 0))) AS begun
    FROM (
        SELECT t.organisation, t.service, t.phone, t.id, toUnixTimestamp64Milli(t.started_at) AS started,
            toUnixTimestamp64Milli(t.ended_at) AS ended, sum(t.contacts) AS firsts
        FROM {table:Identifier} AS t
        WHERE t.counted AND CONDITION AND t.phone IN (
            SELECT t.phone FROM {table:Identifier} AS t
            WHERE t.counted AND t.phone != '' AND CONDITION AND toUnixTimestamp64Milli(t.ended_at) >= {settled:Int64}
        )
        GROUP BY t.organisation, t.service, t.phone, t.server, t.id, started, ended HAVING sum(t.sign) > 0
    )
    GROUP BY organisation, service, phone HAVING max(ended) >= {settled:Int64}
)
"""


def open_since(store: Store, asked: Scope, complete_until: datetime) -> datetime | None:
    """None where all contacts of whom is asked for are settled."""
    settled = complete_until - asked.settling
    looked_at = _around(asked, settled - LOOK_BACK, complete_until)
    table = Routing(looked_at, CALLS).facts
    cells = Cells(looked_at, table)
    bound = {**dict(parameters(cells)), "settled": int(settled.timestamp() * 1_000)}
    [(begun, count)] = store.rows(Statement(_OPEN.replace("CONDITION", where(cells)), bound), table)
    if not count:
        return None
    return max(instant(begun), settled - LOOK_BACK)


def _around(asked: Scope, since: datetime, until: datetime) -> Scope:
    """The calls of the services asked for, through whatever gateway: a contact is its service's."""
    start, end = (Bound(moment.replace(tzinfo=None, minute=0, second=0, microsecond=0), 0) for moment in (since, until))
    later = replace(end, wall=end.wall + timedelta(hours=1))
    return replace(asked, query=asked.query.of_services, start=start, end=later)
