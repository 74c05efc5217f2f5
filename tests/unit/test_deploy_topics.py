"""How many partitions and copies topics get and have: alike for all that the workers of a stage share."""

from collections.abc import Sequence
from typing import Any

import pytest
from click.testing import CliRunner
from kafka.admin import ConfigResource

from deploy import topics
from deploy.cli import main
from deploy.topics import Wanted
from streams.app import stages
from streams.contracts.stages import Stage
from streams.contracts.topics import (
    ACTIVITY,
    CALL_FACTS,
    CALL_RECORDS,
    CALLS_CHANGELOG,
    CLIENTS_CHANGELOG,
    DEAD_LETTERS,
    TOPICS,
)

WAIT = {"wait_for_metadata": True}
INSYNC = "min.insync.replicas"


@pytest.mark.parametrize("stage", [stage for stage, _ in stages(1)], ids=lambda stage: stage.name)
def test_the_partitions_asked_for_are_those_of_every_stage_and_its_changelog(stage: Stage) -> None:
    shared = [topic for topic in TOPICS if topic.named(1) in {stage.source_topic, stage.changelog_topic}]
    assert [Wanted(partitions=6).partitions_of(topic) for topic in shared] == [6, 6]


class Cluster:
    """Of many brokers, as far as an admin asks it: topics are partitions, copies and what was set."""

    def __init__(self, **settings: str) -> None:
        self.topics: dict[str, tuple[int, int]] = {}
        self.settings: dict[str, dict[str, str]] = {}
        self.defaults = {name.replace("_", "."): value for name, value in settings.items()}

    def list_topics(self) -> list[str]:
        return list(self.topics)

    def describe_topics(self, names: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"name": name, "partitions": [{"replica_nodes": list(range(copies))}] * partitions}
            for name, (partitions, copies) in self.topics.items()
            if name in names
        ]

    def create_topics(self, new: dict[str, Any], *, wait_for_metadata: bool) -> None:
        for name, topic in new.items():
            self.topics[name] = (topic["num_partitions"], topic["replication_factor"])
            self.settings[name] = topic["configs"]

    def describe_configs(self, resources: list[ConfigResource], config_filter: str) -> dict[str, Any]:
        [asked] = resources
        has = {INSYNC: "1"} | self.defaults | self.settings.get(asked.name, {})
        return {"topic": {asked.name: {name: {"value": has.get(name, "")} for name in asked.configs}}}

    def alter_configs(self, resources: list[ConfigResource]) -> None:
        for changed in resources:
            self.settings[changed.name] = self.settings.get(changed.name, {}) | changed.configs

    def close(self) -> None: ...


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    made = Cluster()
    monkeypatch.setattr(topics, "KafkaAdminClient", lambda **_: made)
    return made


def applied(*options: str) -> tuple[int, dict[str, str]]:
    """`pulse topics apply`: its exit code, and what it said of each topic."""
    asked = ("--kafka", "one:9092,two:9092", "--generation", "1")
    done = CliRunner().invoke(main, ["topics", "apply", *asked, *options])
    said = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    return done.exit_code, said


def test_nothing_is_deleted_by_size_whatever_the_brokers_allow(cluster: Cluster) -> None:
    cluster.defaults["retention.bytes"] = "1000000"
    cluster.create_topics({CALL_RECORDS.name: {"num_partitions": 4, "replication_factor": 1, "configs": {}}}, **WAIT)
    _, said = applied()
    assert "retention.bytes=-1" in said[CALL_RECORDS.name]
    assert {found["retention.bytes"] for found in cluster.settings.values()} == {"-1"}


@pytest.mark.parametrize(("copies", "insync"), [("1", None), ("2", None), ("3", "2"), ("5", "2")])
def test_of_three_copies_two_have_what_is_acknowledged(cluster: Cluster, copies: str, insync: str | None) -> None:
    assert applied("--replication-factor", copies)[0] == 0
    assert {found.get(INSYNC) for found in cluster.settings.values()} == {insync}
    code, said = applied("--replication-factor", copies)
    assert (code, set(said.values())) == (0, {"as it should be"})


def test_a_topic_that_has_three_copies_by_now_is_altered_and_a_stricter_one_is_left(cluster: Cluster) -> None:
    applied()
    cluster.topics[CALL_RECORDS.name] = cluster.topics[DEAD_LETTERS.name] = (4, 3)
    cluster.settings[DEAD_LETTERS.name][INSYNC] = "3"
    code, said = applied()
    assert (code, said[CALL_RECORDS.name]) == (0, f"altered {INSYNC}=2")
    assert cluster.settings[DEAD_LETTERS.name][INSYNC] == "3"


def test_copies_that_were_asked_for_and_are_not_there_are_said(cluster: Cluster) -> None:
    assert applied()[0] == 0
    code, said = applied("--replication-factor", "3")
    assert code == 1
    assert said[CALL_RECORDS.name].startswith("as it should be; has 1 copy, 3 asked for")


def test_more_copies_are_as_they_should_be_where_none_were_asked_for(cluster: Cluster) -> None:
    applied("--replication-factor", "3")
    code, said = applied()
    assert (code, set(said.values())) == (0, {"as it should be"})


def test_facts_of_an_older_version_keep_their_partitions_and_that_is_no_failure(cluster: Cluster) -> None:
    applied("--partitions", "8")
    cluster.topics[CALL_FACTS.named(1)] = (2, 1)
    code, said = applied("--partitions", "8")
    assert (code, said[CALL_FACTS.named(1)].split("; ")[1][:35]) == (0, "stays at 2 partitions, 8 asked for:")
    cluster.topics[ACTIVITY.named(1)] = cluster.topics[CLIENTS_CHANGELOG.named(1)] = (2, 1)
    assert applied("--partitions", "8")[0] == 1


def test_partitions_that_nobody_asked_for_are_not_missed(cluster: Cluster) -> None:
    applied("--partitions", "8")
    code, said = applied()
    assert (code, set(said.values())) == (0, {"as it should be"})


def test_a_changelog_has_the_partitions_of_an_input_that_somebody_else_made(cluster: Cluster) -> None:
    cluster.topics[CALL_RECORDS.name] = (12, 1)
    code, said = applied()
    assert (code, said[CALLS_CHANGELOG.named(1)]) == (0, "created, 12 partitions")
    assert said[CLIENTS_CHANGELOG.named(1)] == "created, 4 partitions"
    code, said = applied()
    assert (code, said[CALLS_CHANGELOG.named(1)]) == (0, "as it should be")


def test_a_changelog_unlike_its_input_is_said_and_the_next_generation_has_one_like_it(cluster: Cluster) -> None:
    applied("--replication-factor", "2")
    cluster.topics[CALL_RECORDS.name] = (12, 3)
    code, said = applied()
    assert code == 1
    assert "has 4 partitions and telephony.call-records has 12" in said[CALLS_CHANGELOG.named(1)]
    topics.continue_in("one:9092", 1, 2)
    assert cluster.topics[CALLS_CHANGELOG.named(2)] == (12, 2)
    assert cluster.topics[ACTIVITY.named(2)] == (4, 2)
