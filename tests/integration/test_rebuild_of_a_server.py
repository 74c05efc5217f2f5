"""A rebuild over a server that is killed between Kafka's record and the store: run again it goes on where it was."""

from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

import pytest

from deploy import topics
from deploy.broker import LocalBroker
from deploy.publishing import GenerationsWriter, PublishError
from deploy.rebuild import Asked, Rebuild
from deploy.supervisor import Supervisor
from streams.contracts.generations import Generations
from streams.generations import read_generations

BASIS = "directory a, definitions 1"


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One of its own: the topics have their real names. Each test finds the generation that the one before has left."""
    with LocalBroker(tmp_path_factory.mktemp("kafka")) as running:
        topics.apply(running.address, topics.Wanted())
        yield running.address


class KilledError(Exception):
    pass


class Store:
    """Whose tables are the rebuild's to switch; `kill` ends who tries to."""

    def __init__(self, read: int) -> None:
        self.read, self.stored = read, {read}
        self.kill = False

    def create(self, generation: int) -> None:
        self.stored.add(generation)

    def switch_to(self, generation: int) -> None:
        if self.kill:
            raise KilledError
        self.read = generation

    def drop(self, generation: int) -> None:
        assert generation != self.read, "what is read is never dropped"
        self.stored.remove(generation)


class Filled(Rebuild):
    """Of a flow in which nothing is to be derived."""

    def _basis(self) -> str:
        return BASIS

    def _worker(self, generation: int) -> Any:
        return nullcontext()

    def _drain(self, *_: object) -> float:
        return 0.0

    def _hand_over(self, generation: int) -> None: ...


def rebuild(kafka: str, store: Store, data: Path) -> Rebuild:
    supervisor = Supervisor(data / "logs", lambda _: None)
    return Filled(Asked(kafka, data), store, supervisor, lambda *_: [], lambda _: None, lambda _: None)


def test_killed_between_the_record_and_the_store_it_switches_the_store_before_it_removes_anything(
    kafka: str, tmp_path: Path
) -> None:
    before = read_generations(kafka).current
    after = before + 1
    store = Store(before)
    store.kill = True
    with pytest.raises(KilledError):
        rebuild(kafka, store, tmp_path).run()
    assert (read_generations(kafka).current, store.read) == (after, before), "what everybody follows comes first"
    store.kill = False
    rebuild(kafka, store, tmp_path).run()
    assert (store.read, store.stored) == (after, {after})
    assert read_generations(kafka) == Generations(current=after, basis=BASIS)


def test_one_that_was_published_by_somebody_else_meanwhile_is_not_switched_to(kafka: str, tmp_path: Path) -> None:
    """Whoever is fenced must leave the store as it is: the other rebuild may have another generation in it."""
    before = read_generations(kafka).current
    store = Store(before)

    class Overtaken(Filled):
        def _drain(self, *_: object) -> float:
            with closing(GenerationsWriter(kafka)):
                return 0.0

    mine = rebuild(kafka, store, tmp_path)
    with pytest.raises(PublishError, match="another `pulse rebuild` was started meanwhile"):
        Overtaken(**vars(mine)).run()
    assert store.read == before
