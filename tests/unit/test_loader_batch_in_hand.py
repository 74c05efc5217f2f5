"""A loader that lost a partition and got it back forgets the batch in hand: the owner in between announced its own.

Holds "each record counted once" where the lost partition comes back before the old batch's deadline.
"""

from types import SimpleNamespace
from typing import Any, cast

from clickhouse.errors import StoreAwayError
from clickhouse.loader.batch import Entry
from clickhouse.loader.lane import Lane, Limits
from clickhouse.loader.progress import LoaderProgress
from clickhouse.loader.run import Loader, LoaderSettings


class Membership:
    """Of partition 0, in memory."""

    def __init__(self, lane: Lane) -> None:
        self.lanes = {0: lane}

    def announce(self, batch: object) -> None: ...


class Store:
    """Away as long as it is told to be."""

    def __init__(self) -> None:
        self.mapping = SimpleNamespace(month=lambda _: 0)
        self.away = True
        self.inserted: list[tuple[int, int]] = []

    def clock_ms(self) -> int:
        return 0

    def insert(self, batch: Any, _insert_by_ms: int) -> None:
        if self.away:
            raise StoreAwayError("away")
        self.inserted.append((batch.first, batch.last))


def entries(first: int, last: int) -> list[Entry]:
    return [Entry(offset, {"observed_at": 0}) for offset in range(first, last + 1)]


def test_a_batch_in_hand_is_dropped_when_its_partition_went_and_came_back() -> None:
    store, membership = Store(), Membership(Lane(0, 10, waiting=entries(10, 19)))
    settings = LoaderSettings(kafka="", engine=cast(Any, None), limits=Limits(quiet_s=0))
    loader = Loader(settings, cast(Any, membership), cast(Any, store), LoaderProgress())
    assert loader._take_up()
    assert not loader._advance()  # announced 10-19, the store is away
    membership.lanes[0] = Lane(0, 10, announced_last=14, waiting=entries(10, 19))  # another loader announced 10-14
    store.away = False
    assert loader._take_up()
    assert loader._advance()
    assert store.inserted[0] == (10, 14)
    assert loader.progress.repeated_batches == 1
