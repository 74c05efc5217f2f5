"""`pulse verify` against a real broker and a real store: silent where all is right, and only there."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import orjson
import pytest
from clickhouse_connect.driver.client import Client
from kafka import KafkaAdminClient, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from clickhouse.engine import Engine
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import CALLS
from clickhouse.loader.store import FactStore
from clickhouse.queries.run import Store
from clickhouse.verify.run import TABLES, Verdict, Verification, VerifyError
from clickhouse.verify.tables import StoreTables
from deploy.broker import LocalBroker
from deploy.topics import Wanted, apply
from streams.contracts.facts import SignedCallFact
from streams.contracts.topics import CALL_RECORDS, DEAD_LETTERS
from streams.delivery.routing import partition_of
from streams.progress import Progress, stages
from tests.unit.rule_chain import DIRECTORY, Chain, Raw, leg

RECORDS = [
    leg("r1", call_id="c1", answered="10:00:10"),
    leg("r2", call_id="c2", start="11:00:00", end="11:00:03"),
    leg("r3", call_id="c3", start="2026-03-29T20:59:59.999Z", end="2026-03-29T21:30:00Z", gateway="GSM2"),
    leg("r1", call_id="c1", revision=1, answered="10:00:20"),
    Raw(b"pbx-1", b"not json"),
    leg("r4", call_id="c4", direction="internal", gateway=None),
    leg("r5", call_id="c1", server="pbx-2", start="09:00:00", end="09:00:40"),
    leg("r6", call_id="c6", gateway="nobody"),
]


class Installation:
    """What a pipeline leaves behind: raw records, dead letters, committed offsets, and rows in the store."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.records: list[Raw] = []
        apply(bootstrap, Wanted())
        self._producer = KafkaProducer(bootstrap_servers=bootstrap)

    def produce(self, *records: Raw) -> list[Any]:
        self.records += records
        sent = [
            self._producer.send(CALL_RECORDS.name, record.value, record.key, partition=_partition(record))
            for record in records
        ]
        return [future.get(10) for future in sent]

    def bury(self, place: Any, reason: str) -> None:
        headers = {"source_topic": place.topic, "source_partition": place.partition, "source_offset": place.offset}
        said = [(name, str(value).encode()) for name, value in {**headers, "reason": reason}.items()]
        self._producer.send(DEAD_LETTERS.name, b"", headers=said).get(10)

    def pass_everything(self) -> None:
        with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            for stage in stages(1):
                with Progress(self.bootstrap, 1) as progress:
                    progress.of(stage)  # waits until the broker knows the group's coordinator
                    ends = progress.ends(stage).items()
                offsets = {TopicPartition(stage.topic, at): OffsetAndMetadata(end, "", -1) for at, end in ends}
                admin.alter_group_offsets(stage.group, offsets)

    def facts(self) -> list[SignedCallFact]:
        chain = Chain()
        chain.take(*self.records)
        return chain.facts

    def close(self) -> None:
        self._producer.close()


