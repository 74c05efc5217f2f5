"""The bounds of the delivery that only make sense next to each other, in one place.

A chunk takes well under 2 s, giving up waits several times that, and both fit into the rebalance time-out; taking
over, which sends no heartbeat, fits into the session time-out; the watchdog outwaits a whole transaction time-out.
"""

from dataclasses import dataclass, field

from streams.delivery.refusals import Tolerance


@dataclass(frozen=True)
class Limits:
    chunk_records: int = 4_000
    chunk_bytes: int = 4 << 20
    heartbeat_s: float = 1.0
    """Members learn of a rebalance with their next heartbeat, so this is most of its length."""
    session_timeout_s: float = 10.0
    rebalance_timeout_s: float = 30.0
    take_over_s: float = 6.0
    give_up_s: float = 8.0
    """How long a chunk in work may go on once its partition is taken away."""
    join_s: float = 3.0
    """How long a stopping worker waits for the join that it has under way, before each of three removals from its
    group; with giving up before it, all of that fits into `stop_s` where the broker answers."""
    cancel_s: float = 6.0
    """How long a cancelled chunk may take to end: it aborts its transaction. As long again may its producer."""
    transaction_timeout_s: float = 20.0
    stalled_s: float = 45.0
    watch_every_s: float = 3.0
    stop_s: float = 40.0
    """The whole of a graceful stop; what is unfinished then is left to the next owner, as after a kill."""
    directory_every_s: float = 5.0
    trim_every_s: float = 600.0
    tolerance: Tolerance = field(default_factory=Tolerance)

    def __post_init__(self) -> None:
        if self.take_over_s >= self.session_timeout_s:
            raise ValueError("taking over sends no heartbeat: it has to be bounded under the session time-out")
        if self.give_up_s + 2 * self.cancel_s >= self.rebalance_timeout_s:
            raise ValueError("giving up has to be bounded under the rebalance time-out")
        if self.stalled_s <= self.transaction_timeout_s:
            raise ValueError("the watchdog has to outwait an upstream transaction that is left open")
