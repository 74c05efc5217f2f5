"""A leg: what a winning record says, as it is kept in state; and which of two records of one identity wins.

Everything of the contract is kept except observed_at, so that a call can be derived again, also under another
directory, and so that a later record of the same revision can be compared.
"""

from operator import attrgetter
from typing import NamedTuple

from streams.contracts.records import CallRecord, canonical

MIN_CONNECTION_MS = 1_000


class Leg(NamedTuple):
    """Times are epoch milliseconds. The order of the fields is the order in state."""

    record_id: str
    call_id: str
    revision: int
    channel_ids: list[str]
    direction: str
    gateway: str | None
    caller: str
    callee: str
    started_at: int
    ended_at: int
    answered_at: int | None
    answered_by: str | None
    agent: str | None

    @property
    def connected(self) -> bool:
        """Connected for at least a second: from its answer to its end."""
        return self.answered_at is not None and self.ended_at - self.answered_at >= MIN_CONNECTION_MS


_of_record = attrgetter(*Leg._fields)


def leg_of(record: CallRecord) -> Leg:
    return Leg._make(_of_record(record))


def outranks(record: CallRecord, former: Leg) -> bool:
    """The higher revision wins; at equal revision the greater canonical form."""
    if record.revision != former.revision:
        return record.revision > former.revision
    as_record = CallRecord.model_construct(v=1, server=record.server, **former._asdict())
    return canonical(record) > canonical(as_record)
