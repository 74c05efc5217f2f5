"""Every number can be counted by hand: each answer of the query layer equals a plain count over the list of facts.

Random questions over all steps, breakdowns, filters and ranges, also such that cut the first and last bucket.
"""

import math
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from clickhouse.metrics import BY_NAME
from clickhouse.queries.answer import Timeseries
from clickhouse.queries.run import Store
from clickhouse.queries.timeseries import timeseries
from streams.contracts.facts import CallFact, OrderFact
from tests.integration.random_world import (
    AFTER_ALL,
    DIRECTORY,
    Fact,
    Facts,
    Question,
    group_of,
    local,
    matches,
    only_zone,
    random_facts,
    random_question,
    stored,
)


@pytest.fixture(scope="module")
def facts() -> Facts:
    return random_facts()


@pytest.fixture(scope="module")
def store(facts: Facts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with stored(facts, tmp_path_factory.mktemp("clickhouse")) as opened:
        yield opened


def test_the_facts_here_have_the_fields_of_the_contract(facts: Facts) -> None:
    assert set(facts["calls"][0]) == set(CallFact.__annotations__)
    assert set(facts["orders"][0]) == set(OrderFact.__annotations__)


@pytest.mark.parametrize("seed", range(12))
def test_every_answer_equals_a_plain_count_of_the_facts(store: Store, facts: Facts, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(6):
        question = random_question(chance)
        answer = timeseries(store, DIRECTORY, question, AFTER_ALL)
        assert_equal(answer, facts, question)


def assert_equal(answer: Timeseries, facts: Facts, question: Question) -> None:
    zone = only_zone(question)
    assert answer["meta"]["time_zone"] == zone
    families = {BY_NAME[metric].family.name for metric in question["metric"]}
    asked = {name: [fact for fact in facts[name] if matches(fact, question)] for name in families}
    assert answer["buckets"] == labels(question, zone)
    groups = {group_of(fact, question["by"][0]) for own in asked.values() for fact in own if counts(fact)}
    found = {(s["metric"], "".join(s["group"].values())): s for s in answer["series"]}
    if question["by"] == ["none"]:
        groups = {""}
    assert set(found) == {(metric, group) for metric in question["metric"] for group in groups}
    for (metric, group), series in found.items():
        all_own = asked[BY_NAME[metric].family.name]
        own = [fact for fact in all_own if group_of(fact, question["by"][0]) == group]
        by_label: dict[str, list[Fact]] = {label: [] for label in answer["buckets"]}
        for fact in own:
            by_label[label_of(fact, question["step"][0], zone)].append(fact)
        for label, value in zip(answer["buckets"], series["values"], strict=True):
            assert_same(metric, value, by_label[label], (label, group, question))
        assert_same(metric, series["total"], own, ("total", group, question))


def counts(fact: Fact) -> bool:
    return "orders" in fact or bool(fact["calls"] or fact["calls_outbound"] or fact["calls_staff"])


def labels(question: Question, zone: str | None) -> list[str]:
    """By walking every quarter of an hour of the range."""
    start, end = (datetime.fromisoformat(question[name][0]) for name in ("from", "to"))
    at = ZoneInfo(zone or "UTC")
    now = start.replace(tzinfo=at).astimezone(UTC) - timedelta(hours=3)
    found: dict[str, None] = {}
    while now < end.replace(tzinfo=UTC) + timedelta(hours=15):
        here = now.astimezone(at)
        if start <= here.replace(tzinfo=None) < end:
            found[label(here, question["step"][0], zone)] = None
        now += timedelta(minutes=15)
    return list(found)


def label_of(fact: Fact, step: str, zone: str | None) -> str:
    return label(local(fact), step, zone)


def label(here: datetime, step: str, zone: str | None) -> str:
    start = here.replace(minute=0, second=0, microsecond=0)
    if step != "hour":
        start = start.replace(hour=0, fold=0)
    if step == "week":
        start -= timedelta(days=start.weekday())
    if step == "month":
        start = start.replace(day=1)
    return (start if zone else start.replace(tzinfo=None)).isoformat(timespec="minutes")


def assert_same(metric: str, value: Any, facts: list[Fact], where: object) -> None:
    expected = PLAIN[metric](facts)
    if expected is None or value is None or not metric.endswith(("_p50", "_p90", "_avg")):
        assert value == expected, (metric, where)
    else:
        within = 0.05 if metric.endswith(("_p50", "_p90")) else 1e-12
        assert math.isclose(value, expected, rel_tol=within), (metric, where)


def total(field: str) -> Callable[[list[Fact]], int]:
    return lambda facts: sum(fact[field] for fact in facts)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def durations(field: str, flag: str, facts: list[Fact]) -> list[int]:
    return sorted(fact[field] for fact in facts if fact[flag])


def plain_durations(name: str, field: str, flag: str) -> dict[str, Callable[[list[Fact]], Any]]:
    def mean(facts: list[Fact]) -> Any:
        found = durations(field, flag, facts)
        return sum(found) / len(found) if found else None

    def nearest_rank(facts: list[Fact], share: int) -> Any:
        found = durations(field, flag, facts)
        return found[-(-share * len(found) // 100) - 1] if found else None

    return {
        f"{name}_avg": mean,
        f"{name}_p50": lambda facts: nearest_rank(facts, 50),
        f"{name}_p90": lambda facts: nearest_rank(facts, 90),
    }


PLAIN: dict[str, Callable[[list[Fact]], Any]] = {
    **{name: total(name) for name in BY_NAME if name in {*CallFact.__annotations__, *OrderFact.__annotations__}},
    **{f"orders_attributed_{level}": total(f"attributed_{level}") for level in "abcd"},
    **plain_durations("wait_answered", "wait_answered_ms", "calls_answered"),
    **plain_durations("wait_missed", "wait_missed_ms", "calls_missed"),
    **plain_durations("talk", "talk_ms", "calls_answered"),
    "talk_time": total("talk_ms"),
    "conversion": lambda facts: share(total("contacts_converted")(facts), total("contacts_demand")(facts)),
    "unique_callers": lambda facts: len({fact["phone"] for fact in facts if fact["calls"] and fact["phone"]}),
}
