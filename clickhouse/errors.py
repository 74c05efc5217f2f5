"""What a store answers when it does not do what it was asked, sorted by what to do about it: ask again, or stop."""

from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError


class StoreError(RuntimeError):
    """No retry can cure it; the message is the store's own."""


class StoreAwayError(RuntimeError):
    """The store does not answer now, or did not take what was sent: that may have landed all the same."""


class TooLateError(RuntimeError):
    """The store refused a batch because its deadline had passed; nothing of it landed."""


VIOLATED_CONSTRAINT = 469
PASSING = frozenset(
    {
        74,  # cannot read from a file descriptor
        75,  # cannot write to a file descriptor: disk full
        76,  # cannot open a file
        159,  # timeout exceeded
        160,  # too slow
        201,  # quota exceeded
        202,  # too many simultaneous queries
        203,  # no free connection
        209,  # socket timeout
        210,  # network error
        225,  # no ZooKeeper
        236,  # aborted: shutting down
        241,  # memory limit exceeded
        242,  # table is read only: a replica lost its keeper
        243,  # not enough space
        252,  # too many parts: merges lag behind
        285,  # too few live replicas
        286,  # quorum of a former write not reached
        319,  # unknown status of an insert
        394,  # query was cancelled
        439,  # cannot schedule a task
        473,  # deadlock avoided
        999,  # Keeper
    }
)
"""Codes of ClickHouse that pass by themselves, or when somebody makes room."""


def sorted_out(error: Exception) -> Exception:
    """One of the three kinds above; the error itself where it is none of the store's.

    An answer without a code of ClickHouse's is not ClickHouse's: a proxy says that what is behind it is away.
    """
    code = getattr(error, "code", None)
    if code == VIOLATED_CONSTRAINT:
        return TooLateError(str(error))
    no_answer = type(error) in {DatabaseError, OperationalError} or isinstance(error, OSError)
    if code in PASSING or (code is None and no_answer):
        return StoreAwayError(str(error))
    return StoreError(str(error)) if isinstance(error, DatabaseError) else error
