"""What nobody should send, and valid records between: seeded, each with what the contract says must become of it.

Comes in: a seed, and the golden examples of the contracts. Goes out: messages for the raw topics. What is expected
is written by hand from the contract, not taken from the code that judges.
"""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from streams.contracts import records
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS, Topic

EXAMPLES = Path(records.__file__).with_name("examples")
EITHER = "?"
"""The contract does not say: it may be taken, or refused with any reason."""
TAKEN = ""
HUGE_ONE_IN = 4_000
RAW_BYTES = (1 << 20) - 2_048
Json = dict[str, Any]


@dataclass(frozen=True)
class Message:
    topic: str
    key: bytes | None
    value: bytes | None
    kind: str
    expected: str
    """TAKEN, EITHER, or the reasons of which one must be told, joined by |."""


@dataclass(frozen=True)
class Kind:
    """A way to spoil a record: gives the bytes, or the changed record."""

    name: str
    expected: str
    spoil: Callable[[random.Random, Json], bytes | Json | None]


def text(record: Json) -> bytes:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def _instead(field: str, *values: Any) -> Callable[[random.Random, Json], Json]:
    return lambda dice, record: record | {field: dice.choice(values)}


def _without(*fields: str) -> Callable[[random.Random, Json], Json]:
    def spoil(dice: random.Random, record: Json) -> Json:
        gone = dice.choice([field for field in fields if field in record])
        return {name: value for name, value in record.items() if name != gone}

    return spoil


def _with_raw(member: str) -> Callable[[random.Random, Json], bytes]:
    """A member that no JSON writer writes."""
    return lambda _dice, record: text(record)[:-1] + b"," + member.encode() + b"}"


def _random_bytes(dice: random.Random, _record: Json) -> bytes:
    return dice.randbytes(dice.choice((1, 7, 300))) + b"\xff"


def _cut_off(dice: random.Random, record: Json) -> bytes:
    whole = json.dumps(record).encode()
    return whole[: dice.randrange(1, len(whole))]


def _not_utf8(dice: random.Random, record: Json) -> bytes:
    whole = json.dumps(record).encode()
    at = whole.index(b'": "') + 4
    return whole[:at] + dice.choice((b"\xff", b"\xc3(", b"\xed\xa0\x80", b"\xf5\x80\x80\x80")) + whole[at:]


def _deep(_dice: random.Random, record: Json) -> bytes:
    return text(record)[:-1] + b',"deep":' + b"[" * 100_000 + b"]" * 100_000 + b"}"


def _filled(least: int, most: int) -> Callable[[random.Random, Json], bytes]:
    """With an unknown field that brings it to a size."""

    def spoil(dice: random.Random, record: Json) -> bytes:
        bare = text(record | {"filler": ""})
        return bare[:-2] + b"x" * (dice.randint(least, most) - len(bare)) + b'"}'

    return spoil


NO_TIMES = (
    "now",
    "",
    "2026-03-01",
    "2026-02-30T10:00:00Z",
    "2026-13-01T10:00:00Z",
    "2026-03-01T25:00:00Z",
    "0000-01-01T00:00:00Z",
    "2026-03-01T10:00:00",
    "2026-03-01T10:00:60Z",
    "2026-03-01T10:00:00+24:00",
    "99999-01-01T00:00:00Z",
    "1772359200",
)
ABSURD_TIMES = ("1990-01-01T00:00:00Z", "2090-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00")
NOT_TEXT: tuple[Any, ...] = (1, -1.5, True, [], {}, ["x"], {"a": 1}, 10**18)
RUBBISH = (
    b"",
    b" \n",
    b"\x00",
    b"{",
    b"}",
    b'{"v":1,}',
    b"{'v': 1}",
    b"<html>502 Bad Gateway</html>",
    b"undefined",
    b"\xef\xbb\xbf{}",
)
NO_OBJECTS = (b"null", b"true", b"1e3", b'""', b"[]", b'[{"v":1}]', b'"{}"')
RANGE = "time_out_of_range|times_out_of_order"

