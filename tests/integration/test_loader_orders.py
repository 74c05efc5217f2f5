"""The second kind of facts: orders have a topic, a group and tables of their own, and are loaded as exactly."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from kafka import KafkaProducer

from clickhouse.engine import Engine
from clickhouse.loader import run as loader_run
from clickhouse.loader.errors import LoaderError
from clickhouse.loader.generations import run_loaders
from clickhouse.loader.mapping import CALLS, ORDERS
from tests.integration.fact_rows import everywhere, expected, fact, order, stored
from tests.integration.loader_rig import LoaderRig, await_true, made

STEPS = ("loader.before_intent", "loader.after_intent", "loader.after_insert", "loader.after_confirm")


@pytest.fixture
def rig(bootstrap: str, engine: Engine, shared_database: str) -> Iterator[LoaderRig]:
    with made(bootstrap, engine, shared_database, ORDERS) as rigged:
        yield rigged


class StruckError(RuntimeError):
    """What a test put into the loader's way."""


@pytest.mark.parametrize("step", STEPS)
def test_orders_count_once_also_where_a_loader_dies(rig: LoaderRig, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    rig.say((order(number) for number in range(60)), partition=0)
    rig.say([order(100), order(100, sign=-1), order(100, state="cancelled", orders_completed=0)], partition=1)

    def hit(passed: str) -> None:
        if passed == step:
            raise StruckError(step)

    monkeypatch.setattr(loader_run, "hit_sync", hit)
    assert isinstance(rig.run(), StruckError)
    monkeypatch.undo()
    rig.load()
    assert rig.stored()["orders_monthly"]["orders"] == 61
    assert rig.stored()["orders_monthly"]["orders_completed"] == 60


def test_both_kinds_are_loaded_side_by_side_from_topics_of_their_own(rig: LoaderRig) -> None:
    with both(rig) as calls:
        calls.say([fact(1), fact(2)])
        rig.say([order(1), order(2), order(3)])
        await_true(lambda: calls.all_in() and rig.all_in())
    assert stored(rig.client, rig.generation, CALLS) == everywhere(expected(calls.said, CALLS), CALLS)
    assert (calls.committed(), rig.committed()) == ((2, ""), (3, ""))


def test_one_kind_that_cannot_be_loaded_stops_both_and_says_why(rig: LoaderRig) -> None:
    with closing(KafkaProducer(bootstrap_servers=rig.bootstrap)) as producer:
        producer.send(rig.topic, b"[]", partition=0).get(10)
    with pytest.raises(LoaderError, match=f"no fact of {ORDERS.table}"), both(rig):
        await_true(lambda: rig.failed != [])


@contextmanager
def both(rig: LoaderRig) -> Iterator[LoaderRig]:
    """`run_loaders` on the generation of the rig; gives a rig for its calls."""
    calls = LoaderRig(rig.bootstrap, rig.engine, rig.database, rig.client, rig.generation, CALLS)
    calls.make_topic()
    stop = threading.Event()

    def work() -> None:
        try:
            run_loaders(rig.settings(), stop, rig.generation)
        except Exception as error:
            rig.failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield calls
    finally:
        stop.set()
        thread.join(40)
        assert not thread.is_alive()
    if rig.failed:
        raise rig.failed[0]
