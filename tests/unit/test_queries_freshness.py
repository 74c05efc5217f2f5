"""Complete until: observed_at of the first record not yet through, else now; and how long ago that is."""

from datetime import UTC, datetime

import pytest
from kafka.errors import KafkaConnectionError

from dashboard.freshness import Freshness
from streams.progress import StagePosition, Waiting

NOW = 1_800_000_000_000
HOUR = 3_600_000


class Flow:
    """A broker whose first waiting record was observed at `oldest`; counts how often it is asked."""

    def __init__(self, oldest: int | None = None) -> None:
        self.oldest = oldest
        self.asked = 0
        self.away = False

    def positions(self) -> list[StagePosition]:
        self.asked += 1
        if self.away:
            raise KafkaConnectionError("gone")
        first = None if self.oldest is None else Waiting(3, self.oldest)
        return [StagePosition("loader", "facts.calls.g1", 0, 3, 3, 3 if first is None else 9, first)]


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        self.now += 1
        return self.now


def moment(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1_000, UTC)


def test_now_where_everything_is_through() -> None:
    assert Freshness(Flow(), Clock()).complete_until() == moment(NOW + 2)


def test_the_oldest_record_that_is_not_through() -> None:
    assert Freshness(Flow(NOW - HOUR), Clock()).complete_until() == moment(NOW - HOUR)


def test_an_answer_is_kept_as_long_as_it_is_nearly_now() -> None:
    flow = Flow(NOW - 5_000)
    freshness = Freshness(flow, Clock())
    assert [freshness.complete_until() for _ in range(3)] == [moment(NOW - 5_000)] * 3
    assert flow.asked == 1


def test_what_has_just_come_through_is_not_hidden_by_an_answer_some_seconds_old() -> None:
    flow = Flow(NOW - HOUR)
    freshness = Freshness(flow, Clock())
    freshness.complete_until()
    flow.oldest = None
    found = freshness.complete_until()
    assert found is not None
    assert found >= moment(NOW)


def test_a_broker_that_is_away_leaves_the_last_answer_and_is_told_of_once_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    flow = Flow(NOW - HOUR)
    freshness = Freshness(flow, Clock())
    freshness.complete_until()
    flow.away = True
    for _ in range(3):
        assert freshness.complete_until() == moment(NOW - HOUR)
    assert caplog.messages == [
        "Kafka does not say how far the stages are: KafkaConnectionError: KafkaConnectionError: gone"
    ]


def test_nothing_is_said_before_the_broker_has_answered() -> None:
    flow = Flow()
    flow.away = True
    assert Freshness(flow, Clock()).complete_until() is None


def test_while_the_broker_is_away_we_fall_behind() -> None:
    flow, clock = Flow(), Clock()
    freshness = Freshness(flow, clock)
    assert freshness.behind_ms() is None
    freshness.refresh(NOW)
    flow.away = True
    clock.now += HOUR
    freshness.refresh(clock.now)
    behind_ms = freshness.behind_ms()
    assert behind_ms is not None
    assert behind_ms > HOUR


@pytest.mark.parametrize("away", [False, True], ids=["which is there", "which is away"])
@pytest.mark.parametrize("since", [NOW, NOW + 10])
def test_who_waited_for_another_question_to_the_broker_takes_its_answer(since: int, away: bool) -> None:
    flow, clock = Flow(), Clock()
    flow.away = away
    freshness = Freshness(flow, clock)
    freshness.refresh(NOW)
    freshness.refresh(since)
    assert flow.asked == (1 if since == NOW else 2)
