"""`pulse dead-letters replay`: what was refused and is good now -> back into the topic it came from.

Comes in: dead letters, or one of them put right by hand. Goes out: the original bytes under the key that their contract
gives, which is the original one unless that was what was wrong. Each letter once: the record and the note that it was
replayed are one transaction, and of two replays at once the first fails. What would be refused again is left.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
from kafka import KafkaProducer
from kafka.errors import KafkaError

from producers.file import CONTRACTS, LONGEST_SENT
from streams.contracts.records import Refused, parse
from streams.contracts.topics import INNER_MESSAGE_BYTES, REPLAYED
from streams.dead_letters import DeadLettersError, Letter, read_replayed

TRANSACTIONAL_ID = "pulse-dead-letters"
WITHIN_S = 30.0
TRANSACTION_TIMEOUT_S = 10.0
"""So long a killed replay keeps the streams from reading on."""
LETTERS_PER_TRANSACTION = 100
"""Of 1 MiB at most: far less than the time-out takes."""
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
        producer = _open(bootstrap)
        try:
            producer.init_transactions()  # shuts out any other replay; the notes are read after that
            _send_all(producer, plan(letters, read_replayed(bootstrap), told), now)
        finally:
            producer.close(timeout=WITHIN_S)
    except KafkaError as error:
        raise DeadLettersError(f"not replayed to {bootstrap}: {error!r}; run the command again, it goes on") from error
    return told


def _send_all(producer: Any, planned: Iterator[Sending], now: Callable[[], datetime]) -> None:
    for first in planned:
        producer.begin_transaction()
        try:
            sent = [*_send(producer, first, now)]
            for _, one in zip(range(LETTERS_PER_TRANSACTION - 1), planned, strict=False):
                sent += _send(producer, one, now)
            producer.flush(WITHIN_S)
            for future in sent:
                future.get(0)
        except BaseException:
            producer.abort_transaction()
            raise
        producer.commit_transaction()


def _send(producer: Any, one: Sending, now: Callable[[], datetime]) -> tuple[Any, Any]:
    offset, topic, key, value = one
    note = orjson.dumps({"v": 1, "topic": topic, "at": now().isoformat(timespec="milliseconds")})
    return producer.send(topic, key=key, value=value), producer.send(REPLAYED.name, key=b"%d" % offset, value=note)


def _open(bootstrap: str) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=TRANSACTIONAL_ID,
        transactional_id=TRANSACTIONAL_ID,
        transaction_timeout_ms=int(TRANSACTION_TIMEOUT_S * 1_000),
        acks="all",
        max_request_size=INNER_MESSAGE_BYTES,
        max_block_ms=int(WITHIN_S * 1_000),
        delivery_timeout_ms=int(WITHIN_S * 1_000),
        request_timeout_ms=10_000,
        bootstrap_timeout_ms=int(WITHIN_S * 1_000),
        allow_auto_create_topics=False,
    )
