"""A round of the loader: at most one batch between two polls, whatever waits, and each lane in its turn."""

from types import SimpleNamespace
from typing import Any, cast

from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.lane import Lane, Limits
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import Loader, LoaderSettings


class Membership:
    """Of two partitions, in memory; writes down what it is asked."""

    def __init__(self, *lanes: Lane) -> None:
        self.lanes = {lane.partition: lane for lane in lanes}
        self.asked: list[str] = []

    def poll(self, _timeout_s: float, _now: float, _most_waiting: int) -> None:
        self.asked.append("poll")

    def announce(self, batch: Batch) -> None:
        self.asked.append(f"announce {batch.partition}:{batch.first}-{batch.last}")

    @property
    def unconfirmed(self) -> set[int]:
        return {partition for partition, lane in self.lanes.items() if not lane.confirmed}

    def confirm(self) -> None:
        self.asked.append("confirm")

    def end(self, _partition: int) -> None:
        return None


def lane(partition: int, rows: int) -> Lane:
    return Lane(partition, 0, waiting=[Entry(offset, {"observed_at": 0}) for offset in range(rows)])


def loader(membership: Membership) -> Loader:
    store = SimpleNamespace(mapping=SimpleNamespace(month=lambda _: 0), clock_ms=lambda: 0, insert=lambda *_: None)
    settings = LoaderSettings(kafka="", engine=cast(Any, None), limits=Limits(most_rows=10))
    return Loader(settings, cast(Any, membership), cast(Any, store), LoaderProgress())


def test_the_group_is_asked_between_any_two_batches_and_the_last_one_is_confirmed() -> None:
    membership = Membership(lane(0, 20))
    rounds = loader(membership)
    for _ in range(3):
        rounds.step()
    assert membership.asked == ["poll", "announce 0:0-9", "poll", "announce 0:10-19", "poll", "confirm"]


def test_a_lane_with_much_to_do_does_not_keep_the_others_waiting() -> None:
    membership = Membership(lane(0, 100), lane(1, 20))
    rounds = loader(membership)
    for _ in range(4):
        rounds.step()
    announced = [said for said in membership.asked if said.startswith("announce")]
    assert announced == ["announce 0:0-9", "announce 1:0-9", "announce 0:10-19", "announce 1:10-19"]
