"""The stages of the workers: what each reads, writes and keeps, and every name that Kafka and the disk know it by."""

from dataclasses import dataclass

from streams.contracts import groups
from streams.contracts.topics import (
    ACTIVITY,
    BASE_CHANGELOG,
    CALL_FACTS,
    CALL_RECORDS,
    CALLS_CHANGELOG,
    CLIENT_BASE,
    CLIENTS_CHANGELOG,
    DEAD_LETTERS,
    ORDER_EVENTS,
    ORDER_FACTS,
    ORDERS_CHANGELOG,
    Topic,
)


@dataclass(frozen=True)
class Stage:
    name: str
    source: Topic
    changelog: Topic
    outputs: tuple[Topic, ...]
    """All that its rule may emit to."""
    dead_letters: Topic
    generation: int = 1

    @property
    def group(self) -> str:
        return groups.of_stage(self.name, self.generation)

    @property
    def source_topic(self) -> str:
        return self.source.named(self.generation)

    @property
    def changelog_topic(self) -> str:
        return self.changelog.named(self.generation)

    @property
    def written_topics(self) -> tuple[str, ...]:
        written = (self.changelog, self.dead_letters, *self.outputs)
        return tuple(topic.named(self.generation) for topic in written)

    @property
    def topics(self) -> tuple[str, ...]:
        return (self.source_topic, *self.written_topics)

    def transactional_id(self, partition: int) -> str:
        return f"{self.group}-{self.source_topic}-{partition}"

    def state_folder(self, partition: int) -> str:
        return f"{self.name}.g{self.generation}-{partition}"


def worker_stages(generation: int) -> tuple[Stage, ...]:
    """In the order of the flow."""
    facts = (CALL_FACTS, ORDER_FACTS)
    return (
        Stage("deduplicate_calls", CALL_RECORDS, CALLS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS, generation),
        Stage("deduplicate_orders", ORDER_EVENTS, ORDERS_CHANGELOG, (ACTIVITY,), DEAD_LETTERS, generation),
        Stage("announce_clients", CLIENT_BASE, BASE_CHANGELOG, (ACTIVITY,), DEAD_LETTERS, generation),
        Stage("classify_clients", ACTIVITY, CLIENTS_CHANGELOG, facts, DEAD_LETTERS, generation),
    )
