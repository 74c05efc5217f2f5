"""A rebuild over a server that is killed between Kafka's record and the store: run again it goes on where it was."""

import re
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient
from kafka.structs import OffsetAndMetadata

from deploy import topics
from deploy.broker import LocalBroker
from deploy.cli import UNDECIDED
from deploy.publishing import GenerationsWriter, PublishError
from deploy.rebuild import Asked, Rebuild, RebuildError
from deploy.supervisor import Supervisor
from streams.contracts import groups
from streams.contracts.generations import Generations
from streams.contracts.topics import ACTIVITY
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


def rebuild(kafka: str, store: Store, data: Path, verdict: str | None = None, *, keep: bool = False) -> Rebuild:
    """`verdict` is what a shell does in the place of `pulse verify`."""
    supervisor = Supervisor(data / "logs", lambda _: None)
    asked = Asked(kafka, data, verify=verdict is not None, keep=keep)
    return Filled(asked, store, supervisor, lambda *_: ["sh", "-c", verdict or ""], lambda _: None, lambda _: None)


def test_killed_between_the_record_and_the_store_it_switches_the_store_before_it_removes_anything(
    kafka: str, tmp_path: Path
) -> None:
    before = settled(kafka).current
    after = before + 1
    store = Store(before)
    store.kill = True
    with pytest.raises(KilledError):
        rebuild(kafka, store, tmp_path).run()
    assert (settled(kafka).current, store.read) == (after, before), "what everybody follows comes first"
    store.kill = False
    rebuild(kafka, store, tmp_path).run()
    assert (store.read, store.stored) == (after, {after})
    assert settled(kafka) == Generations(current=after, basis=BASIS)


def test_one_that_was_published_by_somebody_else_meanwhile_is_not_switched_to(kafka: str, tmp_path: Path) -> None:
    """Whoever is fenced must leave the store as it is: the other rebuild may have another generation in it."""
    before = settled(kafka).current
    store = Store(before)

    class Overtaken(Filled):
        def _drain(self, *_: object) -> float:
            with closing(GenerationsWriter(kafka)):
                return 0.0

    mine = rebuild(kafka, store, tmp_path)
    with pytest.raises(PublishError, match="another `pulse rebuild` was started meanwhile"):
        Overtaken(**vars(mine)).run()
    assert store.read == before


def test_what_does_not_pass_its_verification_is_given_up_and_the_next_run_begins_anew(
    kafka: str, tmp_path: Path
) -> None:
    store, before, given_up = begun(kafka)
    with pytest.raises(RebuildError, match=f"{given_up} does not pass .* given up. The next .* begins anew"):
        rebuild(kafka, store, tmp_path, "exit 1").run()
    assert settled(kafka) == Generations(current=before, former=(given_up,))
    rebuild(kafka, store, tmp_path, "exit 0").run()
    assert settled(kafka) == Generations(current=given_up + 1, basis=BASIS)
    assert (store.read, store.stored) == (given_up + 1, {given_up + 1})
    until_gone(kafka, {before, given_up})


def test_a_verification_that_could_not_decide_or_was_ended_from_outside_is_no_judgement(
    kafka: str, tmp_path: Path
) -> None:
    store, before, generation = begun(kafka)
    ended = {"kill -9 $$": "was ended by SIGKILL", f"exit {UNDECIDED}": f"ended with exit code {UNDECIDED}"}
    for ends, told in ended.items():
        with pytest.raises(RebuildError, match=f"`pulse verify` {told}.*: run `pulse rebuild` again"):
            rebuild(kafka, store, tmp_path, ends).run()
        assert settled(kafka).next == generation
    rebuild(kafka, store, tmp_path, "exit 0").run()
    assert (store.read, store.stored) == (generation, {generation})
    until_gone(kafka, {before})


def test_what_was_kept_again_and_again_goes_with_the_first_that_keeps_nothing(kafka: str, tmp_path: Path) -> None:
    store, first, _ = begun(kafka)
    for generation in (first, first + 1):
        worked_on(kafka, tmp_path, generation)
        rebuild(kafka, store, tmp_path, keep=True).run()
    read = first + 2
    worked_on(kafka, tmp_path, read)
    assert settled(kafka).kept == (first, first + 1)
    assert (store.stored, generations_of(kafka), groups_of(kafka)) == ({first, first + 1, read},) * 3
    rebuild(kafka, store, tmp_path).run()
    assert settled(kafka) == Generations(current=read + 1, basis=BASIS)
    assert store.stored == {read + 1}
    until_gone(kafka, {first, first + 1, read})
    assert groups_of(kafka) == set()
    assert not list((tmp_path / "state").glob("*/*.g*"))


def settled(kafka: str) -> Generations:
    """What is published, once the transaction that wrote it has ended: whoever opens its id waits for that."""
    with closing(GenerationsWriter(kafka)):
        return read_generations(kafka)


def worked_on(kafka: str, data: Path, generation: int) -> None:
    """Leaves what a worker leaves: groups that have got somewhere, and state."""
    topics.apply(kafka, topics.Wanted())
    for group in (groups.of_stage("classify_clients", generation), groups.of_loader("calls", generation)):
        with closing(KafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)) as consumer:
            consumer.commit({TopicPartition(ACTIVITY.named(generation), 0): OffsetAndMetadata(0, "", -1)})
    (data / "state" / "0" / f"classify_clients.g{generation}-0").mkdir(parents=True)


def groups_of(kafka: str) -> set[int]:
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        return {int(found["group_id"].rpartition(".g")[2]) for found in admin.list_groups()}


def begun(kafka: str) -> tuple[Store, int, int]:
    """A store as the one before has left it, what is read, and what the next run fills."""
    found = settled(kafka)
    store = Store(found.current)
    store.stored |= found.stored
    return store, found.current, found.begun(BASIS).next or 0


def until_gone(kafka: str, generations: set[int]) -> None:
    """A broker takes a moment to show that topics are deleted."""
    deadline = monotonic() + 10
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        while left := generations & _generations_of(admin):
            assert monotonic() < deadline, f"there are still topics of {left}"
            sleep(0.05)


def generations_of(kafka: str) -> set[int]:
    """Those that have topics."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        return _generations_of(admin)


def _generations_of(admin: Any) -> set[int]:
    return {int(found[1]) for name in admin.list_topics() if (found := re.search(r"\.g(\d+)$", name))}
