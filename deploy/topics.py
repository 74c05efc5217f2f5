"""Brings a cluster's topics to what the registry says.

Comes in: an address, a generation, how many replicas and partitions new topics get. Goes out: one line per topic about
what was done. A partition count is never changed: the state keyed by it would split.
"""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams.contracts.generations import Generations
from streams.contracts.topics import (
    ACTIVITY,
    BASE_CHANGELOG,
    CALL_FACTS,
    CALL_RECORDS,
    CALLS_CHANGELOG,
    CLIENT_BASE,
    CLIENTS_CHANGELOG,
    GENERATIONS,
    ORDER_EVENTS,
    ORDER_FACTS,
    ORDERS_CHANGELOG,
    TOPICS,
    Topic,
)
from streams.generations import read_generations

DERIVED = tuple(topic for topic in TOPICS if topic.derived)
SHARED = (
    *(CALL_RECORDS, CALLS_CHANGELOG),
    *(ORDER_EVENTS, ORDERS_CHANGELOG),
    *(CLIENT_BASE, BASE_CHANGELOG),
    *(ACTIVITY, CLIENTS_CHANGELOG),
    *(CALL_FACTS, ORDER_FACTS),
)
"""By workers, where a stage's input and its changelog have the same number of partitions, and by loaders."""


@dataclass(frozen=True)
class Wanted:
    """`partitions` is for the topics that workers or loaders share; None is the registry's default. Without a
    generation it is the current one."""

    generation: int | None = None
    replication_factor: int = 1
    partitions: int | None = None

    def partitions_of(self, topic: Topic) -> int:
        asked = self.partitions if topic in SHARED else None
        return asked or topic.partitions


@dataclass(frozen=True)
class Applied:
    name: str
    what: str
    kept_partitions: bool = False


def apply(kafka: str, wanted: Wanted) -> list[Applied]:
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        generation = wanted.generation or _current(admin, kafka)
        existing = _partition_counts(admin, [topic.named(generation) for topic in TOPICS])
        return [*_create(admin, wanted, generation, existing), *_alter(admin, wanted, generation, existing)]


def continue_in(kafka: str, current: int, generation: int) -> None:
    """Derived topics of one more generation, with as many partitions and replicas as those of the current one."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        known = set(admin.list_topics())
        missing = [topic for topic in DERIVED if topic.named(generation) not in known]
        if not missing:
            return
        models = {found["name"]: found for found in admin.describe_topics([t.named(current) for t in missing])}
        new = {topic.named(generation): _like(topic, models[topic.named(current)]) for topic in missing}
        admin.create_topics(new, wait_for_metadata=True)


def remove(kafka: str, generation: int) -> None:
    """The derived topics of a generation that nobody works on any more. Twice is no more than once."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        known = set(admin.list_topics())
        gone = [topic.named(generation) for topic in DERIVED if topic.named(generation) in known]
        if gone:
            admin.delete_topics(gone)


def _current(admin: KafkaAdminClient, kafka: str) -> int:
    """In a cluster without the topic nothing was ever derived anew."""
    return read_generations(kafka).current if GENERATIONS.name in admin.list_topics() else Generations().current


def _like(topic: Topic, model: dict[str, Any]) -> dict[str, object]:
    partitions = model["partitions"]
    return {
        "num_partitions": len(partitions),
        "replication_factor": len(partitions[0]["replica_nodes"]),
        "configs": topic.configuration(),
    }


def _partition_counts(admin: KafkaAdminClient, names: list[str]) -> dict[str, int]:
    known = sorted(set(admin.list_topics()) & set(names))
    return {found["name"]: len(found["partitions"]) for found in (admin.describe_topics(known) if known else ())}


def _create(admin: KafkaAdminClient, wanted: Wanted, generation: int, existing: dict[str, int]) -> Iterator[Applied]:
    new = {topic.named(generation): topic for topic in TOPICS if topic.named(generation) not in existing}
    if new:
        admin.create_topics({name: _new(topic, wanted) for name, topic in new.items()}, wait_for_metadata=True)
    for name, topic in new.items():
        yield Applied(name, f"created, {wanted.partitions_of(topic)} partitions")


def _new(topic: Topic, wanted: Wanted) -> dict[str, object]:
    return {
        "num_partitions": wanted.partitions_of(topic),
        "replication_factor": wanted.replication_factor,
        "configs": topic.configuration(),
    }


def _alter(admin: KafkaAdminClient, wanted: Wanted, generation: int, existing: dict[str, int]) -> Iterator[Applied]:
    for topic in TOPICS:
        name = topic.named(generation)
        if name not in existing:
            continue
        changed = _changed(admin, name, topic)
        if changed:
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, changed)])
        yield _altered(name, changed, existing[name], wanted.partitions_of(topic))


def _altered(name: str, changed: dict[str, str], has: int, asked: int) -> Applied:
    what = "altered " + ", ".join(f"{key}={value}" for key, value in changed.items()) if changed else "as it should be"
    if has == asked:
        return Applied(name, what)
    kept = f"stays at {has} partitions, {asked} asked for: a topic has the partitions that it was created with"
    return Applied(name, f"{what}; {kept}", kept_partitions=True)


def _changed(admin: KafkaAdminClient, name: str, topic: Topic) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, name, list(topic.configuration()))
    described = admin.describe_configs([resource], config_filter="all")
    has = next(iter(described.values()))[name]
    return {key: value for key, value in topic.configuration().items() if _value(has[key]) != value}


def _value(setting: object) -> str:
    return str(setting["value"] if isinstance(setting, dict) else setting)
