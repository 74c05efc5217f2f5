"""The list behind every point is as long as the point is high, at every step and for any filter; nothing twice."""

import random
from collections.abc import Iterator
from typing import Any

import pytest

from clickhouse.metrics import BY_NAME, METRICS
from clickhouse.metrics.metric import Sum
from clickhouse.queries.lists import Page, rows_behind
from clickhouse.queries.run import Store
from clickhouse.queries.timeseries import timeseries
from tests.integration.random_world import (
    AFTER_ALL,
    DIRECTORY,
    Facts,
    Question,
    matches,
    moment,
    random_facts,
    random_question,
    stored,
)

ADDITIVE = [metric.name for metric in METRICS if isinstance(metric.formula, Sum)]


@pytest.fixture(scope="module")
def facts() -> Facts:
    return random_facts()


@pytest.fixture(scope="module")
def store(facts: Facts, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with stored(facts, tmp_path_factory.mktemp("clickhouse")) as opened:
        yield opened


@pytest.mark.parametrize("seed", range(8))
def test_the_list_behind_a_point_is_as_long_as_the_point_is_high(store: Store, facts: Facts, seed: int) -> None:
    """For every additive metric; of money and time the sum is as high. Nothing is listed twice or left out."""
    chance = random.Random(1_000 + seed)
    for _ in range(6):
        question = random_question(chance) | {"metric": [chance.choice(ADDITIVE)]}
        question = {name: given for name, given in question.items() if may_be_asked(name, given, question)}
        answer = timeseries(store, DIRECTORY, question, AFTER_ALL)
        for series in chance.sample(answer["series"], min(3, len(answer["series"]))):
            happened = [n for n, value in enumerate(series["values"]) if value] or [0]
            for bucket in chance.sample(happened, min(3, len(happened))):
                point = listed(store, question, series["group"], answer["buckets"][bucket])
                assert height(point) == series["values"][bucket], (question, answer["buckets"][bucket], series["group"])
            assert_lists_all(store, facts, question, series["group"], series["total"])


def may_be_asked(name: str, given: list[str], question: Question) -> bool:
    of_orders = BY_NAME[question["metric"][0]].family.name == "orders"
    return of_orders or not {name, *given} & {"source", "state"}


def listed(store: Store, question: Question, group: dict[str, str], bucket: str = "", **more: str) -> Page:
    asked = {name: given for name, given in question.items() if name != "by"}
    asked |= {name: [value] for name, value in {**group, **more}.items()} | ({"bucket": [bucket]} if bucket else {})
    return rows_behind(BY_NAME[question["metric"][0]].behind, store, DIRECTORY, asked, AFTER_ALL)


def height(page: Page) -> int:
    return page["total"] if page["sum"] is None else page["sum"]


def assert_lists_all(store: Store, facts: Facts, question: Question, group: dict[str, str], total: Any) -> None:
    """Page by page, in the order of their moments."""
    page = listed(store, question, group, limit="7")
    rows = page["rows"]
    while page["next_cursor"]:
        page = listed(store, question, group, limit="500", cursor=page["next_cursor"])
        rows += page["rows"]
    metric = BY_NAME[question["metric"][0]]
    measure = metric.formula.measure if isinstance(metric.formula, Sum) else ""
    narrowed = question | {name: [value] for name, value in group.items()}
    own = [fact for fact in facts[metric.family.name] if matches(fact, narrowed) and fact[measure]]
    assert (height(page), page["total"]) == (total, len(own))
    assert [row["id"] for row in rows] == [fact["id"] for fact in sorted(own, key=lambda f: (moment(f), f["id"]))]
    assert all(metric.name in row["counts_in"] for row in rows)
