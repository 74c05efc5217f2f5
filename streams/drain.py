"""Waits until what was produced so far has passed every stage.

Comes in: a `Progress`, and perhaps the raw offsets that are meant. Goes out: None once it is all queryable, else where
it hangs. Stages are waited for in the order of the flow, each against its end taken after the former was drained. A
partition that takes long to read is waited for as one that takes long to be worked through.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic, sleep

from streams.progress import Progress, Stage, StagePosition

POLL_S = 0.3


@dataclass(frozen=True)
class Standing:
    """How a stage stands against the ends it is waited for; `still_s`: for how long none of its partitions moved."""

    stage: str
    waited: tuple[tuple[StagePosition, int], ...]
    still_s: float

    @property
    def left(self) -> int:
        """Offsets still to go, transaction markers included."""
        return sum(max(0, target - position.done) for position, target in self.waited)

    def __str__(self) -> str:
        return f"{self.stage}: {self.left} offsets to go"

    def explain(self) -> str:
        """One line per partition that is not there yet."""
        return "\n".join(
            f"{p.stage} hangs at {p.topic}[{p.partition}]: done up to {p.done}, waiting for {target}, "
            f"committed {'nothing' if p.committed is None else p.committed}, no movement for {self.still_s:.0f} s"
            for p, target in self.waited
            if p.done < target
        )


def drain(
    progress: Progress,
    within_s: float,
    tell: Callable[[Standing], None],
    raw_ends: Mapping[str, Mapping[int, int]] | None = None,
) -> Standing | None:
    """None once all stages are through, else how the one that is not stands when the time is over.

    `raw_ends` (topic to partition to offset) limits what is waited for to the raw records below them.
    """
    deadline = monotonic() + within_s
    for stage in progress.stages:
        ends = (raw_ends or {}).get(stage.topic) or progress.ends(stage)
        hangs = _await(progress, stage, ends, deadline, tell)
        if hangs is not None:
            return hangs
    return None


def _await(
    progress: Progress, stage: Stage, ends: Mapping[int, int], deadline: float, tell: Callable[[Standing], None]
) -> Standing | None:
    moved_at, before = monotonic(), -1
    while True:
        waited = tuple((position, ends.get(position.partition, 0)) for position in progress.so_far(stage))
        done = sum(position.done for position, _ in waited)
        moved_at, before = (moved_at if done == before else monotonic()), done
        standing = Standing(stage.name, waited, monotonic() - moved_at)
        tell(standing)
        if standing.left == 0:
            return None
        if monotonic() >= deadline:
            return standing
        sleep(min(POLL_S, max(0.0, deadline - monotonic())))