ANY_RECORD = (
    Kind("random bytes", "not_utf8|not_json", _random_bytes),
    Kind("rubbish", "not_json", lambda dice, _: dice.choice(RUBBISH)),
    Kind("no object", "wrong_type|missing_field", lambda dice, _: dice.choice(NO_OBJECTS)),
    Kind("null value", "not_json", lambda *_: None),
    Kind("cut off", "not_json", _cut_off),
    Kind("two in one", "not_json", lambda _, record: text(record) * 2),
    Kind("not UTF-8", "not_utf8", _not_utf8),
    Kind("lone surrogate", "not_json|bad_value", _with_raw('"agent":"\\ud800"')),
    Kind("another version", "wrong_version|wrong_type", _instead("v", 0, 2, -1, "1", True, 1.0, [1], 10**30)),
    Kind("no version", "missing_field", _without("v")),
    Kind("observed never", "bad_time", _instead("observed_at", *NO_TIMES)),
    Kind("observed no text", "wrong_type", _instead("observed_at", *NOT_TEXT)),
    Kind("observed null", "missing_field", _instead("observed_at", None)),
    Kind("key given twice", EITHER, _with_raw('"observed_at":"2026-06-01T00:00:00Z","v":1')),
    Kind("NaN aside", EITHER, _with_raw('"aside":NaN,"more":-Infinity')),
    Kind("unknown field", TAKEN, _instead("aside", {"a": [1, None]}, "\u0000", [[]], 1e300)),
)
HUGE = (
    Kind("deep", "not_json", _deep),
    Kind("long number", "not_json|bad_value|wrong_type", _with_raw('"revision":' + "9" * 100_000)),
    Kind("too large", "too_large", _filled((900 << 10) + 1, RAW_BYTES)),
    Kind("large", TAKEN, _filled(500_000, 900 << 10)),
)
CALLS = (
    Kind(
        "field missing", "missing_field", _without("server", "record_id", "call_id", "caller", "started_at", "ended_at")
    ),
    Kind("field null", "missing_field", _instead("call_id", None)),
    Kind(
        "text is none",
        "wrong_type",
        lambda dice, r: r | {dice.choice(("caller", "record_id", "agent", "started_at")): dice.choice(NOT_TEXT)},
    ),
    Kind("revision beyond 64 bits", "bad_value|wrong_type", _instead("revision", 2**63, 2**64, 10**30, -1, -(10**30))),
    Kind("revision no number", "wrong_type|bad_value", _instead("revision", "1", 1.5, [], True)),
    Kind(
        "revision not finite",
        "wrong_type|bad_value|not_json",
        lambda dice, r: text(r | {"revision": "@"}).replace(
            b'"@"', dice.choice((b"NaN", b"Infinity", b"-Infinity", b"1e999"))
        ),
    ),
    Kind("largest revision", TAKEN, _instead("revision", 2**63 - 1)),
    Kind("unknown direction", "bad_value", _instead("direction", "", "INBOUND", "sideways")),
    Kind("bad id", "bad_value", _instead("record_id", "", "x" * 129, "я" * 65)),
    Kind(
        "odd id",
        TAKEN,
        _instead("record_id", "a\u0000b", "a/b", " ", "\u202e\ufeff", "я" * 64, "'; DROP TABLE call_facts --", "🚕"),
    ),
    Kind("channels", "wrong_type|bad_value|missing_field", _instead("channel_ids", "x", [None], [1], [""], {"a": 1})),
    Kind("never", "bad_time", _instead("started_at", *NO_TIMES)),
    Kind(
        "absurd date", RANGE, lambda dice, r: r | {dice.choice(("started_at", "ended_at")): dice.choice(ABSURD_TIMES)}
    ),
    Kind("answered outside", "times_out_of_order|time_out_of_range", _instead("answered_at", *ABSURD_TIMES)),
    Kind("slash in server", "bad_value", _instead("server", "a/b", "/")),
)
ORDERS = (
    Kind(
        "field missing",
        "missing_field",
        _without("organisation", "order_id", "revision", "created_at", "state", "service"),
    ),
    Kind("price beyond 64 bits", "bad_value|wrong_type", _instead("price", 2**64, 10**40, -1)),
    Kind("price no number", "wrong_type|bad_value", _instead("price", "100", 99.5, [])),
    Kind("currency", "bad_value", lambda dice, r: r | {"price": 1, "currency": dice.choice(("rub", "RUBL", "₽", ""))}),
    Kind("half a card", "bad_value", lambda _, r: r | {"server": "pbx-1", "call_id": None}),
    Kind(
        "absurd date",
        RANGE,
        lambda dice, r: r | {dice.choice(("created_at", "occurred_at")): dice.choice(ABSURD_TIMES)},
    ),
    Kind("pickup", "time_out_of_range", _instead("pickup_at", *ABSURD_TIMES)),
    Kind("unknown words", TAKEN, _instead("state", "", "\u0000", "никакой", "x" * 1_000)),
)
CLIENTS = (
    Kind("field missing", "missing_field", _without("organisation", "phone", "first_order_at")),
    Kind("phone no text", "wrong_type", _instead("phone", 79161234567, True, [])),
    Kind("absurd date", RANGE, _instead("first_order_at", *ABSURD_TIMES)),
    Kind("odd phone", TAKEN, _instead("phone", "", "x" * 10_000, "+" * 250, "٠١٢٣٤٥٦٧٨٩")),
)
KINDS: dict[Topic, tuple[Kind, ...]] = {
    CALL_RECORDS: (*ANY_RECORD, *CALLS),
    ORDER_EVENTS: (*ANY_RECORD, *ORDERS),
    CLIENT_BASE: (*ANY_RECORD, *CLIENTS),
}
TOPICS = (CALL_RECORDS, CALL_RECORDS, CALL_RECORDS, ORDER_EVENTS, ORDER_EVENTS, CLIENT_BASE)
KEYS: dict[str, Callable[[Json], str]] = {
    CALL_RECORDS.name: lambda r: str(r["server"]),
    ORDER_EVENTS.name: lambda r: f"{r['organisation']}/{r['order_id']}",
    CLIENT_BASE.name: lambda r: str(r["organisation"]),
}


