"""What the rounds found: one line per round, a table per kind, and the last line that a machine reads.

A difference is a fact or rollup row that is not as recomputed, or a promise that was not kept (not drained, stood idle,
a refusal that did not come): both are something other than what the system says it does.
"""

import re
from collections.abc import Iterable, Sequence
from statistics import median

from tests.faults.round import Kind, Result

AT_A_STEP = re.compile(r"(.+ at) (\w+\.\w+)")


def line(number: int, result: Result) -> str:
    progress = "-" if result.progress_s is None else f"{result.progress_s:.1f} s"
    verdict = "FAILED" if result.failed else "ok"
    return f"round {number:>3} {result.kind:<32} lag {result.lag:>6}  progress again {progress:>7}  {verdict}"


def details(result: Result) -> list[str]:
    return [f"    {what}" for what in (*result.notes, *map(str, result.exits), *result.broken)]


def table(results: Sequence[Result]) -> list[str]:
    head = [
        f"{'kind':<32} {'rounds':>6} {'median':>8} {'worst':>8} {'idle':>6} {'differences':>12} {'unexplained':>12}"
    ]
    kinds = dict.fromkeys(result.kind for result in results)
    return [*head, *(_row(kind, [result for result in results if result.kind == kind]) for kind in kinds)]


def differences(results: Iterable[Result]) -> int:
    return sum(result.differences + len(result.broken) for result in results)


def not_met(possible: Sequence[Kind], results: Sequence[Result]) -> list[str]:
    """A line with the kinds that no round was of; none where there was one of each."""
    met = {result.kind for result in results}
    names = [kind.name for kind in possible if kind.name not in met]
    return [f"kinds not met: {len(names)} of {len(possible)}: {', '.join(_folded(names))}"] if names else []


def _folded(names: Iterable[str]) -> list[str]:
    """Steps at which the same is done stand together."""
    steps: dict[str, list[str]] = {}
    for name in names:
        found = AT_A_STEP.fullmatch(name)
        how, step = found.groups() if found else (name, "")
        steps.setdefault(how, []).append(step)
    return [" ".join(filter(None, (how, *at))) for how, at in steps.items()]


def last_line(results: Sequence[Result]) -> str:
    unexplained = sum(len(result.unexplained) for result in results)
    return f"faults: rounds={len(results)} differences={differences(results)} unexplained_exits={unexplained}"


def _row(kind: str, results: list[Result]) -> str:
    times = [result.progress_s for result in results if result.progress_s is not None]
    middle, worst = (f"{median(times):.1f} s", f"{max(times):.1f} s") if times else ("-", "-")
    idle = max(result.standstill_s for result in results)
    unexplained = sum(len(result.unexplained) for result in results)
    return (
        f"{kind:<32} {len(results):>6} {middle:>8} {worst:>8} {idle:>4.1f} s "
        f"{differences(results):>12} {unexplained:>12}"
    )