def _partition(record: Raw) -> int:
    return partition_of(record.key or b"", CALL_RECORDS.partitions)


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Of a broker of its own: verify reads the raw topic whole, whoever wrote there."""
    folder: Path = tmp_path_factory.mktemp("kafka-of-verify")
    with LocalBroker(folder) as broker, closing(Installation(broker.address)) as made:
        for place, record in zip(made.produce(*RECORDS), RECORDS, strict=True):
            if record.value == b"not json":
                made.bury(place, "not_json")
        made.pass_everything()
        yield made


@pytest.fixture
def client(engine: Engine, database: str) -> Iterator[Client]:
    with closing(engine.writer(database)) as writer:
        yield writer


@pytest.fixture
def verify(installation: Installation, engine: Engine, database: str) -> Iterator[Callable[[], Verdict]]:
    with Progress(installation.bootstrap, 1) as progress, closing(engine.reader(database)) as reader:
        tables = StoreTables(Store(reader, 1))

        def run() -> Verdict:
            return Verification(
                installation.bootstrap, tables, lambda: DIRECTORY, progress, 1.0, lambda text: None
            ).run()

        yield run


def load(client: Client, facts: list[SignedCallFact], first: int = 0) -> None:
    """As the loader does, but for Kafka."""
    entries = [Entry(first + number, fact) for number, fact in enumerate(facts)]
    store = FactStore(client, CALLS, 1, "topic")
    store.insert(Batch(0, first, first + len(facts) - 1, entries), store.clock_ms() + 60_000)


def wrong(verdict: Verdict) -> list[str]:
    return [pair.table for pair in verdict.wrong]


def test_nothing_is_found_where_all_is_right(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    load(client, installation.facts())
    verdict = verify()
    assert verdict.good, [str(pair) for pair in verdict.wrong]
    assert verdict.records == len(installation.records)
    assert verdict.refused["not_json"] == 1
    assert verdict.rows["call_facts"] == len({(fact["server"], fact["id"]) for fact in installation.facts()})
    assert min(verdict.rows.values()) > 0
    assert list(verdict.rows) == list(TABLES)


def test_an_empty_store_lacks_everything(verify: Callable[[], Verdict]) -> None:
    verdict = verify()
    assert len(verdict.wrong) == sum(verdict.rows.values())
    assert all(not pair.found for pair in verdict.wrong)


def test_a_doubled_insert_is_found_in_every_table(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    facts = installation.facts()
    load(client, facts)
    load(client, [fact for fact in facts if fact["id"] == "c2"], first=1_000)
    verdict = verify()
    assert sorted(wrong(verdict)) == sorted(TABLES)
    assert '"id"' not in str(verdict.wrong[0])
    assert "sign expected 1 found 2" in str(verdict.wrong[0])


def test_a_fact_with_another_value_is_found(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    facts = installation.facts()
    load(client, [{**fact, "phone": "+79990000000"} if fact["id"] == "c2" else fact for fact in facts])
    (pair,) = verify().wrong
    assert str(pair) == ("call_facts [\"pbx-1\",\"c2\"]: phone expected '+79161234567' found '+79990000000'")


@pytest.mark.parametrize("table", TABLES[1:])
def test_a_rollup_alone_that_is_off_is_found(
    table: str, installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    """A row changed behind the views: what feeds a coarser table is cut off first, so that only this one is off."""
    load(client, installation.facts())
    for fed in ("daily", "weekly", "monthly"):
        client.command(f"DROP VIEW IF EXISTS feed_calls_{fed}_g1")
    client.command(
        f"INSERT INTO {table}_g1 (organisation, time, talk_histogram) VALUES ('orbita', '2026-03-01', {{8: 1}})"  # noqa: S608
    )
    (pair,) = verify().wrong
    assert (pair.table, pair.expected) == (table, ())
    assert orjson.loads(pair.found[0])["talk_histogram"] == {"8": 1}


def test_records_that_the_flow_has_not_passed_give_no_verdict(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    load(client, installation.facts())
    late = leg("r9", call_id="c9", start="12:00:00", end="12:01:00")
    installation.produce(late)
    try:
        with pytest.raises(VerifyError, match="deduplicate_calls hangs at telephony"):
            verify()
    finally:
        installation.pass_everything()
    assert "c9" in str(verify().wrong[0])


def test_dead_letters_are_exactly_the_refused(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    """A letter about a valid record, and one too many about a refused one."""
    load(client, installation.facts())
    assert verify().good
    valid, refused = installation.produce(RECORDS[0], Raw(b"pbx-1", b"[]"))
    installation.pass_everything()
    assert wrong(verify()) == ["dead-letters"]
    installation.bury(refused, "wrong_type")
    assert verify().good
    installation.bury(refused, "wrong_type")
    installation.bury(valid, "bad_time")
    assert len(verify().wrong) == 2
