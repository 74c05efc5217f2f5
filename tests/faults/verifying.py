"""No fault at all, but the question that every other round asks when all is quiet: are the numbers right meanwhile?"""

from tests.faults.positions import STAGES
from tests.faults.round import Fault, Kind

TIMES = 3


def verify_under_load(fault: Fault) -> None:
    """While records keep coming in and workers and loader are behind: nothing differs, and it can be decided."""
    system = fault.system
    system.scale(fault.chance.choice((1, 2)))
    for _ in range(TIMES):
        fault.strike([], fault.partitions(*STAGES), lambda: None)
        sent = system.load.sent
        differences, said = system.verify()
        came_in = system.load.sent - sent
        fault.notes.append(
            f"lag {sum(fault.lag.values())}, {came_in} records came in meanwhile: {said.splitlines()[-1]}"
        )
        fault.promise(came_in > 0, "nothing came in while it was verified")
        fault.promise(not differences, f"verified under load: {said}")


KINDS = (Kind("verify under load", verify_under_load),)
