"""The loader: facts topic -> fact table, each record counted once whatever is killed, paused or away meanwhile.

Comes in: records of the partitions that the group gives this loader. Goes out: batches in the store. Before a batch is
inserted it is announced in the group's committed offset, so that whoever comes next can repeat exactly it; its token
lets the store drop what had landed, and its deadline keeps a paused loader from coming back with it later.
"""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from clickhouse_connect.driver.client import Client

from clickhouse.engine import DATABASE, Engine
from clickhouse.errors import StoreAwayError, StoreError, TooLateError
from clickhouse.loader.batch import Batch
from clickhouse.loader.errors import KafkaAwayError, LoaderError
from clickhouse.loader.identity import TopicIdentity, is_known, read_identity, remember
from clickhouse.loader.lane import Lane, Limits
from clickhouse.loader.mapping import CALLS, FactsMapping
from clickhouse.loader.membership import Membership, NotOwnerError
from clickhouse.loader.progress import LoaderProgress, PartitionProgress
from clickhouse.loader.store import FactStore
from clickhouse.loader.windows import check_windows
from streams.failpoints import hit_sync

log = logging.getLogger(__name__)

POLL_S = 0.1
BUSY_POLL_S = 0.01
MOST_WAIT_S = 5.0
INSERT_WITHIN_MS = 60_000
"""From just before the announcement on; later the store refuses the batch, and it is announced again."""


@dataclass(frozen=True)
class LoaderSettings:
    """`instance` names the only loader of a data folder: after a restart it has its partitions back at once."""

    kafka: str
    engine: Engine
    database: str = DATABASE
    generation: int = 1
    instance: str | None = None
    session_timeout_s: float = 10.0
    limits: Limits = field(default_factory=Limits)

    @property
    def member(self) -> dict[str, object]:
        session_ms = int(self.session_timeout_s * 1_000)
        return {
            "group_instance_id": self.instance,
            "session_timeout_ms": session_ms,
            "heartbeat_interval_ms": session_ms // 4,
        }


@dataclass
class Attempt:
    """The batch in hand: at most one, and nothing else is inserted until it is in."""

    batch: Batch
    lane: Lane
    insert_by_ms: int | None = None
    """None: to be announced (again)."""
    failures: int = 0
    not_before: float = 0.0

    def put_off(self, now: float) -> None:
        self.failures += 1
        self.not_before = now + min(POLL_S * 2**self.failures, MOST_WAIT_S)


