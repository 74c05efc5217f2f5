"""The record of `generations` in a real broker: one rebuild writes it at a time, everybody reads the newest."""

import threading
from collections.abc import Iterator
from contextlib import closing, suppress

import pytest
from kafka import KafkaProducer
from kafka.admin import KafkaAdminClient

from deploy import topics
from deploy.broker import LocalBroker
from deploy.publishing import GenerationsWriter, PublishError
from deploy.superseded import GivenOrCurrent, SupersededError
from streams.contracts.generations import GENERATIONS_KEY, Generations
from streams.contracts.topics import GENERATIONS, TOPICS
from streams.generations import PublishedGenerations, read_generations
from streams.settled_topic import TopicError
from tests.integration.delivery_rig import until

WITHIN_S = 30.0


@pytest.fixture(scope="module")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One of its own: the topic has its real name."""
    with LocalBroker(tmp_path_factory.mktemp("generations")) as running:
        yield running.address


def names(kafka: str) -> set[str]:
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        return set(admin.list_topics())


def test_from_no_topic_to_the_topics_of_the_current_generation(kafka: str) -> None:
    with pytest.raises(TopicError, match="there is no topic generations: run `pulse topics apply`"):
        read_generations(kafka)
    topics.apply(kafka, topics.Wanted(partitions=3))
    assert read_generations(kafka) == Generations()
    topics.continue_in(kafka, 1, 2)
    topics.continue_in(kafka, 1, 2)
    with closing(GenerationsWriter(kafka)) as writer:
        writer.write(Generations().begun("a").switched())
    topics.remove(kafka, 1)
    topics.remove(kafka, 1)
    as_before = {applied.name: applied.what for applied in topics.apply(kafka, topics.Wanted(partitions=3))}
    assert set(as_before.values()) == {"as it should be"}, "also with as many partitions"
    assert set(as_before) == {topic.named(2) for topic in TOPICS}
    assert not [name for name in names(kafka) if name.endswith(".g1")]


def test_of_two_rebuilds_the_one_started_last_goes_on(kafka: str) -> None:
    topics.apply(kafka, topics.Wanted())
    with closing(GenerationsWriter(kafka)) as first, closing(GenerationsWriter(kafka)) as second:
        with pytest.raises(PublishError, match="another `pulse rebuild` was started meanwhile"):
            first.write(Generations(current=8))
        second.write(Generations(current=9))
    assert read_generations(kafka).current == 9


def test_a_record_of_a_later_version_is_one_clear_error_until_another_comes(kafka: str) -> None:
    topics.apply(kafka, topics.Wanted())
    with closing(PublishedGenerations(kafka)) as published, closing(GenerationsWriter(kafka)) as writer:
        put(kafka, b'{"v": 2, "current": 5}')
        for _ in range(2):
            with pytest.raises(TopicError, match="generations holds what this version of the program cannot read"):
                published.now()
        writer.write(Generations(current=10))
        until(lambda: current(published) == 10, 10)


def current(published: PublishedGenerations) -> int | None:
    """A broker shows a moment later what it has acknowledged as committed."""
    with suppress(TopicError):
        return published.now().current
    return None


def put(kafka: str, record: bytes) -> None:
    with closing(KafkaProducer(bootstrap_servers=kafka)) as producer:
        producer.send(GENERATIONS.name, key=GENERATIONS_KEY, value=record).get(WITHIN_S)


def test_work_on_a_generation_ends_when_another_has_replaced_it(kafka: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deploy.superseded.LOOK_EVERY_S", 0.0)
    topics.apply(kafka, topics.Wanted())
    with closing(GenerationsWriter(kafka)) as writer:
        writer.write(Generations(current=11))
        worked_on = GivenOrCurrent(kafka, None)
        worked_on.check()
        writer.write(Generations(current=12))
    with pytest.raises(SupersededError, match=r"^generation 12 has replaced 11: run the command again$"):
        worked_on.check()


def test_whoever_follows_hears_of_each_that_is_published(kafka: str) -> None:
    topics.apply(kafka, topics.Wanted())
    heard: list[int] = []
    stop, came = threading.Event(), threading.Semaphore(0)

    def adopt(found: Generations) -> None:
        heard.append(found.current)
        came.release()

    with closing(PublishedGenerations(kafka)) as published, closing(GenerationsWriter(kafka)) as writer:
        writer.write(Generations(current=20))
        thread = threading.Thread(target=published.follow, args=(adopt, stop))
        thread.start()
        assert came.acquire(timeout=WITHIN_S)
        writer.write(Generations(current=21))
        assert came.acquire(timeout=WITHIN_S)
        stop.set()
        thread.join()
    assert heard == [20, 21]
