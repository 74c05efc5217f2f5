"""The invariants of the definitions, on random worlds: with the rules held to the same facts, they hold for both."""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import product
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings

from clickhouse.families import FAMILIES, Family
from clickhouse.metrics import BY_NAME
from clickhouse.metrics.parts import CUTS
from clickhouse.verify.records import CONTRACTS
from clickhouse.verify.rollups import rollup
from streams.contracts.records import Record, Refused, read
from streams.contracts.topics import CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS
from tests.unit.net_facts import Facts, net_facts
from tests.unit.worlds import World, worlds

some = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
Rows = list[Mapping[str, Any]]


def facts_of(world: World) -> Facts:
    said = {CALL_RECORDS.name: world.calls, ORDER_EVENTS.name: world.orders, CLIENT_BASE.name: world.base}
    records: list[Record] = []
    for topic, messages in said.items():
        for key, value in messages:
            try:
                records.append(read(CONTRACTS[topic], key, value))
            except Refused:
                continue
    return net_facts(records, world.entities)


def total(rows: Iterable[Mapping[str, Any]], *measures: str) -> int:
    return sum(row[measure] for row in rows for measure in measures)


@some
@given(worlds())
def test_1_the_sum_over_buckets_is_the_same_at_every_step_and_equals_the_list(world: World) -> None:
    facts = facts_of(world)
    of: list[tuple[Family, Rows]] = [(FAMILIES[0], [*facts.calls]), (FAMILIES[1], [*facts.orders])]
    for family, rows in of:
        for table, measure in product(family.starts, family.measures):
            assert total((orjson.loads(sums) for _, sums in rollup(rows, table)), measure) == total(rows, measure)


@some
@given(worlds())
def test_1_the_parts_add_up(world: World) -> None:
    """To calls, to orders, to the missed contacts, to the orders of operators. What the catalogue calls parts of a
    metric are no more than it on any fact, and so in any bucket and group."""
    facts = facts_of(world)
    calls, orders = facts.calls, [order for order in facts.orders if order["organisation"]]
    assert total(calls, "calls") == total(calls, "calls_answered", "calls_missed", "calls_short")
    assert total(calls, "contacts_missed") == total(calls, "contacts_recovered", "contacts_lost")
    states = ("orders_completed", "orders_cancelled", "orders_no_car", "orders_no_show", "orders_open")
    assert total(facts.orders, "orders") == total(facts.orders, *states) == len(facts.orders)
    levels = ("attributed_a", "attributed_b", "attributed_c", "attributed_d")
    assert total(orders, *levels) == sum(order["source"] == "operator" for order in orders)
    assert all(call["contacts_converted"] <= call["contacts_demand"] <= call["contacts"] for call in calls)
    for cut, names in CUTS.items():
        measures = [BY_NAME[name].listed for name in names]
        rows: Rows = [*facts.calls] if BY_NAME[cut.whole].family is FAMILIES[0] else [*facts.orders]
        assert all(total([row], *measures) <= row[BY_NAME[cut.whole].listed] for row in rows), cut


@some
@given(worlds())
def test_2_a_phone_is_new_or_unknown_at_most_once_per_scope(world: World) -> None:
    for who, rows in _by_mark(facts_of(world)):
        found: Counter[tuple[str, ...]] = Counter()
        for row in rows:
            found[row["organisation"], row["phone"]] += total([row], *_marks(who, "organisation"))
            found[row["organisation"], row["phone"], row["service"]] += total([row], *_marks(who, "service"))
        assert set(found.values()) <= {0, 1}


@some
@given(worlds())
def test_2_new_in_the_organisation_is_at_most_the_sum_of_new_in_its_services(world: World) -> None:
    """In any bucket, and so on any fact."""
    for who, rows in _by_mark(facts_of(world)):
        for row in rows:
            assert total([row], *_marks(who, "organisation")) <= total([row], *_marks(who, "service"))


@some
@given(worlds())
def test_5_no_organisation_depends_on_anothers_orders_and_known_clients(world: World) -> None:
    def own(messages: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        return [(key, value) for key, value in messages if key.partition(b"/")[0] == b"one"]

    alone = facts_of(World(world.entities, world.calls, own(world.orders), own(world.base)))
    both = facts_of(world)
    assert [each for each in alone.calls if each["organisation"] == "one"] == [
        each for each in both.calls if each["organisation"] == "one"
    ]
    assert [*alone.orders] == [each for each in both.orders if each["organisation"] == "one"]


def _by_mark(facts: Facts) -> list[tuple[str, Rows]]:
    calls: Rows = [*facts.calls]
    orders: Rows = [*facts.orders]
    return [("callers", calls), ("clients", orders), ("ordering_clients", orders)]


def _marks(who: str, scope: str) -> tuple[str, str]:
    return f"new_{who}_{scope}", f"unknown_{who}_{scope}"
