"""A facts topic of its own, tables of its own, and loaders between them that can be made to fail at named points."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import orjson
from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from clickhouse.engine import Engine
from clickhouse.loader.lane import Limits
from clickhouse.loader.mapping import CALLS, FactsMapping
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import LoaderSettings, run_loader
from clickhouse.migrate import create_generation
from tests.integration.fact_rows import Sums, everywhere, expected, stored

WITHIN_S = 40.0
QUICK = Limits(most_rows=1_000, quiet_s=0.05, flowing_s=0.2)
_generations = count(1_000)

Facts = Iterable[Mapping[str, Any]]


@dataclass
class LoaderRig:
    bootstrap: str
    engine: Engine
    database: str
    client: Client
    generation: int
    mapping: FactsMapping = CALLS
    said: list[Mapping[str, Any]] = field(default_factory=list)
    failed: list[Exception] = field(default_factory=list)

    @property
    def topic(self) -> str:
        return self.mapping.topic.named(self.generation)

    @property
    def tables(self) -> tuple[str, ...]:
        return self.mapping.tables(self.generation)

    def make_topic(self, partitions: int = 2) -> None:
        with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            admin.create_topics([NewTopic(self.topic, partitions, 1)])

    def delete_topic(self) -> None:
        with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            admin.delete_topics([self.topic])

    def say(self, facts: Facts, partition: int = 0) -> None:
        self.said.extend(self._send(facts, partition, commit=True))

    def say_and_abort(self, facts: Facts, partition: int = 0) -> None:
        self._send(facts, partition, commit=False)

    def settings(self, **changed: Any) -> LoaderSettings:
        given: dict[str, Any] = {"generation": self.generation, "session_timeout_s": 6.0, "limits": QUICK}
        return LoaderSettings(self.bootstrap, self.engine, self.database, **(given | changed))

    @contextmanager
    def loading(self, **changed: Any) -> Iterator[LoaderProgress]:
        """A loader in a thread; raises what it raised."""
        stop, progress = threading.Event(), LoaderProgress()
        settings = self.settings(**changed)

        def work() -> None:
            try:
                run_loader(settings, stop, progress, self.mapping)
            except Exception as error:
                self.failed.append(error)

        thread = threading.Thread(target=work)
        thread.start()
        try:
            yield progress
        finally:
            stop.set()
            thread.join(WITHIN_S)
            assert not thread.is_alive()
        if self.failed:
            raise self.failed[0]

    def run(self, seconds: float = WITHIN_S, **changed: Any) -> Exception | None:
        """A loader until it fails by itself, or for so long; says how it ended."""
        try:
            run_loader(self.settings(**changed), _StopAfter(seconds), mapping=self.mapping)
        except Exception as error:
            return error
        return None

    def load(self, **changed: Any) -> LoaderProgress:
        """Until everything said is in, and known to be in."""
        with self.loading(**changed) as progress:
            await_true(lambda: self.all_in() or bool(self.failed))
        assert self.all_in()
        return progress

    def stored(self) -> dict[str, Sums]:
        return stored(self.client, self.generation, self.mapping)

    def all_in(self) -> bool:
        return self.stored() == everywhere(expected(self.said, self.mapping), self.mapping)

    def committed(self, partition: int = 0) -> tuple[int, str] | None:
        """The offset that the group has committed, and what is announced with it."""
        with closing(
            KafkaConsumer(bootstrap_servers=self.bootstrap, group_id=self.mapping.group(self.generation))
        ) as asking:
            found = asking.committed(TopicPartition(self.topic, partition), metadata=True)
            return None if found is None else (found.offset, found.metadata)

    def forget_offsets(self) -> None:
        with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            admin.delete_groups([self.mapping.group(self.generation)])

    def _send(self, facts: Facts, partition: int, *, commit: bool) -> list[Mapping[str, Any]]:
        sent = list(facts)
        name = f"rig-{self.generation}-{partition}"
        with closing(KafkaProducer(bootstrap_servers=self.bootstrap, transactional_id=name)) as producer:
            producer.init_transactions()
            producer.begin_transaction()
            for one in sent:
                producer.send(self.topic, orjson.dumps(one), partition=partition)
            producer.flush()
            producer.commit_transaction() if commit else producer.abort_transaction()
        return sent


class _StopAfter(threading.Event):
    """A stop that comes by itself, so that a test that waits for a failure ends."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.until = time.monotonic() + seconds

    def is_set(self) -> bool:
        return time.monotonic() > self.until


def await_true(true: Callable[[], bool], within_s: float = WITHIN_S) -> None:
    until = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < until, "not within the time given"
        time.sleep(0.05)


@contextmanager
def made(bootstrap: str, engine: Engine, database: str, mapping: FactsMapping = CALLS) -> Iterator[LoaderRig]:
    with engine.writer(database) as client:
        rig = LoaderRig(bootstrap, engine, database, client, next(_generations), mapping)
        create_generation(client, rig.generation)
        rig.make_topic()
        yield rig