class Rubbish:
    """Examples, spoilt, of any raw topic; in batches of one kind now and then."""

    def __init__(self, dice: random.Random) -> None:
        self._dice = dice
        self._golden = {topic: [json.loads(file.read_bytes()) for file in _files(topic, "good")] for topic in KINDS}
        self._refused = {
            topic: [(file.name.split(".")[1], file.read_bytes()) for file in _files(topic, "refused")]
            for topic in KINDS
        }

    def __iter__(self) -> Iterator[Message]:
        while True:
            topic = self._dice.choice(TOPICS)
            kind = self._dice.choice(HUGE if self._dice.randrange(HUGE_ONE_IN) == 0 else KINDS[topic])
            for _ in range(1 if kind in HUGE or self._dice.randrange(50) else 60):
                yield self._spoilt(topic, kind)
            yield self._other(topic)

    def _spoilt(self, topic: Topic, kind: Kind) -> Message:
        record = self._dice.choice(self._golden[topic])
        made = kind.spoil(self._dice, record)
        value = text(made) if isinstance(made, dict) else made
        key = KEYS[topic.name](made if isinstance(made, dict) and kind.expected in (TAKEN, EITHER) else record)
        return Message(topic.name, key.encode(), value, kind.name, kind.expected)

    def _other(self, topic: Topic) -> Message:
        """A golden example of what is refused, or a good one under a key that is not its own."""
        if self._dice.randrange(2):
            reason, value = self._dice.choice(self._refused[topic])
            return Message(topic.name, b"examples", value, f"example {reason}", f"{reason}|bad_value")
        record = self._dice.choice(self._golden[topic])
        return Message(
            topic.name,
            self._dice.choice((None, b"", b"\xff\x00", b"x" * 1_000)),
            text(record),
            "another key",
            "bad_value",
        )


def _files(topic: Topic, word: str) -> list[Path]:
    return sorted((EXAMPLES / topic.name).glob(f"{word}.*.json"))
