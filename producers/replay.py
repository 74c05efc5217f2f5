"""`pulse dead-letters replay`: what was refused and is good now -> back into the topic it came from.

Comes in: dead letters, or one of them put right by hand. Goes out: the original bytes under the key that their contract
gives, which is the original one unless that was what was wrong. Each letter once: the record and the note that it was
replayed are one transaction, and of two replays at once the first fails. What would be refused again is left.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import orjson

from producers.file import CONTRACTS, LONGEST_SENT
from producers.transaction import TransactionError, Transactions
from streams.contracts.records import Refused, parse
from streams.contracts.topics import REPLAYED
from streams.dead_letters import DeadLettersError, Letter, read_replayed

TRANSACTIONAL_ID = "pulse-dead-letters"
LASTS_S = 10.0
"""A replay that was killed keeps the streams from reading on for so long, and until the broker's next look."""
LETTERS_PER_TRANSACTION = 100
"""Of 1 MiB at most: sent in far less than that."""
Sending = tuple[int, str, bytes, bytes]
"""Offset of the letter, topic, key, value."""


@dataclass
class Replay:
    """What became of the letters that were chosen."""

    sent: Counter[str] = field(default_factory=Counter)
    """By topic."""
    before: int = 0
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Not sent, because they would be refused again: by reason and topic."""


def sending(letter: Letter) -> Sending:
    """Raises `Refused` where the letter would be refused again."""
    contract = CONTRACTS.get(letter.source_topic)
    if contract is None:
        raise Refused("bad_value", f"{letter.source_topic!r} is no topic that takes records")
    key = parse(contract, letter.value).key()
    value = letter.value or b""
    if len(value) > LONGEST_SENT:
        raise Refused("too_large", f"{len(value)} bytes, {letter.source_topic} takes {LONGEST_SENT}")
    return letter.offset, letter.source_topic, key, value


def plan(letters: Iterable[Letter], replayed: dict[int, str], told: Replay) -> Iterator[Sending]:
    """What is to be sent; `told` counts it, and what is not."""
    for letter in letters:
        if letter.offset in replayed:
            told.before += 1
            continue
        try:
            found = sending(letter)
        except Refused as refusal:
            told.refused[refusal.reason, letter.source_topic] += 1
            continue
        told.sent[letter.source_topic] += 1
        yield found


def rehearse(bootstrap: str, letters: Iterable[Letter]) -> Replay:
    """What a replay would do."""
    told = Replay()
    for _ in plan(letters, read_replayed(bootstrap), told):
        pass
    return told


def replay(bootstrap: str, letters: Iterable[Letter], now: Callable[[], datetime]) -> Replay:
    """Raises `DeadLettersError`; what was sent until then is noted, so that the same command goes on."""
    told = Replay()
    try:
        with Transactions(bootstrap, TRANSACTIONAL_ID, LASTS_S) as transactions:
            # the id shuts out any other replay; the notes are read after that
            _send_all(transactions, plan(letters, read_replayed(bootstrap), told), now)
    except TransactionError as error:
        raise DeadLettersError(f"{_said(error, bootstrap)}; run the command again, it goes on") from error
    return told


def _send_all(transactions: Transactions, planned: Iterator[Sending], now: Callable[[], datetime]) -> None:
    """Looked for first, however long that takes, and then sent: an open transaction waits for nothing but Kafka."""
    while batch := list(islice(planned, LETTERS_PER_TRANSACTION)):
        with transactions.transaction() as send:
            for offset, topic, key, value in batch:
                send(topic, key, value)
                send(REPLAYED.name, b"%d" % offset, _note(topic, now()))


def _note(topic: str, at: datetime) -> bytes:
    return orjson.dumps({"v": 1, "topic": topic, "at": at.isoformat(timespec="milliseconds")})


def _said(error: TransactionError, bootstrap: str) -> str:
    if error.overtaken:
        return f"another replay was started meanwhile, or {LETTERS_PER_TRANSACTION} letters took over {LASTS_S:.0f} s"
    return f"replaying to {bootstrap} broke off: {error}"
