"""A stage of the flow as delivery sees it: a topic in, topics out, a changelog for its state.

Comes in: the registry's topics and a generation. Goes out: every name that Kafka and the disk know the stage by.
"""

from dataclasses import dataclass

from streams.contracts import groups
from streams.contracts.topics import Topic


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
