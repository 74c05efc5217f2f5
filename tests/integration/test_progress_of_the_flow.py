"""Where the flow stands, asked from outside: markers, open and aborted transactions, intents, unreadable records."""

import time
from collections.abc import Iterator
from itertools import count

import orjson
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import NewTopic, OffsetSpec
from kafka.errors import KafkaTimeoutError
from kafka.structs import OffsetAndMetadata

from streams.contracts.topics import CALL_FACTS, TOPICS
from streams.drain import Standing, drain
from streams.progress import FETCH_BYTES, Progress, StagePosition, complete_until, stages
from streams.trimming import trim

_generations = count(701)
RAW, ACTIVITY, FACTS = (
    [stage.name for stage in stages(1)].index(name) for name in ("deduplicate_calls", "classify_clients", "loader")
)


class Flow:
    """The topics of one generation, with one producer that writes and commits as the stages do."""

    def __init__(self, bootstrap: str, generation: int) -> None:
        self.generation = generation
        self.bootstrap = bootstrap
        self.admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        self._create([stage.topic for stage in stages(generation)])
        self.raw, self.activity, self.facts = (stages(generation)[stage].topic for stage in (RAW, ACTIVITY, FACTS))
        self.plain = KafkaProducer(bootstrap_servers=bootstrap)
        self.transactional = KafkaProducer(bootstrap_servers=bootstrap, transactional_id=f"flow-{generation}")
        self.transactional.init_transactions()

    def _create(self, topics: list[str]) -> None:
        missing = set(topics) - set(self.admin.list_topics())
        self.admin.create_topics([NewTopic(name=name, num_partitions=2, replication_factor=1) for name in missing])

    def send(self, topic: str, *observed: int | bytes, partition: int = 0) -> None:
        for value in observed:
            self.plain.send(topic, _value(value), partition=partition)
        self.plain.flush()

    def transaction(self, topic: str, *observed: int) -> None:
        self.transactional.begin_transaction()
        for value in observed:
            self.transactional.send(topic, _value(value), partition=0)
        self.transactional.flush()

    def commit(self, stage: int, offset: int, metadata: str = "", partition: int = 0) -> None:
        at = stages(self.generation)[stage]
        tp = TopicPartition(at.topic, partition)
        self.admin.alter_group_offsets(at.group, {tp: OffsetAndMetadata(offset, metadata, -1)})

    def raw_through(self) -> None:
        """Raw topics are shared by every generation: say that this one has passed what other tests wrote."""
        with Progress(self.bootstrap, self.generation) as progress:
            for number in range(ACTIVITY):
                for partition, end in progress.ends(progress.stages[number]).items():
                    self.commit(number, end, partition=partition)

    def close(self) -> None:
        self.plain.close()
        self.transactional.close()
        self.admin.close()


def _value(observed: int | bytes) -> bytes:
    return observed if isinstance(observed, bytes) else orjson.dumps({"observed_at": observed})


@pytest.fixture
def flow(bootstrap: str) -> Iterator[Flow]:
    made = Flow(bootstrap, next(_generations))
    yield made
    made.close()


@pytest.fixture
def progress(flow: Flow) -> Iterator[Progress]:
    with Progress(flow.bootstrap, flow.generation, within_s=20) as asked:
        yield asked


def at(progress: Progress, stage: int, partition: int = 0) -> StagePosition:
    return progress.of(progress.stages[stage])[partition]


def test_nothing_committed_means_that_the_first_record_waits(flow: Flow, progress: Progress) -> None:
    flow.send(flow.activity, 111, 112)
    position = at(progress, ACTIVITY)
    assert (position.committed, position.done, position.end) == (None, 0, 2)
    assert position.first is not None
    assert position.first.observed_at == 111
    assert not position.through
    assert at(progress, ACTIVITY, partition=1).through


