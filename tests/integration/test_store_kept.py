"""What the dashboard keeps in the store itself: the newest of each entry holds, also for who opens the store next."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from clickhouse_connect.driver.client import Client

from clickhouse.engine import Engine
from clickhouse.kept import Keeping, Kept


@dataclass(frozen=True)
class Note:
    TABLE: ClassVar[str] = "notes"
    id: str
    words: tuple[str, ...]
    at: int
    done: bool

    @property
    def key(self) -> str:
        return self.id


NOTE = Note("a", ("first", "it's"), 1_700_000_000_000, done=False)


@pytest.fixture
def client(engine: Engine, database: str) -> Iterator[Client]:
    with engine.writer(database) as opened:
        opened.command(
            "CREATE TABLE notes (id String, words Array(String), at Int64, done Bool, version UInt64, deleted UInt8) "
            "ENGINE = ReplacingMergeTree(version, deleted) ORDER BY id"
        )
        yield opened


def notes(client: Client) -> Kept[Note]:
    return Keeping(client).of(Note)


def test_the_newest_of_each_entry_holds_and_is_there_after_a_start(client: Client) -> None:
    kept = notes(client)
    kept.put(NOTE)
    kept.put(replace(NOTE, id="b"))
    kept.put(replace(NOTE, done=True))
    for found in (kept, notes(client)):
        assert found.all() == [replace(NOTE, done=True), replace(NOTE, id="b")]
        assert found.get("a") == replace(NOTE, done=True)


def test_what_was_taken_away_is_gone_and_can_come_again(client: Client) -> None:
    kept = notes(client)
    kept.put(NOTE)
    assert kept.remove("a")
    assert not kept.remove("a")
    assert notes(client).all() == []
    client.command("OPTIMIZE TABLE notes FINAL")
    assert notes(client).add(NOTE)
    assert notes(client).all() == [NOTE]


def test_an_entry_is_added_once(client: Client) -> None:
    kept = notes(client)
    assert kept.add(NOTE)
    assert not kept.add(replace(NOTE, done=True))
    assert kept.change("a", lambda found: found and replace(found, at=2)) == replace(NOTE, at=2)
    assert kept.change("z", lambda found: found) is None
    assert notes(client).all() == [replace(NOTE, at=2)]


def test_of_several_processes_on_a_store_each_sees_and_overrules_what_the_others_did(client: Client) -> None:
    mine, others = Keeping(client, shared=True), Keeping(client, shared=True)
    here, there = mine.of(Note), others.of(Note)
    for at in range(3):
        here.put(replace(NOTE, at=at))
    assert there.remove(NOTE.key)  # never seen here before, and with a greater version than any before
    assert here.add(replace(NOTE, id="b"))
    assert here.get(NOTE.key) is None
    mine.refresh()
    others.refresh()
    assert [each.id for each in here.all()] == [each.id for each in there.all()] == ["b"]
    assert [each.id for each in notes(client).all()] == ["b"]


def test_of_two_processes_that_add_in_the_same_moment_none_is_refused_and_one_holds(client: Client) -> None:
    mine, others = Keeping(client, shared=True), Keeping(client, shared=True)
    here, there = mine.of(Note), others.of(Note)
    from_there = replace(NOTE, done=True)

    def meanwhile(found: Note | None) -> Note | None:
        assert (found, there.add(from_there)) == (None, True)
        return NOTE

    assert here.change(NOTE.key, meanwhile) == NOTE
    mine.refresh()
    others.refresh()
    assert here.all() == there.all() == notes(client).all()
    assert here.all() in ([NOTE], [from_there])
