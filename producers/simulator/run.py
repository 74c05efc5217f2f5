"""A simulation -> the raw topics, or files of JSON lines, one for each topic.

Comes in: a plan, and where the records go. Goes out: how many were sent; all of them acknowledged, or an error.
"""

import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path

from producers.file import CONTRACTS, Watcher
from producers.lines import Place
from producers.sending import Sender
from producers.simulator.disorder import Delivery
from producers.simulator.simulate import Simulation

TOLD_EVERY_S = 0.5
NAME = "simulated city"


def file_of(name: Path, topic: str) -> Path:
    """`city.jsonl` -> `city.<topic>.jsonl`"""
    return name.with_name(f"{name.stem}.{topic}{name.suffix}")


def write_history(simulation: Simulation, name: Path) -> dict[str, int]:
    """JSON lines in the order of delivery, as `pulse produce file` takes them: how many of each topic."""
    with ExitStack() as opened:
        files = {topic: opened.enter_context(file_of(name, topic).open("wb")) for topic in CONTRACTS}
        counts = dict.fromkeys(files, 0)
        for delivery in simulation.history():
            files[delivery.topic].write(delivery.value + b"\n")
            counts[delivery.topic] += 1
    return counts


def send_history(simulation: Simulation, bootstrap: str, watcher: Watcher) -> int:
    """Everything that the history holds, as fast as it goes."""
    with Sender[Place](bootstrap, watcher.waiting) as sender:
        watcher.begins(NAME, Place(), simulation.plan.end_ms - simulation.plan.start_ms)
        sent = _send(sender, simulation.history(), simulation, watcher)
        watcher.moved(sender.finish() or Place())
    return sent


def send_live(simulation: Simulation, bootstrap: str, watcher: Watcher, speed: float) -> None:
    """From the end of the history on, until it is interrupted."""
    with Sender[Place](bootstrap, watcher.waiting) as sender:
        watcher.begins(f"{NAME}, live", Place(), None)
        _send(sender, simulation.live(time.time, time.sleep, speed), simulation, watcher)


def _send(sender: Sender[Place], deliveries: Iterable[Delivery], simulation: Simulation, watcher: Watcher) -> int:
    """What has been acknowledged is told as a place in the time that passes there."""
    count, told_at = 0, time.monotonic()
    for count, delivery in enumerate(deliveries, 1):
        passed = max(0, delivery.due - simulation.plan.start_ms)
        sender.send(delivery.topic, delivery.key, delivery.value, Place(passed, count))
        if time.monotonic() - told_at > TOLD_EVERY_S:
            told_at = time.monotonic()
            watcher.moved(sender.settle() or Place())
    return count
