"""How many dead letters there are, by reason and topic; counted on from where the last count ended.

Comes in: a way to read the letters from an offset on, and what was sent back. Goes out: the counts as the quality page
shows them. Asked often it answers with a count that is at most some seconds old; a broker that is away leaves the last.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from threading import Lock

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from streams.contracts.times import instant
from streams.dead_letters import DeadLettersError, Letter, Offsets

FRESH_MS = 30_000
Kind = tuple[str, str]
"""(reason, source topic)"""


class LettersOfKind(TypedDict):
    reason: str
    topic: str
    letters: int
    replayed: int
    """Sent back once they were put right."""


class DeadLetters(TypedDict):
    counted_at: str
    letters: int
    kinds: list[LettersOfKind]


class Letters:
    def __init__(
        self,
        read: Callable[[int], Iterable[Letter]],
        replayed: Callable[[], Mapping[int, str]],
        clock: Callable[[], int],
    ) -> None:
        self._read = read
        self._replayed = replayed
        self._clock = clock
        self._lock = Lock()
        self._next = 0
        self._letters: dict[Kind, Offsets] = {}
        self._counted: tuple[int, DeadLetters] | None = None

    def counted(self) -> DeadLetters | None:
        """None where they could not be read yet."""
        with self._lock:
            now = self._clock()
            if self._counted is None or now - self._counted[0] > FRESH_MS:
                self._count(now)
            return None if self._counted is None else self._counted[1]

    def _count(self, now: int) -> None:
        try:
            for letter in self._read(self._next):
                self._letters.setdefault((letter.reason, letter.source_topic), Offsets()).add(letter.offset)
                self._next = letter.offset + 1
            sent_back = self._replayed()
        except DeadLettersError:
            return
        letters = Counter({kind: len(found) for kind, found in self._letters.items()})
        replayed = Counter({kind: sum(at in found for at in sent_back) for kind, found in self._letters.items()})
        self._counted = now, _told(now, letters, replayed)


def _told(now: int, letters: Counter[Kind], replayed: Counter[Kind]) -> DeadLetters:
    return {
        "counted_at": instant(now).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "letters": letters.total(),
        "kinds": [
            {"reason": kind[0], "topic": kind[1], "letters": count, "replayed": replayed[kind]}
            for kind, count in sorted(letters.items(), key=lambda one: (-one[1], one[0]))
        ],
    }
