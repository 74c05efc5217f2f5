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
from clickhouse.loader.mapping import CALLS, ORDERS
from clickhouse.loader.store import FactStore
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from clickhouse.verify.quick import verify_rollups
from clickhouse.verify.run import Verdict, Verification, VerifyError
from clickhouse.verify.sides import TABLES
from clickhouse.verify.tables import StoreTables
from deploy.broker import LocalBroker
from deploy.topics import Wanted, apply
from streams.chunks import MemoryState
from streams.contracts.topics import (
    CALL_FACTS,
    CALL_RECORDS,
    CLIENT_BASE,
    DEAD_LETTERS,
    ORDER_EVENTS,
    ORDER_FACTS,
    Topic,
)
from streams.delivery.routing import partition_of
from streams.progress import Progress, stages
from streams.rules.announce_clients import announce_clients
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls
from streams.rules.deduplicate_orders import deduplicate_orders
from tests.unit.rule_chain import CLIENT, DIRECTORY, Raw, leg

RULES = {CALL_RECORDS: deduplicate_calls, ORDER_EVENTS: deduplicate_orders, CLIENT_BASE: announce_clients}
Facts = dict[str, list[dict[str, Any]]]
"""Topic of facts -> signed facts."""


def order(order_id: str, created: str, **fields: Any) -> Raw:
    event = {
        "v": 1,
        "organisation": "orbita",
        "order_id": order_id,
        "revision": 0,
        "created_at": f"2026-03-01T{created}Z",
        "occurred_at": f"2026-03-01T{created}Z",
        "state": "completed",
        "source": "operator",
        "service": "city",
        "phone": CLIENT,
        "price": 35_000,
        "currency": "RUB",
        "observed_at": "2026-03-01T12:00:00Z",
    } | fields
    return Raw(f"{event['organisation']}/{event['order_id']}".encode(), orjson.dumps(event))


def known(phone: str, since: str) -> Raw:
    entry = {"v": 1, "organisation": "orbita", "phone": phone, "first_order_at": since, "observed_at": since}
    return Raw(b"orbita", orjson.dumps(entry))


BROKEN = Raw(b"pbx-1", b"not json")
RECORDS = {
    CALL_RECORDS: [
        leg("r1", call_id="c1", answered="10:00:10"),
        leg("r2", call_id="c2", start="11:00:00", end="11:00:03"),
        leg("r3", call_id="c3", start="2026-03-29T20:59:59.999Z", end="2026-03-29T21:30:00Z", gateway="GSM2"),
        leg("r1", call_id="c1", revision=1, answered="10:00:20"),
        BROKEN,
        leg("r4", call_id="c4", direction="internal", gateway=None),
        leg("r5", call_id="c1", server="pbx-2", start="09:00:00", end="09:00:40"),
        leg("r6", call_id="c6", gateway="nobody"),
    ],
    ORDER_EVENTS: [
        order("o1", "10:01:00"),
        order("o2", "11:30:00", source="app", phone="+79160000002"),
        order("o2", "11:30:00", source="app", phone="+79160000002", revision=1, state="cancelled"),
        order("o3", "11:40:00", organisation="nobody"),
        order("o4", "11:40:00", organisation="nobody else"),
    ],
    CLIENT_BASE: [known("+79160000002", "2020-01-01T00:00:00Z")],
}


