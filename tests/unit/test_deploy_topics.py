"""How many partitions new topics get: alike for all that the workers of a stage share."""

import pytest

from deploy.topics import Wanted
from streams.app import stages
from streams.contracts.stages import Stage
from streams.contracts.topics import TOPICS


@pytest.mark.parametrize("stage", [stage for stage, _ in stages(1)], ids=lambda stage: stage.name)
def test_the_partitions_asked_for_are_those_of_every_stage_and_its_changelog(stage: Stage) -> None:
    shared = [topic for topic in TOPICS if topic.named(1) in {stage.source_topic, stage.changelog_topic}]
    assert [Wanted(partitions=6).partitions_of(topic) for topic in shared] == [6, 6]
