"""Rows that count in no metric (unmapped, internal, taken back) change no answer: no value, and no bucket either."""

from datetime import UTC, datetime

from clickhouse.engine import Engine
from clickhouse.loader.mapping import CALLS
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER
from clickhouse.queries.timeseries import timeseries
from streams.contracts.directory import Entities
from streams.directory import Directory
from tests.integration.random_world import AFTER_ALL, DIRECTORY, insert, uncounted_call


def test_an_hour_that_the_clock_skips_is_not_shown_for_a_call_that_does_not_count(
    engine: Engine, database: str
) -> None:
    """An unmapped call is in its server's clock, which shows that hour."""
    unmapped = uncounted_call(at=datetime(2026, 3, 29, 2, 30, tzinfo=UTC))
    berlin = Entities(organisations=DIRECTORY.entities.organisations[:1], services=DIRECTORY.entities.services[:1])
    question = {"metric": ["calls"], "from": ["2026-03-29"], "to": ["2026-03-29T05:00"], "step": ["hour"]}
    with engine.writer(database) as writer, engine.reader(database) as reader:
        insert(writer, CALLS, [(unmapped, 1)], 0)
        answer = timeseries(Store(reader, 1, PROVIDER), Directory(berlin), question, AFTER_ALL)
    assert [label[11:13] for label in answer["buckets"]] == ["00", "01", "03", "04"]
