"""The generations as published: read once, or followed.

Comes in: a broker's address. Goes out: the newest `Generations`; where nobody has rebuilt anything yet, the first.
"""

import logging
from collections.abc import Callable
from threading import Event

from streams.contracts.generations import Generations
from streams.contracts.topics import GENERATIONS
from streams.settled_topic import SettledTopic, TopicError

WITHIN_S = 30.0
EVERY_S = 1.0
log = logging.getLogger(__name__)


class PublishedGenerations:
    """Over one connection that stays open. For one thread at a time."""

    def __init__(self, bootstrap: str, within_s: float = WITHIN_S) -> None:
        self._topic = SettledTopic(bootstrap, GENERATIONS, within_s)
        self._newest: bytes | None = None

    def now(self) -> Generations:
        """Raises `TopicError`, also as long as what stands there is a later version's."""
        for message in self._topic.read_on():
            if message.value is not None:
                self._newest = message.value
        return Generations() if self._newest is None else _read(self._newest)

    def follow(self, adopt: Callable[[Generations], None], stop: Event) -> None:
        """Until `stop`: each that is published, the present one first. A broker that is away changes nothing."""
        known: Generations | None = None
        while not stop.is_set():
            try:
                found = self.now()
            except TopicError as error:
                log.warning("the generations stay as they are known: %s", error)
            else:
                if found != known:
                    adopt(found)
                known = found
            stop.wait(EVERY_S)

    def close(self) -> None:
        self._topic.close()


def _read(record: bytes) -> Generations:
    try:
        return Generations.model_validate_json(record)
    except ValueError as error:
        raise TopicError(f"{GENERATIONS.name} holds what this version of the program cannot read: {error}") from error


def read_generations(bootstrap: str) -> Generations:
    """Raises `TopicError`."""
    published = PublishedGenerations(bootstrap)
    try:
        return published.now()
    finally:
        published.close()