def test_a_log_that_ends_in_markers_and_aborted_records_is_through(flow: Flow, progress: Progress) -> None:
    flow.transaction(flow.facts, 111)
    flow.transactional.commit_transaction()
    flow.transaction(flow.facts, 112)
    flow.transactional.abort_transaction()
    flow.commit(FACTS, 1)
    position = at(progress, FACTS)
    assert position.committed == 1
    assert position.through
    assert position.done == position.end == 4


def test_an_open_transaction_is_not_through(flow: Flow, progress: Progress) -> None:
    flow.transaction(flow.activity, 111)
    position = at(progress, ACTIVITY)
    assert position.end == 1
    assert position.first is None
    assert not position.through
    flow.transactional.commit_transaction()
    assert at(progress, ACTIVITY).first is not None


def test_an_intent_does_not_count_as_through(flow: Flow, progress: Progress) -> None:
    flow.send(flow.facts, 111, 112, 113)
    flow.commit(FACTS, 1, '{"last": 2}')
    position = at(progress, FACTS)
    assert position.done == 1
    assert position.first is not None
    assert position.first.observed_at == 112


def test_what_was_read_before_is_not_forgotten_and_not_overrun(flow: Flow, progress: Progress) -> None:
    """Positions asked for again and again follow the commits, one record at a time."""
    flow.send(flow.facts, *range(100, 110))
    for committed in range(10):
        flow.commit(FACTS, committed)
        position = at(progress, FACTS)
        assert position.first is not None
        assert (position.done, position.first.observed_at) == (committed, 100 + committed)
    flow.commit(FACTS, 10)
    assert at(progress, FACTS).through
    flow.send(flow.facts, 110)
    assert at(progress, FACTS).done == 10


def test_of_an_unreadable_raw_record_the_next_readable_one_gives_the_moment(flow: Flow, progress: Progress) -> None:
    flow.raw_through()
    start = at(progress, RAW).end
    flow.send(flow.raw, b"\xff{", b'{"observed_at": "soon"}', orjson.dumps({"observed_at": "1970-01-01T00:00:07Z"}))
    position = at(progress, RAW)
    assert position.first is not None
    assert (position.first.offset, position.first.observed_at) == (start, 7_000)


def test_only_unreadable_records_up_to_the_end_still_wait(flow: Flow, progress: Progress) -> None:
    flow.raw_through()
    flow.send(flow.raw, b"{", b"[]")
    for _ in range(2):
        position = at(progress, RAW)
        assert position.first is not None
        assert position.first.observed_at is None
        assert not position.through