@dataclass
class Loader:
    """One thread's work; `step` is one round of it."""

    settings: LoaderSettings
    membership: Membership
    store: FactStore
    progress: LoaderProgress
    attempt: Attempt | None = field(default=None, init=False)
    busy: bool = field(default=False, init=False)
    """Whether the last round put a batch in: the next one may be waiting already."""

    def step(self) -> None:
        """At most one batch, so that the group never waits for more than that."""
        standing = self.attempt is not None
        most_waiting = 0 if standing else self.settings.limits.most_rows
        self.membership.poll(BUSY_POLL_S if self.busy else POLL_S, time.monotonic(), most_waiting)
        self.busy = self._take_up() and self._advance()
        if not self.busy:
            self.confirm()
        self._report()

    def confirm(self) -> None:
        """What is in and not yet known to be: where no next batch is there to say so, and in the end."""
        if self.membership.unconfirmed:
            hit_sync("loader.before_confirm")
            self.membership.confirm()
            hit_sync("loader.after_confirm")

    def _take_up(self) -> bool:
        """Is a batch in hand, and is it time? One of a lane that was given away is dropped: its next owner has it."""
        if self.attempt is not None and not self._owned(self.attempt):
            self.attempt = None
        if self.attempt is None:
            batch = self._next_batch()
            self.attempt = None if batch is None else self._begun(batch)
        return self.attempt is not None and self.attempt.not_before <= time.monotonic()

    def _begun(self, batch: Batch) -> Attempt:
        lane = self.membership.lanes[batch.partition]
        self.progress.repeated_batches += lane.announced_last is not None
        return Attempt(batch, lane)

    def _owned(self, attempt: Attempt) -> bool:
        """A lane that went and came back is another one: its owner in between may have announced a longer batch."""
        return self.membership.lanes.get(attempt.batch.partition) is attempt.lane

    def _next_batch(self) -> Batch | None:
        """Announced batches first: while the fate of one is open nothing else is inserted, so no token is forgotten."""
        lanes = sorted(self.membership.lanes.values(), key=lambda lane: lane.waiting_since)
        announced = [lane for lane in lanes if lane.announced_last is not None]
        now = time.monotonic()
        found = (
            (lane.repeated() for lane in announced)
            if announced
            else (lane.due(self.store.mapping, self.settings.limits, now) for lane in lanes)
        )
        return next((batch for batch in found if batch is not None), None)

    def _advance(self) -> bool:
        """Announce, insert; False where it has to be tried again later."""
        attempt = self.attempt
        if attempt is None:
            return False
        try:
            self._load(attempt)
        except TooLateError as late:
            attempt.insert_by_ms = None
            self._put_off(attempt, late)
            return False
        except (StoreAwayError, KafkaAwayError) as away:
            self._put_off(attempt, away)
            return False
        self.attempt = None
        return True

    def _load(self, attempt: Attempt) -> None:
        batch = attempt.batch
        if attempt.insert_by_ms is None:
            # before the announcement: a pause behind it, however long, then ends with a refusal by the store
            insert_by_ms = self.store.clock_ms() + INSERT_WITHIN_MS
            hit_sync("loader.before_intent")
            self.membership.announce(batch)
            hit_sync("loader.after_intent")
            attempt.insert_by_ms = insert_by_ms
        hit_sync("loader.before_insert")
        self.store.insert(batch, attempt.insert_by_ms)
        hit_sync("loader.after_insert")
        attempt.lane.settle(batch, time.monotonic())
        self.progress.inserted(len(batch.entries), time.time())

    def _put_off(self, attempt: Attempt, why: Exception) -> None:
        attempt.put_off(time.monotonic())
        self.progress.failed(str(why))
        log.warning("%s not in yet, attempt %d: %s", attempt.batch, attempt.failures, why)

    def _report(self) -> None:
        if self.attempt is None:
            self.progress.last_error = ""
        self.progress.partitions = {
            partition: PartitionProgress(
                next_offset=lane.next_offset,
                waiting=len(lane.waiting),
                oldest_observed_ms=lane.waiting[0].fact["observed_at"] if lane.waiting else None,
                end=self.membership.end(partition),
            )
            for partition, lane in self.membership.lanes.items()
        }


def run_loader(
    settings: LoaderSettings,
    stop: threading.Event,
    progress: LoaderProgress | None = None,
    mapping: FactsMapping = CALLS,
) -> None:
    """Until `stop`; raises LoaderError where no retry can help. To be run in a thread of its own."""
    progress = LoaderProgress() if progress is None else progress
    client = settings.engine.writer(settings.database)
    try:
        _run(settings, stop, progress, mapping, client)
    except (LoaderError, StoreError) as error:
        progress.failed(str(error))
        raise
    finally:
        client.close()


def _run(
    settings: LoaderSettings,
    stop: threading.Event,
    progress: LoaderProgress,
    mapping: FactsMapping,
    client: Client,
) -> None:
    check_windows(client, mapping.tables(settings.generation))
    identity = read_identity(settings.kafka, mapping.topic.named(settings.generation))
    store = FactStore(client, mapping, settings.generation, identity.topic_id)
    membership = Membership(settings.kafka, store, settings.generation, settings.member)
    try:
        if not is_known(client, identity):
            _begin(client, identity, membership)
        loader = Loader(settings, membership, store, progress)
        while not stop.is_set():
            _survive(loader, progress, loader.step)
        _survive(loader, progress, loader.confirm)
    finally:
        membership.close()


def _begin(client: Client, identity: TopicIdentity, membership: Membership) -> None:
    """The first time that this store meets this topic."""
    if membership.has_progress():
        raise LoaderError(
            f"the store has nothing of {identity.topic}, but Kafka says that the group has loaded some of it: the "
            "store was replaced. Use the former one, or derive everything again from the raw topics"
        )
    remember(client, identity)


def _survive(loader: Loader, progress: LoaderProgress, work: Callable[[], None]) -> None:
    """What the next round sets right by itself."""
    try:
        work()
    except NotOwnerError as lost:
        log.warning("partitions were given to another loader: %s", lost)
        loader.attempt = None
    except (StoreAwayError, KafkaAwayError) as away:
        progress.failed(str(away))
        time.sleep(POLL_S)
