"""Every message that was sent is counted, or in the dead letters with its reason and its bytes: never both or neither.

Comes in: a broker whose flow is drained, and messages that say in headers what is expected. Goes out: how many of which
kind were taken or refused for what, and what is wrong.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from kafka import KafkaConsumer, TopicPartition

from streams.contracts.topics import INNER_MESSAGE_BYTES
from streams.dead_letters import Letter, read_letters
from tests.bad_input.rubbish import EITHER, KINDS, TAKEN

SHOWN = 20
Place = tuple[str, int, int]


@dataclass
class Verdict:
    sent: int = 0
    taken: Counter[str] = field(default_factory=Counter)
    refused: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By kind and reason."""
    wrong: list[str] = field(default_factory=list)


def judge(bootstrap: str) -> Verdict:
    verdict = Verdict()
    letters = _letters(bootstrap, verdict)
    for message in _sent(bootstrap):
        verdict.sent += 1
        place = message.topic, message.partition, message.offset
        _judge_one(verdict, place, message, letters.pop(place, None))
    verdict.wrong += [f"{place}: refused, but never sent" for place in letters]
    return verdict


def _judge_one(verdict: Verdict, place: Place, message: Any, letter: tuple[str, int] | None) -> None:
    told = {name: value.decode() for name, value in message.headers}
    kind, expected = told["kind"], told["expected"]
    if letter is None:
        verdict.taken[kind] += 1
    else:
        verdict.refused[kind, letter[0]] += 1
    met = TAKEN if letter is None else letter[0]
    if expected != EITHER and met not in expected.split("|"):
        verdict.wrong.append(
            f"{place}: {kind}: {met or 'taken'}, not {expected or 'taken'}: {(message.value or b'')[:200]!r}"
        )
    if letter is not None and letter[1] != hash((message.key, message.value)):
        verdict.wrong.append(f"{place}: {kind}: the letter does not hold the bytes that were sent")


def _letters(bootstrap: str, verdict: Verdict) -> dict[Place, tuple[str, int]]:
    """Reason, and a hash of what it holds."""
    found: dict[Place, tuple[str, int]] = {}
    for letter in read_letters(bootstrap):
        place = _place(letter)
        if place in found:
            verdict.wrong.append(f"{place}: refused twice")
        found[place] = letter.reason, hash((letter.key, letter.value))
    return found


def _place(letter: Letter) -> Place:
    return letter.source_topic, int(letter.headers["source_partition"]), int(letter.headers["source_offset"])


def _sent(bootstrap: str) -> Iterator[Any]:
    """All messages of the raw topics."""
    reading = KafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=INNER_MESSAGE_BYTES,
    )
    with closing(reading):
        places = [TopicPartition(topic.name, at) for topic in KINDS for at in range(topic.partitions)]
        reading.assign(places)
        ends = reading.end_offsets(places)
        while any(reading.position(place) < ends[place] for place in places):
            for messages in reading.poll(500).values():
                yield from messages
