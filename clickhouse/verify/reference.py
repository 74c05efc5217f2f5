"""The separate calculation: which facts there must be, from nothing but raw records, directory and definitions.

Comes in: raw records in any order, as often as they like, and the directory's entities. Goes out: the net facts. It is
plain on purpose (group, sort, apply), and shares the contracts with the stream rules, not their code. Everything is
kept in a temporary SQLite file, which sorts what does not fit into memory; one phone at a time is held.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, Literal

import orjson

from clickhouse.verify.calls import call_fact
from clickhouse.verify.clients import Client
from clickhouse.verify.contacts import Call, Order
from clickhouse.verify.lookup import NOBODY, Lookup, Owner
from clickhouse.verify.orders import ordered
from clickhouse.verify.winners import Read, Winners
from streams.contracts.activity import MOST_CALL_IDS
from streams.contracts.directory import Entities, Settings
from streams.contracts.facts import Attribution, CallFact, OrderFact

_SHELF = """
PRAGMA journal_mode = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -65536;
"""
_TABLES = """
CREATE TABLE facts (
    server TEXT, id TEXT, organisation TEXT, phone TEXT, kind TEXT, calls INTEGER, fact BLOB,
    PRIMARY KEY (server, id)
) WITHOUT ROWID;
CREATE TABLE call_ids (server TEXT, call_id TEXT, id TEXT, PRIMARY KEY (server, call_id)) WITHOUT ROWID;
CREATE TABLE orders (
    named TEXT, id TEXT, organisation TEXT, client TEXT, source TEXT, card_server TEXT, card_call TEXT, fact BLOB,
    PRIMARY KEY (named, id)
) WITHOUT ROWID;
CREATE TABLE known (organisation TEXT, phone TEXT, service TEXT, since INTEGER);
CREATE TABLE cards (named TEXT, id TEXT, server TEXT, call TEXT, PRIMARY KEY (named, id)) WITHOUT ROWID;
CREATE TABLE brought (named TEXT, id TEXT, level TEXT, server TEXT, call TEXT, PRIMARY KEY (named, id)) WITHOUT ROWID;
CREATE TABLE call_marks (server TEXT, id TEXT, mark TEXT, PRIMARY KEY (server, id, mark)) WITHOUT ROWID;
CREATE TABLE order_marks (named TEXT, id TEXT, mark TEXT, PRIMARY KEY (named, id, mark)) WITHOUT ROWID;
"""
_AFRESH = """
BEGIN;
DELETE FROM facts; DELETE FROM call_ids; DELETE FROM orders; DELETE FROM known; DELETE FROM cards;
DELETE FROM brought; DELETE FROM call_marks; DELETE FROM order_marks;
"""
_CARDS = """
INSERT INTO cards SELECT o.named, o.id, f.server, f.id
FROM orders AS o
JOIN call_ids AS c ON c.server = o.card_server AND c.call_id = o.card_call
JOIN facts AS f ON f.server = c.server AND f.id = c.id
WHERE o.source = 'operator' AND f.calls AND f.organisation = o.organisation
"""
_BROUGHT_BY_CARD = "INSERT OR IGNORE INTO brought SELECT named, id, 'A', server, call FROM cards"
"""Also the orders whose phone makes no client."""
_BY_PHONE = """
SELECT organisation, phone, kind, fact, NULL, NULL FROM facts WHERE phone <> '' AND kind <> ''
UNION ALL
SELECT o.organisation, o.client, 'order', o.fact, b.server, b.call
FROM orders AS o LEFT JOIN cards AS b USING (named, id) WHERE o.client <> ''
UNION ALL
SELECT f.organisation, f.phone, 'carded', NULL, f.server, f.id
FROM cards AS b JOIN facts AS f ON f.server = b.server AND f.id = b.call WHERE f.phone <> ''
UNION ALL
SELECT organisation, phone, 'known', NULL, service, since FROM known
ORDER BY 1, 2
"""
_CALL_FACTS = """
SELECT fact, group_concat(mark) FROM facts LEFT JOIN call_marks USING (server, id)
GROUP BY server, id ORDER BY server, id
"""
_ORDER_FACTS = """
SELECT o.fact, group_concat(m.mark), b.level, c.fact
FROM orders AS o
LEFT JOIN order_marks AS m USING (named, id)
LEFT JOIN brought AS b USING (named, id)
LEFT JOIN facts AS c ON c.server = b.server AND c.id = b.call
GROUP BY o.named, o.id ORDER BY o.organisation, o.id, o.named
"""

_ATTRIBUTED: dict[str, Literal["attributed_a", "attributed_b", "attributed_c", "attributed_d"]] = {
    "A": "attributed_a",
    "B": "attributed_b",
    "C": "attributed_c",
    "D": "attributed_d",
}


class Reference:
    """Takes records for as long as they come; `derive` then states the facts, again and again if need be."""

    def __init__(self, entities: Entities) -> None:
        self._lookup = Lookup(entities)
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_SHELF + _TABLES)
        self._winners = Winners(self._db)

    def take(self, reads: Iterable[Read]) -> None:
        self._winners.take(reads)

    def derive(self) -> None:
        """Works all facts out again from the winners."""
        self._db.executescript(_AFRESH)
        self._derive_calls()
        self._db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?, ?, ?, ?)", self._order_rows())
        self._db.executemany("INSERT INTO known VALUES (?, ?, ?, ?)", self._known_rows())
        self._db.execute(_CARDS)
        self._derive_clients()
        self._db.execute(_BROUGHT_BY_CARD)
        self._db.execute("COMMIT")

    def call_facts(self) -> Iterator[CallFact]:
        """Ordered by server and id."""
        return (_with_marks(fact, marks) for fact, marks in self._db.execute(_CALL_FACTS))

    def order_facts(self) -> Iterator[OrderFact]:
        """Ordered by organisation and id."""
        for fact, marks, level, call in self._db.execute(_ORDER_FACTS):
            yield _with_call(_with_marks(fact, marks), level, call and orjson.loads(call))

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Of what the facts were made of, for explanations."""
        return self._db.execute(sql, values).fetchall()

    def close(self) -> None:
        self._db.close()

    def _derive_calls(self) -> None:
        for legs in self._winners.calls():
            fact = call_fact(legs, self._lookup)
            self._db.execute("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?)", _call_row(fact))
            names = sorted({leg.call_id for leg in legs})[:MOST_CALL_IDS]
            rows = ((fact["server"], name, fact["id"]) for name in names)
            self._db.executemany("INSERT INTO call_ids VALUES (?, ?, ?)", rows)

    def _order_rows(self) -> Iterator[tuple[Any, ...]]:
        for revisions in self._winners.orders():
            one = ordered(revisions, self._lookup)
            fact = one.fact
            whose = (one.named, fact["id"], fact["organisation"], one.client, fact["source"])
            yield (*whose, one.card_server, one.card_call, orjson.dumps(fact))

    def _known_rows(self) -> Iterator[tuple[str, str, str, int]]:
        for entry in self._winners.entries():
            owner = self._lookup.owner_named(entry.organisation, entry.service)
            phone = self._lookup.phone(owner, entry.phone)
            if phone and owner != NOBODY and not self._lookup.is_staff(owner, entry.phone, phone):
                yield owner.organisation, phone, owner.service, entry.first_order_at

    def _derive_clients(self) -> None:
        for (organisation, _), rows in groupby(self._db.execute(_BY_PHONE), key=itemgetter(0, 1)):
            client = self._client(organisation, rows)
            marks = ((*key, mark) for key, mark in client.call_marks())
            self._db.executemany("INSERT INTO call_marks VALUES (?, ?, ?)", marks)
            marks = ((organisation, order, mark) for order, mark in client.order_marks())
            self._db.executemany("INSERT INTO order_marks VALUES (?, ?, ?)", marks)
            brought = ((organisation, order, level, *call) for order, (level, call) in client.brought.items() if call)
            self._db.executemany("INSERT INTO brought VALUES (?, ?, ?, ?, ?)", brought)

    def _client(self, organisation: str, rows: Iterable[tuple[Any, ...]]) -> Client:
        """`rows` are (organisation, phone, what it is, fact, and two fields that depend on that)."""
        settings = self._lookup.settings(Owner(organisation))
        of = {what: list(found) for what, found in groupby(sorted(rows, key=itemgetter(2)), key=itemgetter(2))}
        known: dict[str, int] = {}
        for *_, service, since in of.get("known", ()):
            known[service] = min(since, known.get(service, since))
        return Client(
            settings=settings,
            unknown_before=self._lookup.unknown_before(organisation),
            calls=sorted(_call(orjson.loads(row[3])) for row in of.get("call", ())),
            orders=sorted(_order(orjson.loads(row[3]), settings, row[4:]) for row in of.get("order", ())),
            reached=[orjson.loads(row[3])["started_at"] for row in of.get("reached", ())],
            known=known,
            carded=frozenset(row[4:] for row in of.get("carded", ())),
        )


