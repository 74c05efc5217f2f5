"""`python tests/faults/run.py --rounds N --seed S [--from R]`: faults of all kinds against real processes under load.

Prints a line per round, a table per kind, the kinds that no round was of, and the last line `faults: rounds=…
differences=… unexplained_exits=…`. Exit code 0 only if both are 0. A round that fails, for whatever reason, keeps its
folder and the run goes on. A run that was cut off is gone on with from a round.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.faults import report
from tests.faults.kinds import KINDS, in_order
from tests.faults.round import Kind, Result, run_round, told
from tests.faults.server import ADDRESS, ServerSystem
from tests.faults.system import System

ROUNDS_A_SYSTEM = 12
"""A young history keeps the verification of every round cheap."""
RATE = 400


class Run:
    """Goes through kinds; a system is used again until a kind needs another one or it has become old."""

    def __init__(self, seed: int, folder: Path, first: int = 1) -> None:
        self.seed = seed
        self.folder = folder
        self.results: list[Result] = []
        self._first = first
        self._system: System | None = None
        self._age = 0

    @property
    def round(self) -> int:
        """The one that comes next."""
        return self._first + len(self.results)

    def one(self, kind: Kind) -> Result:
        result = self._tried(kind)
        self._age += 1
        say(report.line(self.round, result))
        self.results.append(result)
        for detail in report.details(result):
            say(detail)
        if kind.last or result.failed or self._age >= ROUNDS_A_SYSTEM:
            self._close(keep=result.failed)
        return result

    def _tried(self, kind: Kind) -> Result:
        """Also a system that does not start is told of as a round, and must not end the run."""
        try:
            system = self._system_for(kind)
        except Exception as problem:
            return Result(kind.name, broken=[told(problem, self._folder)])
        return run_round(system, kind, random.Random(f"{self.seed} {self.round} {kind.name}"))

    @property
    def _folder(self) -> Path:
        """Of a system that is started for this round."""
        return self.folder / f"system-{self.round}"

    def _system_for(self, kind: Kind) -> System:
        if self._system is None or kind.fresh or kind.server != isinstance(self._system, ServerSystem):
            self._close(keep=False)
            make = ServerSystem if kind.server else System
            self._system = make(self._folder, f"{self.seed} {self.round}", RATE)
            self._system.__enter__()
            self._age = 0
        return self._system

    def _close(self, keep: bool) -> None:
        system, self._system = self._system, None
        if system is None:
            return
        try:
            system.__exit__()
        except Exception as problem:
            keep = True
            say(f"    not closed: {told(problem, system.folder)}")
        if keep:
            say(f"    kept: {system.folder}")
        else:
            shutil.rmtree(system.folder, ignore_errors=True)

    def close(self) -> None:
        self._close(keep=False)


def run(kinds: Sequence[Kind], seed: int, folder: Path, first: int = 1) -> list[Result]:
    """Cut off, it tells of the rounds that it has done. `first` is the round of the first kind."""
    going = Run(seed, folder, first)
    try:
        for kind in kinds:
            going.one(kind)
    except KeyboardInterrupt:
        say(f"cut off after {len(going.results)} of {len(kinds)} rounds; to go on: --from {going.round}")
    finally:
        going.close()
    return going.results


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def chosen(names: Sequence[str]) -> tuple[Kind, ...]:
    """A server that is not ours is not killed."""
    possible = [kind for kind in KINDS if not (ADDRESS and kind.ours)]
    if not names:
        return tuple(kind for kind in possible if not kind.named)
    return tuple(kind for kind in possible if any(name in kind.name for name in names))


def main() -> int:
    options = argparse.ArgumentParser(description="Faults against a whole system under load.")
    options.add_argument("--rounds", type=int, default=2 * len(KINDS))
    options.add_argument("--seed", type=int, default=1)
    options.add_argument(
        "--from", type=int, default=1, metavar="ROUND", help="leave out the rounds before it", dest="first"
    )
    options.add_argument("--kind", action="append", default=[], help="only kinds with this in their name")
    given = options.parse_args()
    possible = chosen(given.kind)
    if not possible:
        options.error(f"no kind has one of {given.kind} in its name; tests/faults/README.md lists them")
    if not 1 <= given.first <= given.rounds:
        options.error(f"--from {given.first}: the rounds are 1 to {given.rounds}")
    kinds = list(in_order(possible, given.rounds, random.Random(given.seed)))[given.first - 1 :]
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="pulse-faults-"))
    only = "".join(f" --kind '{name}'" for name in given.kind)
    part = f" --from {given.first}" if given.first > 1 else ""
    say(f"seed {given.seed}; repeat: tests/faults/run.py --rounds {given.rounds} --seed {given.seed}{part}{only}")
    results = run(kinds, given.seed, folder, given.first)
    for line in ("", *report.table(results), *report.not_met(possible, results), report.last_line(results)):
        say(line)
    return 1 if len(results) < len(kinds) or any(result.failed for result in results) else 0


if __name__ == "__main__":
    sys.exit(main())
