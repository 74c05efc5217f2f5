"""Everything derived again from the raw topics, beside what is read, and then swapped in.

Comes in: a Kafka in which a generation is current. Goes out: the next one, derived with the newest directory, current
and drained; nothing of the former. Where it stands is said by the record in `generations` alone, so a rebuild that was
killed goes on when it is run again, wherever that is.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from math import inf
from pathlib import Path
from time import monotonic

from deploy import topics
from deploy.basis import basis
from deploy.cli import DIFFERENT
from deploy.groups import Groups
from deploy.pace import Pace
from deploy.publishing import GenerationsWriter
from deploy.schema import Schema
from deploy.supervisor import Supervisor, how_it_ended
from streams.contracts.generations import Generations
from streams.delivery.retired import drop_retired_everywhere
from streams.directory_topic import read_directory
from streams.drain import Standing, drain
from streams.failpoints import hit_sync
from streams.generations import read_generations
from streams.progress import Progress

CLOSE_BEHIND_S = 5.0
"""What a last drain may take for the swap to follow it at once."""
LOOK_EVERY_S = 3.0
MOVED_WITHIN_S = 90.0
"""Longer than any session time-out: whoever works on a generation has heard of the swap by then."""


class RebuildError(RuntimeError):
    """It cannot go on; the message says why and what to do. Running it again goes on where it was, or begins anew where
    it says so."""


class DirectoryMovedError(RuntimeError):
    """Another directory was applied meanwhile: what is half derived is worth nothing."""


@dataclass(frozen=True)
class Asked:
    kafka: str
    data: Path
    verify: bool = False
    keep: bool = False


@dataclass
class Rebuild:
    """`pulse` gives the command line of a `pulse` command on this data and this Kafka."""

    asked: Asked
    schema: Schema
    supervisor: Supervisor
    pulse: Callable[..., list[str]]
    say: Callable[[str], None]
    tell: Callable[[str], None]

    def run(self) -> None:
        with closing(GenerationsWriter(self.asked.kafka)) as writer:
            found = read_generations(self.asked.kafka)
            if found.swapped:
                self.say(f"going on: generation {found.current} is read, what came before is still to be removed")
                found = self._finish(writer, found)
                if found.basis == self._basis():
                    return
            self._finish(writer, self._fill_and_switch(writer, found))

    def _fill_and_switch(self, writer: GenerationsWriter, found: Generations) -> Generations:
        """Begun anew as often as somebody applies another directory meanwhile."""
        while True:
            found = self._begin(writer, found)
            try:
                return self._switch_when_filled(writer, found)
            except DirectoryMovedError:
                self.say("another directory was applied meanwhile: beginning anew")

    def _begin(self, writer: GenerationsWriter, found: Generations) -> Generations:
        """The topics and tables first: whoever reads of the generation finds them."""
        begun = found.begun(self._basis())
        generation = _next(begun)
        goes_on = begun == found
        self.say(
            f"generation {generation}: {'going on' if goes_on else 'begins'}, beside {found.current} which is read"
        )
        topics.continue_in(self.asked.kafka, found.current, generation)
        self.schema.create(generation)
        hit_sync("rebuild.before_begin")
        writer.write(begun)
        return begun

    def _switch_when_filled(self, writer: GenerationsWriter, found: Generations) -> Generations:
        generation = _next(found)
        with self._worker(generation), Progress(self.asked.kafka, generation) as progress:
            self._drain(progress, found)
            hit_sync("rebuild.filled")
            if self.asked.verify:
                self._verify(writer, found)
            while self._drain(progress, found) > CLOSE_BEHIND_S:
                pass
            switched = found.switched()
            writer.write(switched)
            hit_sync("rebuild.published")
            self.schema.switch_to(generation)
            hit_sync("rebuild.switched")
            self.say(f"generation {generation} is read from now on")
            self._hand_over(generation)
        return switched

    def _finish(self, writer: GenerationsWriter, found: Generations) -> Generations:
        """Nobody works on what is removed: loaders and workers have moved before. The store is switched first, in case
        a rebuild was killed between writing the record and switching."""
        self.schema.switch_to(found.current)
        finished = found.finished(keep=self.asked.keep)
        gone = sorted(found.stored - finished.stored)
        with closing(Groups(self.asked.kafka)) as groups:
            for generation in gone:
                self._left(groups, generation)
                topics.remove(self.asked.kafka, generation)
                groups.remove(generation)
                hit_sync("rebuild.topics_removed")
        for generation in gone:
            self.schema.drop(generation)
        writer.write(finished)
        drop_retired_everywhere(self.asked.data, found.current)
        for generation in gone:
            self.say(f"generation {generation} is removed")
        return finished

    @contextmanager
    def _worker(self, generation: int) -> Iterator[None]:
        """It looks at no share of refused records: those that are in its way were let through once."""
        worker = self.pulse("stream", "--generation", str(generation), "--refused-run", "0", "--refused-ratio", "0")
        self.supervisor.start("rebuild", worker)
        try:
            yield
        finally:
            self.supervisor.stop()

    def _drain(self, progress: Progress, found: Generations) -> float:
        """Seconds that it took to pass what was there when it began."""
        began, looked_at = monotonic(), monotonic()
        pace = Pace(f"generation {progress.generation}", self.tell)

        def tell(standing: Standing) -> None:
            nonlocal looked_at
            pace(standing)
            hit_sync("rebuild.filling")
            self.supervisor.tick()
            self.supervisor.check_starting()
            if monotonic() - looked_at > LOOK_EVERY_S:
                looked_at = monotonic()
                self._check_directory(found)

        drain(progress, inf, tell)
        self._check_directory(found)
        return monotonic() - began

    def _verify(self, writer: GenerationsWriter, found: Generations) -> None:
        """Against the directory of this moment: where that is another one by now, it is no judgement. Nor is it one
        where the command could not decide, or was ended from outside; what differs would do so another time too."""
        generation = _next(found)
        code = self.supervisor.run(self.pulse("verify", "--generation", str(generation)))
        if not code:
            return
        self._check_directory(found)
        if code != DIFFERENT:
            raise RebuildError(f"`pulse verify` {how_it_ended(code)}: run `pulse rebuild` again, it goes on")
        writer.write(found.given_up())
        raise RebuildError(
            f"generation {generation} does not pass `pulse verify`, see above: it was not swapped in, and is given up. "
            "The next `pulse rebuild` begins anew, and removes it"
        )

    def _hand_over(self, generation: int) -> None:
        """Our worker stays until another has come, so that no record waits."""
        with closing(Groups(self.asked.kafka)) as groups:
            if not self._within(lambda: groups.workers(generation) > 1):
                self.say(f"no other worker works on generation {generation}: start `pulse stream`")

    def _left(self, groups: Groups, generation: int) -> None:
        self.tell(f"generation {generation}: waiting until nobody works on it")
        if not self._within(lambda: not groups.members(generation)):
            working = ", ".join(sorted(groups.members(generation)))
            raise RebuildError(
                f"generation {generation} is read no more, but still worked on by {working}: stop that, and run "
                "`pulse rebuild` again to remove it"
            )

    def _within(self, true: Callable[[], bool]) -> bool:
        deadline = monotonic() + MOVED_WITHIN_S
        while not true():
            if monotonic() > deadline:
                return False
            self.supervisor.wait(1.0)
        return True

    def _check_directory(self, found: Generations) -> None:
        if self._basis() != found.basis:
            raise DirectoryMovedError

    def _basis(self) -> str:
        directory = read_directory(self.asked.kafka)
        if directory is None:
            raise RebuildError("no directory is published, so nothing was derived: `pulse directory apply FILE`")
        return basis(directory.digest)


def _next(found: Generations) -> int:
    if found.next is None:
        raise RebuildError("no generation is being filled")
    return found.next
