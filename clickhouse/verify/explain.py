"""Why a value is expected: the raw records behind it, and the definition that decides.

Comes in: the reference after its calculation, and a difference. Goes out: lines for a person. A row of a rollup is
explained by the facts that count in it; a mark also by the other calls and orders of its phone.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import orjson

from clickhouse.families import BY_TABLE, Family
from clickhouse.queries.net_rows import FACTS
from clickhouse.verify.definitions import WHOLE, rule
from clickhouse.verify.pairs import Pair
from clickhouse.verify.reference import Reference
from clickhouse.verify.rollups import Fact, key_in
from clickhouse.verify.sides import facts_behind
from streams.contracts.times import format_time
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS

MOST = 12
"""Facts, calls or orders listed with one difference."""
_LEGS = """
SELECT w.partition, w."offset", w.record_id, w.revision, w.call_id
FROM winners AS w JOIN call_ids USING (server, call_id)
WHERE w.server = ? AND call_ids.id = ? ORDER BY w.record_id
"""
_REVISIONS = """
SELECT r.partition, r."offset", r.revision, r.organisation FROM revisions AS r
JOIN orders AS o ON o.named = r.organisation AND o.id = r.order_id
WHERE o.organisation = ? AND o.id = ? ORDER BY r.organisation, r.revision
"""
_CALLS_OF = "SELECT fact FROM facts WHERE organisation = ? AND phone = ? AND kind <> ''"
_ORDERS_OF = "SELECT fact FROM orders WHERE organisation = ? AND client = ?"
_KNOWN = """
SELECT e.partition, e."offset", e.service, e.first_order_at FROM known AS k JOIN entries AS e USING (organisation)
WHERE k.organisation = ? AND k.phone = ? AND k.since = e.first_order_at
"""


def explain(reference: Reference, pair: Pair) -> list[str]:
    if pair.table in FACTS:
        return [*_of_fact(reference, pair)]
    if pair.table in BY_TABLE:
        return [*_of_rollup(reference, pair)]
    return ["each refused record has exactly one dead letter, with its reason; a valid one has none"]


def _of_fact(reference: Reference, pair: Pair) -> Iterator[str]:
    yield from sorted({rule(pair.table, column) for column in _parting(pair)} or WHOLE[pair.table])
    yield from _records(reference, pair.table, orjson.loads(pair.key))
    said = [orjson.loads(value) for value in (pair.expected or pair.found)]
    for fact in said[:1]:
        yield from _history(reference, pair, fact)


def _parting(pair: Pair) -> list[str]:
    """Columns that differ; none where a row is missing or doubled."""
    if not len(pair.expected) == len(pair.found) == 1:
        return []
    wanted, got = orjson.loads(pair.expected[0]), orjson.loads(pair.found[0])
    return [name for name in wanted if wanted[name] != got.get(name)]


def _records(reference: Reference, table: str, key: list[str]) -> Iterator[str]:
    if BY_TABLE[table].name == "calls":
        for partition, offset, record, revision, call in reference.ask(_LEGS, *key):
            yield f"{CALL_RECORDS.name}[{partition}]@{offset}: record_id {record} revision {revision} call_id {call}"
        return
    for partition, offset, revision, named in reference.ask(_REVISIONS, *key):
        yield f"{ORDER_EVENTS.name}[{partition}]@{offset}: organisation {named} order_id {key[1]} revision {revision}"


def _history(reference: Reference, pair: Pair, fact: Fact) -> Iterator[str]:
    """The phone's calls and orders next in time, and its entries in the client base."""
    whose = {**fact, **dict(zip(BY_TABLE[pair.table].identity, orjson.loads(pair.key), strict=True))}
    organisation, phone = whose["organisation"], whose["phone"]
    if not organisation or not phone:
        return
    at = whose[BY_TABLE[pair.table].moments[0]]
    calls = [(call["started_at"], _call(call)) for call in _facts(reference, _CALLS_OF, organisation, phone)]
    orders = [(order["created_at"], _order(order)) for order in _facts(reference, _ORDERS_OF, organisation, phone)]
    near = sorted([*calls, *orders], key=lambda each: abs(each[0] - at))[:MOST]
    yield f"calls and orders of {phone} in {organisation}: {len(calls)} and {len(orders)}; nearest in time:"
    yield from (f"  {format_time(moment)} {what}" for moment, what in sorted(near))
    for partition, offset, service, since in reference.ask(_KNOWN, organisation, phone):
        yield f"  {CLIENT_BASE.name}[{partition}]@{offset}: since {format_time(since)}, service {service or 'every'}"


def _facts(reference: Reference, sql: str, *whose: str) -> Iterator[Any]:
    return (orjson.loads(fact) for (fact,) in reference.ask(sql, *whose))


def _call(fact: Fact) -> str:
    how = "answered" if fact["answered_at"] is not None else "missed" if fact["calls_missed"] else "not answered"
    end = format_time(fact["ended_at"])
    return f"call {fact['server']}/{fact['id']} to {fact['service']}, {fact['direction']}, {how}, until {end}"


def _order(fact: Fact) -> str:
    return f"order {fact['id']} of {fact['service'] or 'no known service'}, {fact['source']}, {fact['state']}"


def _of_rollup(reference: Reference, pair: Pair) -> Iterator[str]:
    """The facts that count in it: where they agree with the store's, the rollup itself is wrong."""
    key, columns = orjson.loads(pair.key), _parting(pair)
    behind = (fact for fact in facts_behind(reference, pair.table) if key_in(pair.table, fact) == key)
    counting = (fact for fact in behind if any(fact.get(column) for column in columns or BY_TABLE[pair.table].measures))
    shown = [_counted(fact, BY_TABLE[pair.table], columns) for fact in islice(counting, MOST)]
    yield "a row of a rollup is the sum of its facts; " + (
        "these count in what differs:" if shown else "none counts in it"
    )
    yield from shown


def _counted(fact: Fact, family: Family, columns: list[str]) -> str:
    values = {column: fact[column] for column in columns if column in fact}
    return f"  {family.facts} {'/'.join(fact[name] for name in family.identity)} {values or ''}".rstrip()