class Installation:
    """What a pipeline leaves behind: raw records, dead letters, committed offsets, and rows in the store."""

    def __init__(self, bootstrap: str) -> None:
        self.bootstrap = bootstrap
        self.records: dict[Topic, list[Raw]] = {topic: [] for topic in RECORDS}
        apply(bootstrap, Wanted())
        self._producer = KafkaProducer(bootstrap_servers=bootstrap)

    def produce(self, topic: Topic, *records: Raw) -> list[Any]:
        self.records[topic] += records
        sent = [
            self._producer.send(topic.name, each.value, each.key, partition=partition_of(each.key or b"", 4))
            for each in records
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

    def facts(self) -> Facts:
        """As the rules say them: the calls in two chunks, so that something is taken back."""
        activity, facts = [], Facts({CALL_FACTS.name: [], ORDER_FACTS.name: []})
        for topic, rule in RULES.items():
            state = MemoryState()
            for chunk in (self.records[topic][:3], self.records[topic][3:]):
                activity += [Raw(key, value) for _, key, value in rule(chunk, state, DIRECTORY).emitted]
        state = MemoryState()
        for chunk in (activity[:4], activity[4:]):
            for topic, _, value in classify_clients(chunk, state, DIRECTORY).emitted:
                facts[topic.name].append(orjson.loads(value))
        return facts

    def close(self) -> None:
        self._producer.close()


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """Of a broker of its own: verify reads the raw topics whole, whoever wrote there."""
    folder: Path = tmp_path_factory.mktemp("kafka-of-verify")
    with LocalBroker(folder) as broker, closing(Installation(broker.address)) as made:
        for topic, records in RECORDS.items():
            for place, record in zip(made.produce(topic, *records), records, strict=True):
                if record == BROKEN:
                    made.bury(place, "not_json")
        made.pass_everything()
        yield made


@pytest.fixture
def client(engine: Engine, database: str) -> Iterator[Client]:
    with closing(engine.writer(database)) as writer:
        yield writer


@pytest.fixture
def tables(engine: Engine, database: str) -> Iterator[StoreTables]:
    with closing(engine.reader(database)) as reader:
        yield StoreTables(Store(reader, 1, PROVIDER))


@pytest.fixture
def verify(installation: Installation, tables: StoreTables) -> Iterator[Callable[[], Verdict]]:
    with Progress(installation.bootstrap, 1) as progress:

        def run() -> Verdict:
            broker, silence = installation.bootstrap, lambda text: None
            return Verification(broker, tables, lambda: DIRECTORY, progress, 1.0, silence, explain=100).run()

        yield run


def load(client: Client, facts: Facts, first: int = 0) -> None:
    """As the loader does, but for Kafka."""
    for mapping in (CALLS, ORDERS):
        said = facts[mapping.topic.name]
        entries = [Entry(first + number, fact) for number, fact in enumerate(said)]
        store = FactStore(client, mapping, 1, mapping.topic.name)
        if entries:
            store.insert(Batch(0, first, first + len(said) - 1, entries), store.clock_ms() + 60_000)


def only(facts: Facts, *ids: str) -> Facts:
    return {topic: [fact for fact in said if fact["id"] in ids] for topic, said in facts.items()}


def wrong(verdict: Verdict) -> list[str]:
    return [pair.table for pair in verdict.wrong]


def test_nothing_is_found_where_all_is_right(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    load(client, installation.facts())
    verdict = verify()
    assert verdict.good, [str(pair) for pair in verdict.wrong]
    assert verdict.records == {topic.name: len(records) for topic, records in installation.records.items()}
    assert verdict.refused["not_json"] == 1
    assert (verdict.rows["call_facts"], verdict.rows["order_facts"]) == (6, 4)
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
    load(client, only(facts, "c2", "o1"), first=1_000)
    verdict = verify()
    assert set(wrong(verdict)) == set(TABLES)
    assert '"id"' not in str(verdict.wrong[0])
    assert "sign expected 1 found 2" in str(verdict.wrong[0])


def test_a_fact_with_another_value_is_found_and_explained(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    """By the raw records behind it, the definition, and the calls and orders of its phone."""
    facts = installation.facts()
    load(client, {topic: [_off(fact) for fact in said] for topic, said in facts.items()})
    call, brought = (pair for pair in verify().wrong if pair.table.endswith("_facts"))
    assert str(call) == "call_facts [\"pbx-1\",\"c2\"]: phone expected '+79161234567' found '+79990000000'"
    assert str(brought) == "order_facts [\"orbita\",\"o1\"]: attribution expected 'B' found 'D'"
    explained = verify().explained
    assert explained[call.place][0].startswith("8 Phone: ")
    assert "telephony.call-records[" in explained[call.place][1]
    assert "record_id r2 revision 0 call_id c2" in explained[call.place][1]
    lines = "\n".join(explained[brought.place])
    assert "A its card names a counted call; B same service and phone" in lines
    assert "dispatch.order-events[" in lines
    assert "2026-03-01T10:00:00.000Z call pbx-1/c1 to city, inbound, answered" in lines


def _off(fact: dict[str, Any]) -> dict[str, Any]:
    """Not the measures: so only the facts are off."""
    return fact | {"c2": {"phone": "+79990000000"}, "o1": {"attribution": "D"}}.get(fact["id"], {})


@pytest.mark.parametrize("table", [table for table in TABLES if not table.endswith("_facts")])
def test_a_rollup_alone_that_is_off_is_found(
    table: str, installation: Installation, client: Client, tables: StoreTables, verify: Callable[[], Verdict]
) -> None:
    """A row changed behind the views: what feeds a coarser table is cut off first, so that only this one is off."""
    load(client, installation.facts())
    kind = table.partition("_")[0]
    for fed in ("daily", "weekly", "monthly", "hourly_by_service", "daily_by_service"):
        client.command(f"DROP VIEW feed_{kind}_{fed}_g1")
    measure = "contacts_lost" if kind == "calls" else "revenue"
    client.command(f"INSERT INTO {table}_g1 (organisation, time, {measure}) VALUES ('orbita', '2026-03-01', 7)")  # noqa: S608
    for verdict in (verify(), verify_rollups(tables, lambda text: None)):
        (pair,) = verdict.wrong
        assert (pair.table, pair.expected) == (table, ())
        assert orjson.loads(pair.found[0])[measure] == 7
        assert not verdict.undecided


def test_a_row_of_a_rollup_is_explained_by_its_facts(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    load(client, installation.facts())
    client.command("INSERT INTO orders_monthly_g1 SELECT * FROM orders_monthly_g1 WHERE number = '+74951110001'")
    verdict = verify()
    (pair,) = verdict.wrong
    assert "revenue expected 35000 found 70000" in str(pair)
    assert any("order_facts orbita/o1 {" in line for line in verdict.explained[pair.place])


def test_the_quick_way_compares_rollups_with_the_facts_of_the_store_only(
    installation: Installation, client: Client, tables: StoreTables
) -> None:
    facts = installation.facts()
    load(client, only(facts, "c1", "c2", "o1"))
    load(client, only(facts, "c2"), first=1_000)
    verdict = verify_rollups(tables, lambda text: None)
    assert verdict.good, [str(pair) for pair in verdict.wrong]
    assert verdict.rows["calls_hourly"] > 0
    assert verdict.rows["orders_monthly"] > 0


def test_records_that_the_flow_has_not_passed_give_no_verdict(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    load(client, installation.facts())
    installation.produce(ORDER_EVENTS, order("o9", "11:50:00"))
    try:
        with pytest.raises(VerifyError, match="deduplicate_orders hangs at dispatch"):
            verify()
    finally:
        installation.pass_everything()
    assert "o9" in str(verify().wrong[0])


def test_dead_letters_are_exactly_the_refused(
    installation: Installation, client: Client, verify: Callable[[], Verdict]
) -> None:
    """A letter about a valid record, and one too many about a refused one; of any raw topic."""
    load(client, installation.facts())
    assert verify().good
    (valid,) = installation.produce(CALL_RECORDS, RECORDS[CALL_RECORDS][0])
    (refused,) = installation.produce(CLIENT_BASE, Raw(b"orbita", b"[]"))
    installation.pass_everything()
    assert wrong(verify()) == ["dead-letters"]
    installation.bury(refused, "wrong_type")
    assert verify().good
    installation.bury(refused, "wrong_type")
    installation.bury(valid, "bad_time")
    assert len(verify().wrong) == 2
