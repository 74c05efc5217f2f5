"""Named places where a test may break a running worker; without PULSE_FAILPOINTS they do nothing.

Comes in: `PULSE_FAILPOINTS="name=action;…"`, action one of raise, kill, stop, hang, sleep:SECONDS; `@N` strikes at
the N-th pass only, without it at every one. Example: `transaction.sent=kill@3;takeover.fenced=raise@1`.
"""

import asyncio
import os
import signal
import time
from collections import Counter
from dataclasses import dataclass

FOR_EVER_S = 1e9


class FailpointError(RuntimeError):
    """The failure a test asked for."""


@dataclass(frozen=True)
class Plan:
    action: str
    only: int | None = None


def parse(text: str) -> dict[str, Plan]:
    plans = {}
    for part in filter(None, text.split(";")):
        name, _, rest = part.partition("=")
        action, _, only = rest.partition("@")
        plans[name] = Plan(action, int(only) if only else None)
    return plans


_planned = parse(os.environ.get("PULSE_FAILPOINTS", ""))
_passed: Counter[str] = Counter()


async def hit(name: str) -> None:
    if name in _planned and (pause := _strike(name)):
        await asyncio.sleep(pause)


def hit_sync(name: str) -> None:
    if name in _planned and (pause := _strike(name)):
        time.sleep(pause)


def _strike(name: str) -> float:
    """Seconds to stand still here; of the other actions only a stop comes back, with SIGCONT."""
    plan = _planned[name]
    _passed[name] += 1
    if plan.only not in (None, _passed[name]):
        return 0.0
    if plan.action == "raise":
        raise FailpointError(f"failpoint {name}")
    if plan.action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if plan.action == "stop":
        os.kill(os.getpid(), signal.SIGSTOP)
        return 0.0
    return FOR_EVER_S if plan.action == "hang" else float(plan.action.removeprefix("sleep:"))