@pytest.fixture
def nothing_is_fetched(progress: Progress, monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """As long as this holds no fetch brings anything in the time that there is."""
    progress.positions()  # waits for a broker that has just started
    with monkeypatch.context() as slow:
        slow.setattr(progress, "_within_s", 0.05)
        slow.setattr(KafkaConsumer, "poll", lambda consumer, timeout_ms: {})
        yield slow


def test_what_could_not_be_read_in_time_is_an_error_and_not_nothing_that_waits(
    flow: Flow, progress: Progress, nothing_is_fetched: pytest.MonkeyPatch
) -> None:
    flow.send(flow.facts, 111)
    with pytest.raises(KafkaTimeoutError, match=rf"{flow.facts}\[0\] could not be read within"):
        at(progress, FACTS)
    nothing_is_fetched.undo()
    first = at(progress, FACTS).first
    assert first is not None
    assert first.observed_at == 111


def test_drain_goes_on_where_a_partition_could_not_be_read_in_time(
    flow: Flow, progress: Progress, nothing_is_fetched: pytest.MonkeyPatch
) -> None:
    flow.raw_through()
    flow.transaction(flow.facts, 111)
    flow.transactional.commit_transaction()
    flow.commit(FACTS, 1)  # behind it there is a marker, which only reading passes over
    hangs = drain(progress, 0.5, lambda standing: None)
    assert hangs is not None
    assert f"loader hangs at {flow.facts}[0]: done up to 1, waiting for 2" in hangs.explain()
    nothing_is_fetched.undo()
    assert drain(progress, 30, lambda standing: None) is None


def test_a_question_reads_on_where_the_one_before_it_ran_out_of_time(
    flow: Flow, progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unreadable records that take several fetches, and a clock by which there is time for one fetch each time."""
    progress.positions()  # waits for a broker that has just started
    flow.send(flow.facts, *[b"[" + b" " * (FETCH_BYTES // 2)] * 4, 111)
    monkeypatch.setattr("streams.progress.monotonic", count().__next__)
    monkeypatch.setattr(progress, "_within_s", 1.5)
    asked = 1
    while (position := _answer(progress)) is None and asked < 30:
        asked += 1
    assert position is not None
    assert position.first is not None
    assert (position.done, position.first.observed_at) == (0, 111)
    assert asked > 1


def _answer(progress: Progress) -> StagePosition | None:
    try:
        return at(progress, FACTS)
    except KafkaTimeoutError:
        return None


def test_complete_until_is_the_earliest_of_the_first_waiting_records_else_now(flow: Flow, progress: Progress) -> None:
    flow.raw_through()
    assert complete_until(progress.positions(), 500) == 500
    flow.send(flow.activity, 111)
    flow.send(flow.facts, 99)
    assert complete_until(progress.positions(), 500) == 99


def test_drain_says_where_it_hangs_and_ends_when_it_is_through(flow: Flow, progress: Progress) -> None:
    flow.raw_through()
    flow.send(flow.activity, 111)
    told: list[Standing] = []
    hangs = drain(progress, 0.5, told.append)
    assert hangs is not None
    assert f"classify_clients hangs at {flow.activity}[0]: done up to 0, waiting for 1" in hangs.explain()
    assert "no movement for" in hangs.explain()
    flow.commit(ACTIVITY, 1)
    assert drain(progress, 30, told.append) is None
    assert [standing.stage for standing in told[-len(progress.stages) :]] == [stage.name for stage in progress.stages]


def test_drain_to_given_raw_offsets_does_not_wait_for_later_records(flow: Flow, progress: Progress) -> None:
    flow.raw_through()
    ends = {stage.topic: progress.ends(stage) for stage in progress.stages[:ACTIVITY]}
    flow.send(flow.raw, 111)
    assert drain(progress, 30, lambda standing: None, raw_ends=ends) is None
    assert drain(progress, 0.1, lambda standing: None) is not None


def begins(flow: Flow, topic: str) -> int:
    at = TopicPartition(topic, 0)
    found: int = flow.admin.list_partition_offsets({at: OffsetSpec.EARLIEST})[at].offset
    return found


def test_an_inner_topic_loses_what_has_been_worked_through_and_is_old(flow: Flow, progress: Progress) -> None:
    progress.positions()  # waits for a broker that has just started
    now, later = time.time_ns() // 1_000_000, time.time_ns() // 1_000_000 + CALL_FACTS.kept_ms + 60_000
    flow.send(flow.raw, 1)
    flow.transaction(flow.activity, 1)
    flow.transactional.commit_transaction()
    flow.transaction(flow.facts, 1, 2, 3)
    flow.transactional.commit_transaction()
    flow.commit(FACTS, 2)
    trim(flow.bootstrap, flow.generation, now)
    assert begins(flow, flow.facts) == 0, "it is young"
    trim(flow.bootstrap, flow.generation, later)
    assert begins(flow, flow.facts) == 2, "the third one has not been worked through"
    assert begins(flow, flow.activity) == begins(flow, flow.raw) == 0, "nor has anything of these"
    flow.commit(FACTS, 3)
    trim(flow.bootstrap, flow.generation, later)
    assert begins(flow, flow.facts) == 3, "the marker behind it stays: a group is never found below its log"


def test_kafka_deletes_nothing_by_itself() -> None:
    assert {topic.configuration()["retention.ms"] for topic in TOPICS} == {"-1"}
