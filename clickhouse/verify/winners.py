"""Which raw records count: winners, the calls that they join to, the orders whose revisions they are.

Comes in: valid records with their places in the topic, in any order, as often as they like. Goes out: the records of
one call, of one order, of one known client, again and again if need be. All of it lies in a temporary SQLite file.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple, TypeVar, cast

import orjson

from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Record, canonical
from streams.contracts.times import parse_time

R = TypeVar("R", bound=Record)

TABLES = """
CREATE TABLE winners (
    server TEXT, record_id TEXT, revision INTEGER, canonical BLOB, call_id TEXT, partition INTEGER, "offset" INTEGER,
    PRIMARY KEY (server, record_id)
) WITHOUT ROWID;
CREATE TABLE links (server TEXT, channel TEXT, call_id TEXT);
CREATE TABLE revisions (
    organisation TEXT, order_id TEXT, revision INTEGER, canonical BLOB, partition INTEGER, "offset" INTEGER,
    PRIMARY KEY (organisation, order_id, revision)
) WITHOUT ROWID;
CREATE TABLE entries (
    organisation TEXT, phone TEXT, service TEXT, first_order_at INTEGER, partition INTEGER, "offset" INTEGER,
    PRIMARY KEY (organisation, phone, service)
) WITHOUT ROWID;
"""
_TAKE_CALL = """
INSERT INTO winners VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET revision = excluded.revision, canonical = excluded.canonical, call_id = excluded.call_id,
    partition = excluded.partition, "offset" = excluded."offset"
WHERE (excluded.revision, excluded.canonical) > (revision, canonical)
"""
_TAKE_ORDER = """
INSERT INTO revisions VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET canonical = excluded.canonical, partition = excluded.partition, "offset" = excluded."offset"
WHERE excluded.canonical > canonical
"""
_TAKE_ENTRY = """
INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET first_order_at = excluded.first_order_at,
    partition = excluded.partition, "offset" = excluded."offset"
WHERE excluded.first_order_at < first_order_at
"""
_BY_CALL = "SELECT server, call_of(server, call_id), canonical FROM winners ORDER BY 1, 2"
_BY_ORDER = "SELECT organisation, order_id, canonical FROM revisions ORDER BY 1, 2, revision"


class Read(NamedTuple):
    """A valid record, and where in its topic it lies."""

    record: Record
    partition: int = 0
    offset: int = 0


class Entry(NamedTuple):
    """A known client as written: the earliest of the dates that were given under these words."""

    organisation: str
    phone: str
    service: str
    first_order_at: int


class Winners:
    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._db.executescript(TABLES)

    def take(self, reads: Iterable[Read]) -> None:
        """Of one identity the highest revision is kept; of equal ones the greatest canonical form."""
        self._db.execute("BEGIN")
        for read in reads:
            statement, values = _kept(read.record)
            self._db.execute(statement, (*values, read.partition, read.offset))
        self._db.execute("COMMIT")

    def calls(self) -> Iterator[list[CallRecord]]:
        """The records of each call, ordered by server and id of the call."""
        self._db.execute("DELETE FROM links")
        self._db.executemany("INSERT INTO links VALUES (?, ?, ?)", self._links())
        joined = joined_calls(self._db.execute("SELECT DISTINCT server, channel, call_id FROM links ORDER BY 1, 2, 3"))
        self._db.create_function("call_of", 2, lambda server, call: joined.get((server, call), call))
        for _, rows in groupby(self._db.execute(_BY_CALL), key=itemgetter(0, 1)):
            yield [_record(CallRecord, found) for *_, found in rows]

    def orders(self) -> Iterator[list[OrderEvent]]:
        """The revisions of each order, in their order."""
        for _, rows in groupby(self._db.execute(_BY_ORDER), key=itemgetter(0, 1)):
            yield [_record(OrderEvent, found) for *_, found in rows]

    def entries(self) -> Iterator[Entry]:
        found = self._db.execute("SELECT organisation, phone, service, first_order_at FROM entries")
        return (Entry(*row) for row in found)

    def _links(self) -> Iterator[tuple[str, str, str]]:
        for server, call_id, found in self._db.execute("SELECT server, call_id, canonical FROM winners"):
            for channel in orjson.loads(found)["channel_ids"]:
                yield server, channel, call_id


def joined_calls(links: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str], str]:
    """Of the call_ids that a shared channel joins: (server, call_id) -> the smallest call_id of them all.

    `links` are (server, channel, call_id), those of one channel next to each other.
    """
    smallest: dict[tuple[str, str], str] = {}

    def root(server: str, call: str) -> str:
        while (above := smallest.get((server, call), call)) != call:
            smallest[server, call] = call = smallest.get((server, above), above)
        return call

    for (server, _), of_channel in groupby(links, key=lambda link: link[:2]):
        roots = {root(server, call) for _, _, call in of_channel}
        if len(roots) > 1:
            smallest.update(dict.fromkeys(((server, each) for each in roots), min(roots)))
    return {(server, call): root(server, call) for server, call in smallest}


def _kept(record: Record) -> tuple[str, tuple[Any, ...]]:
    """The statement that takes a record, and what is kept of it."""
    if isinstance(record, CallRecord):
        return _TAKE_CALL, (record.server, record.record_id, record.revision, canonical(record), record.call_id)
    if isinstance(record, OrderEvent):
        return _TAKE_ORDER, (record.organisation, record.order_id, record.revision, canonical(record))
    if isinstance(record, ClientBaseEntry):
        return _TAKE_ENTRY, (record.organisation, record.phone, record.service or "", record.first_order_at)
    raise TypeError(f"{type(record).__name__} is no raw record")


def _record(contract: type[R], found: bytes) -> R:
    """Back from the canonical form, which has all that facts are made of; it was validated when it came in."""
    fields = orjson.loads(found)
    times = {name: parse_time(text) for name, text in fields.items() if name.endswith("_at") and text is not None}
    return cast(R, contract.model_construct(observed_at=0, **(fields | times)))