def _call_row(fact: CallFact) -> tuple[Any, ...]:
    kind = "call" if fact["calls"] else "reached" if fact["reason"] == "outbound" and _answered(fact) else ""
    return fact["server"], fact["id"], fact["organisation"], fact["phone"], kind, fact["calls"], orjson.dumps(fact)


def _answered(fact: CallFact) -> bool:
    return fact["answered_at"] is not None


def _call(fact: CallFact) -> Call:
    answered, missed = bool(fact["calls_answered"]), bool(fact["calls_missed"])
    return Call(fact["started_at"], fact["server"], fact["id"], fact["service"], fact["ended_at"], answered, missed)


def _order(fact: OrderFact, settings: Settings, card: tuple[str | None, str | None]) -> Order:
    """Open until it closed, at most until so long after its pickup."""
    created_at, pickup_at, closed_at = fact["created_at"], fact["pickup_at"], fact["closed_at"]
    at_most = max(created_at, created_at if pickup_at is None else pickup_at) + settings.open_order_ms
    return Order(
        created_at=created_at,
        id=fact["id"],
        service=fact["service"],
        completed=fact["state"] == "completed",
        by_operator=fact["source"] == "operator",
        open_until=at_most if closed_at is None else min(closed_at, at_most),
        card=None if card[0] is None or card[1] is None else (card[0], card[1]),
    )


def _with_marks(found: bytes, marked: str | None) -> Any:
    return orjson.loads(found) | (dict.fromkeys(marked.split(","), 1) if marked else {})


def _with_call(fact: OrderFact, level: Attribution | None, call: CallFact | None) -> OrderFact:
    """Orders of operators in a known organisation have a level; A and B give the gateway and the number."""
    if fact["source"] != "operator" or fact["organisation"] == "":
        return fact
    level = level or "D"
    fact["attribution"] = level
    fact[_ATTRIBUTED[level]] = 1
    if call is not None:
        fact["call"] = f"{call['server']}/{call['id']}"
    if call is not None and level in ("A", "B"):
        fact["server"], fact["gateway"], fact["number"] = call["server"], call["gateway"], call["number"]
    return fact
