"""What may go wrong while loading, sorted by what to do about it: try again, announce again, or stop."""

from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from kafka.errors import KafkaError


class LoaderError(RuntimeError):
    """No retry can cure it; the message says what was found, where, and what to do."""


class StoreAwayError(RuntimeError):
    """The store did not take the batch now; it may have landed all the same. Asking again with its token is safe."""


class KafkaAwayError(RuntimeError):
    """Kafka did not answer now."""


class TooLateError(RuntimeError):
    """The store refused the batch because its deadline had passed; nothing of it landed."""


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
    """One of the three kinds above; the error itself where it is none of the store's."""
    code = getattr(error, "code", None)
    if code == VIOLATED_CONSTRAINT:
        return TooLateError(str(error))
    if code in PASSING or (code is None and isinstance(error, OperationalError | OSError)):
        return StoreAwayError(str(error))
    return LoaderError(str(error)) if isinstance(error, DatabaseError) else error


def sorted_out_of_kafka(error: KafkaError) -> Exception:
    """What Kafka itself calls worth a retry is; the rest is not."""
    return KafkaAwayError(str(error)) if getattr(error, "retriable", False) else LoaderError(f"Kafka: {error}")
