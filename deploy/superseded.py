"""For work that takes a while on one generation: whether that is still the one that is read.

Comes in: Kafka's address and the number that was given, if any. Goes out: a number, and an error as soon as a rebuild
has made another one current. What is asked for by its number is never superseded.
"""

from time import monotonic

from streams.generations import read_generations

LOOK_EVERY_S = 5.0


class SupersededError(RuntimeError):
    """A rebuild has made another generation current; what was under way is about one that nobody reads."""


class GivenOrCurrent:
    def __init__(self, kafka: str, given: int | None) -> None:
        self.number = given or read_generations(kafka).current
        self._kafka = kafka
        self._given = given
        self._looked_at = monotonic()

    def check(self) -> None:
        """Asks once in a while."""
        if self._given is not None or monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = monotonic()
        current = read_generations(self._kafka).current
        if current != self.number:
            raise SupersededError(f"generation {current} has replaced {self.number}: run the command again")
