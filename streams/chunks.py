"""What a rule is given and what it gives back: messages and state in, state changes and outputs out.

A rule is a plain function over one chunk (messages of one partition in offset order). It reads and writes a `State`,
which shows it its own writes, and returns `Outputs`. It knows no Kafka, no Faust and no clock; that its changes,
outputs and offset become visible together, exactly once, is the business of `streams.delivery`.
"""

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from streams.contracts.records import Reason
from streams.contracts.topics import Topic


class Message(Protocol):
    """One message of the source topic, as any Kafka client hands it over."""

    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def offset(self) -> int: ...


class State(Protocol):
    """An ordered map of bytes to bytes; keys have at most 511 bytes."""

    def get(self, key: bytes) -> bytes | None: ...
    def put(self, key: bytes, value: bytes) -> None: ...
    def delete(self, key: bytes) -> None: ...
    def first(self, start: bytes, end: bytes) -> tuple[bytes, bytes] | None:
        """The first pair with start <= key < end."""

    def last(self, start: bytes, end: bytes) -> tuple[bytes, bytes] | None:
        """The last pair with start <= key < end."""

    def range(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        """Pairs with start <= key < end, in key order. The state must not be written while one is being read."""


@dataclass(slots=True)
class Outputs:
    """What goes out with a chunk, in one transaction: messages to inner topics, and refused input."""

    emitted: list[tuple[Topic, bytes, bytes]] = field(default_factory=list)
    refused: list[tuple[Message, Reason, str]] = field(default_factory=list)

    def emit(self, topic: Topic, key: bytes, value: bytes) -> None:
        self.emitted.append((topic, key, value))

    def refuse(self, message: Message, reason: Reason, error: str) -> None:
        """The original bytes go to `dead-letters`, with the reason."""
        self.refused.append((message, reason, error))


Rule = Callable[[Sequence[Message], State], Outputs]


class MemoryState:
    """The same promises in memory, nothing on disk: a state of tests, and the base of keys that a chunk has at hand."""

    def __init__(self) -> None:
        self._values: dict[bytes, bytes] = {}
        self._keys: list[bytes] = []

    def get(self, key: bytes) -> bytes | None:
        return self._values.get(key)

    def put(self, key: bytes, value: bytes) -> None:
        if key not in self._values:
            insort(self._keys, key)
        self._values[key] = value

    def delete(self, key: bytes) -> None:
        if self._values.pop(key, None) is not None:
            del self._keys[bisect_left(self._keys, key)]

    def first(self, start: bytes, end: bytes) -> tuple[bytes, bytes] | None:
        return next(self.range(start, end), None)

    def last(self, start: bytes, end: bytes) -> tuple[bytes, bytes] | None:
        return next(self.range(start, end, reverse=True), None)

    def range(self, start: bytes, end: bytes, *, reverse: bool = False) -> Iterator[tuple[bytes, bytes]]:
        keys = self._keys[bisect_left(self._keys, start) : bisect_left(self._keys, end)]
        for key in reversed(keys) if reverse else keys:
            yield key, self._values[key]
