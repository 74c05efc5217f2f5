"""What can be seen of the flow from outside: lag per partition, who holds it, and how long it stood still.

Comes in: a broker's address. Goes out: answers of the moment (`Positions`), and a `Watch` that samples all the time.
Lag is there only where a committed record waits to be read: transaction markers and aborted records are none.
"""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kafka import KafkaAdminClient
from kafka.errors import KafkaError, RetriableError
from kafka.structs import TopicPartition

from streams.progress import Progress, ProgressError, Stage, StagePosition, stages

GENERATION = 1
STAGES = stages(GENERATION)
DEDUPLICATE, CLASSIFY, LOAD = (
    next(stage for stage in STAGES if stage.name == name)
    for name in ("deduplicate_calls", "classify_clients", "loader")
)
WORKER_STAGES = (DEDUPLICATE, CLASSIFY)
LOADER_STAGES = tuple(stage for stage in STAGES if stage.name.startswith("loader"))
SAMPLE_S = 0.25
OWNERS_EVERY_S = 1.0
PATIENCE_S = 20.0


class Positions:
    """Asks the broker; any call may raise KafkaError while it is away. For one thread at a time."""

    def __init__(self, address: str) -> None:
        self._progress = Progress(address, GENERATION, within_s=5.0)
        self._admin = KafkaAdminClient(bootstrap_servers=address, request_timeout_ms=5_000)

    def all(self) -> dict[TopicPartition, StagePosition]:
        return self.of(*STAGES)

    def of(self, *asked: Stage) -> dict[TopicPartition, StagePosition]:
        return {_partition(found): found for stage in asked for found in self._progress.of(stage)}

    def owners(self, stage: Stage) -> dict[str, list[TopicPartition]]:
        """Partitions by the member that holds them: its instance id, else its member id."""
        return {_member(member): _assigned(member) for member in self._group(stage)["members"]}

    def state(self, stage: Stage) -> str:
        return str(self._group(stage)["group_state"])

    def close(self) -> None:
        self._progress.close()
        self._admin.close()

    def _group(self, stage: Stage) -> dict[str, Any]:
        """A broker that has just started knows no coordinators for a moment."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                found: dict[str, Any] = self._admin.describe_groups([stage.group])[stage.group]
            except RetriableError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(SAMPLE_S)
            else:
                return found


def lag(
    positions: Mapping[TopicPartition, StagePosition], concerned: Iterable[TopicPartition]
) -> dict[TopicPartition, int]:
    """Of the partitions in which a record waits: the offsets from it to the end."""
    waiting = {tp: positions[tp] for tp in concerned if positions[tp].first is not None}
    return {tp: found.end - found.done for tp, found in waiting.items() if found.end > found.done}


def committed(position: StagePosition) -> int:
    return position.committed or 0


def _partition(position: StagePosition) -> TopicPartition:
    return TopicPartition(position.topic, position.partition)


def _member(member: Mapping[str, object]) -> str:
    return str(member.get("group_instance_id") or member["member_id"])


def _assigned(member: Mapping[str, Any]) -> list[TopicPartition]:
    """Nothing while the group has not agreed yet."""
    topics = (member["member_assignment"] or {}).get("assigned_partitions", ())
    return [TopicPartition(topic["topic"], number) for topic in topics for number in topic["partitions"]]


class Watch(threading.Thread):
    """`committed` is the newest; `standstill`: the longest time with something to read and no commit.

    `passed_at`: when the offsets given to `expect` were first seen behind. `ownerless`: the longest time in which a
    partition with something to load was nobody's, although there was a loader; `loading_for_s` says since when.
    """

    def __init__(self, address: str, loading_for_s: Callable[[], float]) -> None:
        super().__init__(name="watch", daemon=True)
        self._address = address
        self._loading_for_s = loading_for_s
        self._nobodys_since: dict[TopicPartition, float] = {}
        self._look_at_owners = 0.0
        self.ownerless: dict[TopicPartition, float] = {}
        self._over = threading.Event()
        self._still_since: dict[TopicPartition, float] = {}
        self._forget = False
        self.committed: dict[TopicPartition, int] = {}
        self.passed_at: dict[TopicPartition, float] = {}
        self._expected: Mapping[TopicPartition, int] = {}
        self.standstill: dict[TopicPartition, float] = {}

    def expect(self, offsets: Mapping[TopicPartition, int]) -> None:
        self.passed_at = {}
        self._expected = offsets

    def forget(self) -> None:
        """A new round begins with the next sample."""
        self._forget = True

    def run(self) -> None:
        positions: Positions | None = None
        while not self._over.wait(SAMPLE_S):
            try:
                positions = positions or Positions(self._address)
                self._sample(positions)
            except (KafkaError, ProgressError, OSError):
                positions = None

    def close(self) -> None:
        self._over.set()
        self.join()

    def _sample(self, positions: Positions) -> None:
        if self._forget:
            self._forget, self.standstill, self.ownerless = False, {}, {}
            self._still_since.clear()
        seen = positions.all()
        for tp, position in seen.items():
            self._note(tp, position, time.monotonic())
        if time.monotonic() > self._look_at_owners:
            self._note_owners(positions, {tp for tp, position in seen.items() if position.first is not None})
            self._look_at_owners = time.monotonic() + OWNERS_EVERY_S

    def _note_owners(self, positions: Positions, waiting: set[TopicPartition]) -> None:
        owned = {tp for stage in LOADER_STAGES for tps in positions.owners(stage).values() for tp in tps}
        loaded = {tp for tp in waiting if tp.topic in {stage.topic for stage in LOADER_STAGES}}
        now = time.monotonic()
        self._nobodys_since = {tp: self._nobodys_since.get(tp, now) for tp in loaded - owned}
        for tp, since in self._nobodys_since.items():
            lasted = min(now - since, self._loading_for_s())
            self.ownerless[tp] = max(lasted, self.ownerless.get(tp, 0.0))

    def _note(self, tp: TopicPartition, position: StagePosition, now: float) -> None:
        moved = committed(position) != self.committed.get(tp)
        self.committed[tp] = committed(position)
        if committed(position) > self._expected.get(tp, committed(position)):
            self.passed_at.setdefault(tp, now)
        if moved or position.first is None:
            self._still_since.pop(tp, None)
        else:
            waited = now - self._still_since.setdefault(tp, now)
            self.standstill[tp] = max(waited, self.standstill.get(tp, 0.0))
