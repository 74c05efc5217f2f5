"""The dead letters, read back: what was refused, where it came from, why, the original bytes, and what was replayed.

Comes in: the address of a broker. Goes out: letters by their offset in the topic. No group is joined, nothing is moved;
only what is committed is seen.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from streams.contracts.topics import DEAD_LETTERS, REPLAYED, Topic
from streams.settled_topic import SettledTopic, TopicError

PATIENCE_S = 30.0


class DeadLettersError(RuntimeError):
    """The dead letters cannot be read or replayed; the message says what was found and what to do."""


@dataclass(frozen=True, slots=True)
class Letter:
    """A refused message: key and value as they were, everything else about it in the headers."""

    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, str]

    @property
    def reason(self) -> str:
        return self.headers.get("reason", "")

    @property
    def source_topic(self) -> str:
        return self.headers.get("source_topic", "")

    @property
    def generation(self) -> int:
        return int(self.headers.get("generation", 1))

    @property
    def source(self) -> tuple[str, str]:
        """Topic and partition that it was read from."""
        return self.source_topic, self.headers.get("source_partition", "")

    @property
    def source_offset(self) -> int:
        return int(self.headers.get("source_offset") or 0)


class Offsets:
    """A set of offsets in eight bytes each. They come nearly in order."""

    def __init__(self) -> None:
        self._sorted = array("q")

    def __len__(self) -> int:
        return len(self._sorted)

    def __contains__(self, offset: int) -> bool:
        at = bisect_left(self._sorted, offset)
        return at < len(self._sorted) and self._sorted[at] == offset

    def add(self, offset: int) -> None:
        at = bisect_left(self._sorted, offset)
        if at == len(self._sorted) or self._sorted[at] != offset:
            self._sorted.insert(at, offset)


class Seen:
    """What each generation was the first to refuse. Kept for as long as its reader lives, so it is kept small."""

    def __init__(self) -> None:
        self._refused: dict[tuple[str, str], dict[int, Offsets]] = {}

    def is_new(self, letter: Letter) -> bool:
        """Whether no other generation has refused that record before."""
        by = self._refused.setdefault(letter.source, {})
        if any(letter.source_offset in found for generation, found in by.items() if generation != letter.generation):
            return False
        by.setdefault(letter.generation, Offsets()).add(letter.source_offset)
        return True


def read_letters(bootstrap: str, first: int = 0, seen: Seen | None = None) -> Iterator[Letter]:
    """From the offset `first` to the present end; what a rebuild refused once more is left out: of all that were read
    into one `seen`."""
    seen = Seen() if seen is None else seen
    for message in _messages(bootstrap, DEAD_LETTERS, first):
        headers = {name: (value or b"").decode(errors="replace") for name, value in message.headers}
        letter = Letter(message.offset, message.key, message.value, headers)
        if seen.is_new(letter):
            yield letter


def letter_at(bootstrap: str, offset: int) -> Letter:
    """Raises `DeadLettersError` where there is none: beyond the end, or a marker of a transaction."""
    found = next(read_letters(bootstrap, offset), None)
    if found is None or found.offset != offset:
        raise DeadLettersError(f"there is no dead letter at offset {offset}: `pulse dead-letters list` shows them")
    return found


def read_replayed(bootstrap: str) -> dict[int, str]:
    """When each letter was sent back, by offset."""
    notes = _messages(bootstrap, REPLAYED, 0)
    return {int(note.key): str(orjson.loads(note.value)["at"]) for note in notes}


def _messages(bootstrap: str, topic: Topic, first: int) -> Iterator[Any]:
    """Both topics have one partition, so an offset names a message."""
    try:
        with SettledTopic(bootstrap, topic, PATIENCE_S, first) as settled:
            yield from settled.read_on()
    except TopicError as error:
        raise DeadLettersError(str(error)) from error
