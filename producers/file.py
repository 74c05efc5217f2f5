"""`pulse produce file`: JSON lines of a contract -> the raw topic, each line exactly as it is written.

Comes in: files (or standard input) and a raw topic. Goes out: every line, in order: good ones under the key of their
contract; refused ones without a key, for the stream to put them into the dead letters with its reason; those that the
raw topic cannot take into the dead letters directly. Progress is kept, so that a run that was cut off goes on.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from gzip import GzipFile
from itertools import chain
from os import fstat
from pathlib import Path
from typing import IO, Protocol

from producers.bookmarks import Bookmark
from producers.lines import STANDARD_INPUT, FileError, Line, Place, open_lines, read_lines
from producers.sending import Headers, Sender, target
from streams.contracts.records import CallRecord, ClientBaseEntry, OrderEvent, Reason, Record, Refused, parse
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, DEAD_LETTERS, ORDER_EVENTS, RAW_MESSAGE_BYTES

CONTRACTS: dict[str, type[Record]] = {
    CALL_RECORDS.name: CallRecord,
    ORDER_EVENTS.name: OrderEvent,
    CLIENT_BASE.name: ClientBaseEntry,
}
LONGEST_SENT = RAW_MESSAGE_BYTES - 1024
"""The rest is for the key and for what Kafka adds to a message."""
KEPT_EVERY_S = 1.0
LOOKED_AT = 100
"""So many lines of a file are looked at before the first is sent."""
NO_RECORD: frozenset[Reason] = frozenset({"not_utf8", "not_json", "wrong_version", "missing_field", "wrong_type"})
"""What another kind of file has in every line; a record with a wrong value in it is one all the same."""


class Watcher(Protocol):
    """Who is told how it goes: a progress bar, or lines in a log."""

    def begins(self, name: str, start: Place, size: int | None) -> None: ...
    def moved(self, place: Place) -> None:
        """So much has been acknowledged."""

    def refused(self, name: str, line: int, refusal: Refused) -> None: ...
    def waiting(self, message: str) -> None: ...


@dataclass
class Sent:
    """What happened to the lines of one file in this run."""

    name: str
    start: Place
    records: int = 0
    refused: int = 0
    too_long: int = 0
    blank: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.records or self.too_long or self.blank or self.start.line)


@dataclass(frozen=True)
class Feed:
    """Where lines go and how they are read. `now` stamps dead letters."""

    bootstrap: str
    topic: str
    data: Path
    now: Callable[[], datetime]
    restart: bool = False


def produce_file(feed: Feed, name: str, watcher: Watcher) -> Sent:
    """Sends one file from where it was left. Raises `FileError` or `DeliveryError`; progress is kept in any case."""
    where = target(feed.bootstrap, feed.topic)
    with open_lines(name) as opened, Sender[Place](feed.bootstrap, watcher.waiting) as sender:
        bookmark = Bookmark(feed.data, name, feed.topic, where) if _lasts(name) else None
        start = bookmark.find(opened) if bookmark and not feed.restart else Place()
        watcher.begins(name, start, _size(opened))
        run = _Run(feed, Sent(name, start), sender, watcher, bookmark)
        lines = read_lines(name, opened, start)
        try:
            run.take_all(lines if bookmark is None or start.line else _known(lines, feed.topic, name))
        finally:
            run.keep()
        return run.sent


def _lasts(name: str) -> bool:
    """It can be read again from its start: no standard input and no pipe."""
    return name != STANDARD_INPUT and Path(name).is_file()


def _known(lines: Iterator[Line], topic: str, name: str) -> Iterator[Line]:
    """The same lines; `FileError` where the first are all no records: of another topic, or of no topic at all. Sent
    all the same they would be dead letters by the thousand, at which a stream stops."""
    first: list[Line] = []
    while len(first) < LOOKED_AT:
        line = next(lines, None)
        if line is None:
            return iter(first)
        first.append(line)
        if not _is_no_record(line, CONTRACTS[topic]):
            return chain(first, lines)
    raise FileError(
        f"{name}: none of its first {LOOKED_AT} lines is a record of {topic}: is --topic the right one? Nothing of it "
        f"was sent. If it has to be: pulse produce file --topic {topic} - < {name}"
    )


def _is_no_record(line: Line, contract: type[Record]) -> bool:
    """Blank lines and those that are too long say nothing."""
    if not line.raw.strip() or line.size > LONGEST_SENT:
        return False
    try:
        parse(contract, line.raw)
    except Refused as refusal:
        return refusal.reason in NO_RECORD
    return False


class _Run:
    """One file on its way."""

    def __init__(self, feed: Feed, sent: Sent, sender: Sender[Place], watcher: Watcher, keep: Bookmark | None) -> None:
        self.feed = feed
        self.sent = sent
        self._sender = sender
        self._watcher = watcher
        self._bookmark = keep
        self._contract = CONTRACTS[feed.topic]
        self._kept_at = time.monotonic()

    def take_all(self, lines: Iterator[Line]) -> None:
        """Also where a file breaks off, what was read is delivered. On Ctrl-C the sender waits for what is on its
        way for some seconds only: what is not acknowledged is sent again by the next run."""
        try:
            for line in lines:
                self._take(line)
        except FileError:
            self._sender.finish()
            raise
        self._sender.finish()

    def keep(self) -> None:
        """Remembers what is acknowledged, which after a failed delivery is all before it."""
        place = self._sender.acknowledged
        self._kept_at = time.monotonic()
        if place is not None:
            self._watcher.moved(place)
            if self._bookmark is not None:
                self._bookmark.keep(place)

    def _take(self, line: Line) -> None:
        if line.size > LONGEST_SENT:
            self._set_aside(line)
        elif line.raw.strip():
            self._send(line)
        else:
            self.sent.blank += 1
        if time.monotonic() - self._kept_at > KEPT_EVERY_S:
            self._sender.settle()
            self.keep()

    def _send(self, line: Line) -> None:
        key, mark = None, line.after
        try:
            key = parse(self._contract, line.raw).key()
        except Refused as refusal:
            self.sent.refused += 1
            self._watcher.refused(self.sent.name, line.after.line, refusal)
            # a last line without its end that is no record may be half written: the next run reads it again
            mark = line.after if line.ended else line.before
        self.sent.records += 1
        self._sender.send(self.feed.topic, key, line.raw, mark)

    def _set_aside(self, line: Line) -> None:
        refusal = Refused("too_large", self._too_long(line))
        self.sent.too_long += 1
        self._watcher.refused(self.sent.name, line.after.line, refusal)
        self._sender.send(DEAD_LETTERS.name, None, line.raw, line.after, self._headers(line, refusal))

    def _too_long(self, line: Line) -> str:
        said = f"{line.size} bytes, {self.feed.topic} takes {LONGEST_SENT}"
        return said if len(line.raw) == line.size else f"{said}; only the first {len(line.raw)} bytes are kept"

    def _headers(self, line: Line, refusal: Refused) -> Headers:
        """As the stream writes them; there is no partition and no offset yet, so the line stands for it."""
        told = {
            "source_topic": self.feed.topic,
            "source_partition": "-1",
            "source_offset": str(line.after.line),
            "reason": refusal.reason,
            "error": refusal.error,
            "at": self.feed.now().isoformat(timespec="milliseconds"),
            "file": self.sent.name,
        }
        return [(name, value.encode(errors="replace")) for name, value in told.items()]


def _size(opened: IO[bytes]) -> int | None:
    """None where it is not known in advance: standard input, packed files."""
    if isinstance(opened, GzipFile) or not opened.seekable():
        return None
    return fstat(opened.fileno()).st_size
