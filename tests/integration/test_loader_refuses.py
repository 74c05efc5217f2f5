"""What no retry can cure stops the loader with a message that says what was found, where, and what to do."""

from collections.abc import Iterator

import pytest

from clickhouse.engine import Engine
from clickhouse.loader.errors import LoaderError
from clickhouse.migrate import create_generation
from tests.integration.fact_rows import fact
from tests.integration.loader_rig import LoaderRig, await_true, made


@pytest.fixture
def rig(bootstrap: str, engine: Engine, shared_database: str) -> Iterator[LoaderRig]:
    with made(bootstrap, engine, shared_database) as rigged:
        yield rigged


def refusal(rig: LoaderRig) -> str:
    error = rig.run()
    assert isinstance(error, LoaderError), error
    return str(error)


def test_a_window_shorter_than_needed(rig: LoaderRig) -> None:
    rig.client.command(f"ALTER TABLE {rig.tables[3]} MODIFY SETTING non_replicated_deduplication_window = 3")
    assert f"{rig.tables[3]} remembers the last 3 inserted blocks" in refusal(rig)


def test_a_topic_that_is_not_there(rig: LoaderRig) -> None:
    rig.generation += 100_000
    create_generation(rig.client, rig.generation)
    assert f"there is no topic {rig.topic}" in refusal(rig)


def test_tables_that_are_not_there(rig: LoaderRig) -> None:
    rig.generation += 200_000
    assert f"there is no table {rig.tables[0]}: run `pulse migrate`" in refusal(rig)


def test_a_topic_made_anew_under_a_surviving_store(rig: LoaderRig) -> None:
    rig.say([fact(1)])
    rig.load()
    rig.delete_topic()
    await_true(lambda: _made_again(rig))
    assert f"the store was filled from another {rig.topic}" in refusal(rig)


def _made_again(rig: LoaderRig) -> bool:
    """A topic that is being deleted can't be made for a moment."""
    try:
        rig.make_topic()
    except Exception:
        return False
    return True


def test_an_empty_store_under_a_surviving_topic(rig: LoaderRig) -> None:
    rig.say([fact(1)])
    rig.load()
    rig.client.command("TRUNCATE TABLE stored_topics")
    assert "the store was replaced" in refusal(rig)


def test_offsets_that_kafka_has_forgotten(rig: LoaderRig) -> None:
    rig.say([fact(1)])
    rig.load()
    rig.forget_offsets()
    assert "Kafka has forgotten how far they go" in refusal(rig)


def test_a_row_that_the_table_does_not_take(rig: LoaderRig) -> None:
    rig.say([fact(1), fact(2) | {"utc_offset_min": 1 << 40}])
    assert "offset 1 of partition 0 of facts.calls" in refusal(rig)


def test_a_record_that_is_no_fact(rig: LoaderRig) -> None:
    rig.say(["not a fact"])  # type: ignore[list-item]
    assert "offset 0" in refusal(rig)
