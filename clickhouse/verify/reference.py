"""The separate calculation: which facts there must be, from nothing but raw records, directory and definitions.

Comes in: call records in any order, as often as they like, and the directory's entities. Goes out: the net facts. It
is plain on purpose (group, sort, apply), and shares the contracts with the stream rules, not their code. Everything is
kept in a temporary SQLite file, which sorts what does not fit into memory.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

import orjson

from clickhouse.verify.calls import call_fact
from clickhouse.verify.lookup import Lookup
from streams.contracts.directory import Entities
from streams.contracts.facts import CallFact
from streams.contracts.records import CallRecord, canonical
from streams.contracts.times import parse_time

BATCH = 10_000

_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA temp_store = FILE;
PRAGMA cache_size = -65536;
CREATE TABLE winners (
    server TEXT, record_id TEXT, revision INTEGER, canonical BLOB, call_id TEXT,
    PRIMARY KEY (server, record_id)
) WITHOUT ROWID;
CREATE TABLE links (server TEXT, channel TEXT, call_id TEXT);
CREATE TABLE facts (
    server TEXT, id TEXT, organisation TEXT, phone TEXT, service TEXT, started_at INTEGER, calls INTEGER, fact BLOB,
    PRIMARY KEY (server, id)
) WITHOUT ROWID;
CREATE TABLE marks (server TEXT, id TEXT, mark TEXT, PRIMARY KEY (server, id, mark)) WITHOUT ROWID;
"""
_TAKE = """
INSERT INTO winners VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET
    revision = excluded.revision, canonical = excluded.canonical, call_id = excluded.call_id
WHERE (excluded.revision, excluded.canonical) > (revision, canonical)
"""
_BY_CALL = "SELECT server, call_of(server, call_id), canonical FROM winners ORDER BY 1, 2"
_BY_PHONE = """
SELECT organisation, phone, service, started_at, server, id FROM facts WHERE calls AND phone <> ''
ORDER BY organisation, phone, started_at, server, id
"""
_FACTS = """
SELECT fact, group_concat(mark) FROM facts LEFT JOIN marks USING (server, id) GROUP BY server, id ORDER BY server, id
"""


class Caller(NamedTuple):
    """A counted call, as far as it matters to the marks of its phone."""

    service: str
    server: str
    id: str


class Reference:
    """Takes records for as long as they come; `derive` then states the facts, again and again if need be."""

    def __init__(self, entities: Entities) -> None:
        self._lookup = Lookup(entities)
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.executescript(_TABLES)

    def take(self, records: Iterable[CallRecord]) -> None:
        """Of one (server, record_id) the highest revision is kept; of equal ones the greatest canonical form."""
        self._db.execute("BEGIN")
        self._db.executemany(_TAKE, map(_winner_row, records))
        self._db.execute("COMMIT")

    def derive(self) -> int:
        """Works all facts out again from the winners; says how many calls there are."""
        self._db.executescript("BEGIN; DELETE FROM links; DELETE FROM facts; DELETE FROM marks")
        self._db.executemany("INSERT INTO links VALUES (?, ?, ?)", self._links())
        joined = joined_calls(self._db.execute("SELECT DISTINCT server, channel, call_id FROM links ORDER BY 1, 2, 3"))
        self._db.create_function("call_of", 2, lambda server, call: joined.get((server, call), call))
        self._db.executemany("INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", map(_fact_row, self._calls()))
        self._db.executemany("INSERT INTO marks VALUES (?, ?, ?)", self._marks())
        self._db.execute("COMMIT")
        calls: int = self._db.execute("SELECT count(*) FROM facts").fetchone()[0]
        return calls

    def facts(self) -> Iterator[CallFact]:
        """Every fact, ordered by server and id."""
        return (_with_marks(fact, marks) for fact, marks in self._db.execute(_FACTS))

    def close(self) -> None:
        self._db.close()

    def _links(self) -> Iterator[tuple[str, str, str]]:
        for server, call_id, found in self._db.execute("SELECT server, call_id, canonical FROM winners"):
            for channel in orjson.loads(found)["channel_ids"]:
                yield server, channel, call_id

    def _calls(self) -> Iterator[CallFact]:
        for _, rows in groupby(self._db.execute(_BY_CALL), key=lambda row: row[:2]):
            yield call_fact([_record(found) for _, _, found in rows], self._lookup)

    def _marks(self) -> Iterator[tuple[str, str, str]]:
        for (organisation, _), rows in groupby(self._db.execute(_BY_PHONE), key=lambda row: row[:2]):
            calls = list(rows)
            before = self._lookup.unknown_before(organisation)
            unknown = before is not None and calls[0][3] < before
            yield from marks([Caller(service, server, id_) for _, _, service, _, server, id_ in calls], unknown)


def marks(calls: Sequence[Caller], unknown: bool) -> Iterator[tuple[str, str, str]]:
    """(server, id, mark) of one phone's counted calls in one organisation, in order of (start, id).

    The first call is new in the organisation, the first to each service is new there; where the phone may be an old
    client all of its marks are the unknown twins.
    """
    kind = "unknown" if unknown else "new"
    yield calls[0].server, calls[0].id, f"{kind}_callers_organisation"
    seen: set[str] = set()
    for call in calls:
        if call.service not in seen:
            seen.add(call.service)
            yield call.server, call.id, f"{kind}_callers_service"


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


def net_facts(records: Iterable[CallRecord], entities: Entities) -> list[CallFact]:
    """All of it at once, for what fits into memory."""
    reference = Reference(entities)
    reference.take(records)
    reference.derive()
    facts = list(reference.facts())
    reference.close()
    return facts


def _winner_row(record: CallRecord) -> tuple[str, str, int, bytes, str]:
    return record.server, record.record_id, record.revision, canonical(record), record.call_id


def _record(found: bytes) -> CallRecord:
    """Back from the canonical form, which has all that facts are made of; it was validated when it came in."""
    fields = orjson.loads(found)
    times = {name: parse_time(text) for name, text in fields.items() if name.endswith("_at") and text is not None}
    return CallRecord.model_construct(observed_at=0, **(fields | times))


def _fact_row(fact: CallFact) -> tuple[str, str, str, str, str, int, int, bytes]:
    return (
        fact["server"],
        fact["id"],
        fact["organisation"],
        fact["phone"],
        fact["service"],
        fact["started_at"],
        fact["calls"],
        orjson.dumps(fact),
    )


def _with_marks(found: bytes, marked: str | None) -> CallFact:
    fact: CallFact = orjson.loads(found)
    given = dict.fromkeys(marked.split(","), 1) if marked else {}
    return {**fact, **given}  # type: ignore[typeddict-item]
