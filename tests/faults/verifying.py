"""No fault at all, but the question that every other round asks when all is quiet: are the numbers right meanwhile?"""

import threading

from tests.faults.positions import STAGES
from tests.faults.round import Fault, Kind

TIMES = 2
POURING_S = 6.0


def verify_under_load(fault: Fault) -> None:
    """Records pour in when it begins, and trickle in until it ends: nothing differs, and it can be decided.

    Pouring in they change the same sums all the time, of which nothing can be said then: only a difference that is told
    of would be wrong.
    """
    fault.system.scale(fault.chance.choice((1, 2)))
    for _ in range(TIMES):
        fault.strike([], fault.partitions(*STAGES), lambda: None)
        _verify(fault)


def _verify(fault: Fault) -> None:
    system, load = fault.system, fault.system.load
    slower = threading.Timer(POURING_S, lambda: setattr(load, "trickles", True))
    slower.start()
    sent = load.sent
    try:
        differences, said = system.verify()
    finally:
        slower.cancel()
        slower.join()
        load.trickles = False
    came_in = load.sent - sent
    verdict = next((line for line in said.splitlines() if line.startswith("differences")), "no verdict")
    fault.notes.append(f"lag {sum(fault.lag.values())}, {came_in} records came in meanwhile: {verdict}")
    fault.promise(came_in > 0, "nothing came in while it was verified")
    fault.promise(not differences, f"verified under load: {said}")


KINDS = (Kind("verify under load", verify_under_load),)
