"""Brings a cluster's topics to what the registry says.

Comes in: an address, a generation, how many replicas and partitions new topics get. Goes out: one line per topic about
what was done. A partition count is never changed: the state keyed by it would split.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient

from streams.contracts.generations import Generations
from streams.contracts.stages import worker_stages
from streams.contracts.topics import CALL_FACTS, GENERATIONS, LEAST_IN_SYNC, ORDER_FACTS, TOPICS, Topic
from streams.generations import read_generations

DERIVED = tuple(topic for topic in TOPICS if topic.derived)
INPUTS: Mapping[Topic, Topic] = {stage.changelog: stage.source for stage in worker_stages(1)}
"""By changelog: its partition N holds the state of the input's partition N."""
FACTS = (CALL_FACTS, ORDER_FACTS)
SHARED = (*INPUTS, *INPUTS.values(), *FACTS)
"""By workers, where a stage's input and its changelog have the same number of partitions, and by loaders."""


@dataclass(frozen=True)
class Wanted:
    """`partitions` is for the topics that workers or loaders share; None is the registry's default. Without a
    generation it is the current one. Without a replication factor new topics get one copy, and those that are there
    have as many as they should."""

    generation: int | None = None
    replication_factor: int | None = None
    partitions: int | None = None

    @property
    def copies(self) -> int:
        return self.replication_factor or 1

    def partitions_of(self, topic: Topic) -> int:
        asked = self.partitions if topic in SHARED else None
        return asked or topic.partitions


@dataclass(frozen=True)
class Found:
    """A topic as it is; `copies` are those of the partition that has the fewest."""

    partitions: int
    copies: int


Existing = Mapping[str, Found]
"""By name."""


@dataclass(frozen=True)
class Applied:
    name: str
    what: str
    wrong: bool = False
    """Copies or partitions are others than were asked for, or a changelog's than its input's; `what` says so. That
    facts have other partitions is no more than said: an older version could not be asked for them."""


def apply(kafka: str, wanted: Wanted) -> list[Applied]:
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        generation = wanted.generation or _current(admin, kafka)
        existing = _existing(admin, [topic.named(generation) for topic in TOPICS])
        return [*_create(admin, wanted, generation, existing), *_alter(admin, wanted, generation, existing)]


def continue_in(kafka: str, current: int, generation: int) -> None:
    """Derived topics of one more generation, with as many partitions and copies as those of the current one; but a
    changelog with the partitions of its input."""
    with closing(KafkaAdminClient(bootstrap_servers=kafka)) as admin:
        known = set(admin.list_topics())
        missing = [topic for topic in DERIVED if topic.named(generation) not in known]
        if not missing:
            return
        models = _existing(admin, [topic.named(current) for topic in TOPICS])
        new = {topic.named(generation): _like(topic, models, current) for topic in missing}
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


def _like(topic: Topic, models: Existing, current: int) -> dict[str, object]:
    partitions = models[INPUTS.get(topic, topic).named(current)].partitions
    return _new(topic, partitions, models[topic.named(current)].copies)


def _existing(admin: KafkaAdminClient, names: Sequence[str]) -> dict[str, Found]:
    known = sorted(set(admin.list_topics()) & set(names))
    described = admin.describe_topics(known) if known else ()
    return {topic["name"]: _found(topic["partitions"]) for topic in described}


def _found(partitions: Sequence[Mapping[str, Sequence[int]]]) -> Found:
    return Found(len(partitions), min(len(partition["replica_nodes"]) for partition in partitions))


def _create(admin: KafkaAdminClient, wanted: Wanted, generation: int, existing: Existing) -> Iterator[Applied]:
    missing = [topic for topic in TOPICS if topic.named(generation) not in existing]
    partitions = {topic: _partitions(topic, wanted, generation, existing) for topic in missing}
    if missing:
        new = {topic.named(generation): _new(topic, partitions[topic], wanted.copies) for topic in missing}
        admin.create_topics(new, wait_for_metadata=True)
    for topic in missing:
        yield Applied(topic.named(generation), f"created, {partitions[topic]} partitions")


def _partitions(topic: Topic, wanted: Wanted, generation: int, existing: Existing) -> int:
    """A changelog has those of its input, which somebody else may have made."""
    source = existing.get(INPUTS[topic].named(generation)) if topic in INPUTS else None
    return source.partitions if source is not None else wanted.partitions_of(topic)


def _new(topic: Topic, partitions: int, copies: int) -> dict[str, object]:
    return {"num_partitions": partitions, "replication_factor": copies, "configs": topic.configuration(copies)}


def _alter(admin: KafkaAdminClient, wanted: Wanted, generation: int, existing: Existing) -> Iterator[Applied]:
    for topic in TOPICS:
        name = topic.named(generation)
        if (has := existing.get(name)) is None:
            continue
        changed = _changed(admin, name, topic.configuration(has.copies))
        if changed:
            admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, changed)])
        fixed = topic in INPUTS or (wanted.partitions is not None and topic in SHARED)
        partitions = _partitions(topic, wanted, generation, existing) if fixed else has.partitions
        asked = Found(partitions, wanted.replication_factor or has.copies)
        wrong = has.copies != asked.copies or (has.partitions != asked.partitions and topic not in FACTS)
        yield Applied(name, "; ".join(_said(topic, changed, has, asked)), wrong)


def _said(topic: Topic, changed: Mapping[str, str], has: Found, asked: Found) -> Iterator[str]:
    yield "altered " + ", ".join(f"{key}={value}" for key, value in changed.items()) if changed else "as it should be"
    if has.partitions != asked.partitions:
        yield _kept(topic, has.partitions, asked.partitions)
    if has.copies != asked.copies:
        copies = "1 copy" if has.copies == 1 else f"{has.copies} copies"
        yield f"has {copies}, {asked.copies} asked for: Kafka's kafka-reassign-partitions.sh changes that"


def _kept(topic: Topic, has: int, asked: int) -> str:
    if topic in INPUTS:
        return (
            f"has {has} partitions and {INPUTS[topic].name} has {asked}, which must be as many: `pulse rebuild` makes "
            "the next generation's so"
        )
    return f"stays at {has} partitions, {asked} asked for: a topic has the partitions that it was created with"


def _changed(admin: KafkaAdminClient, name: str, wanted: Mapping[str, str]) -> dict[str, str]:
    resource = ConfigResource(ConfigResourceType.TOPIC, name, list(wanted))
    described = admin.describe_configs([resource], config_filter="all")
    has = next(iter(described.values()))[name]
    return {key: value for key, value in wanted.items() if not _keeps(key, _value(has[key]), value)}


def _keeps(key: str, has: str, wanted: str) -> bool:
    """Whoever wants more brokers in sync than we do is not overruled."""
    return int(has) >= int(wanted) if key == LEAST_IN_SYNC else has == wanted


def _value(setting: object) -> str:
    return str(setting["value"] if isinstance(setting, dict) else setting)
