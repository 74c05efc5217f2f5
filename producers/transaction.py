"""Records -> Kafka in one transaction: readers see all of them or none. Nobody here writes in a transaction otherwise.

Comes in: a transactional id, and records. Goes out: they are committed, or a `TransactionError` that knows whether they
perhaps are. Opening an id shuts out everybody else who holds it. No wait is without a bound, and an interrupt aborts.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from threading import Thread
from typing import Any, Self

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, KafkaTimeoutError, ProducerFencedError

from streams.contracts.topics import INNER_MESSAGE_BYTES

OPENED_WITHIN_S = 30.0
DELIVERED_WITHIN_S = 30.0
COMMITTED_WITHIN_S = 30.0
LET_GO_WITHIN_S = 5.0
"""After an error or an interrupt somebody waits for the end. What is not aborted by then ends with its time-out."""
LASTS_S = DELIVERED_WITHIN_S + COMMITTED_WITHIN_S
FENCED = (ProducerFencedError, InvalidProducerEpochError)
Send = Callable[[str, bytes, bytes | None], None]
"""Topic, key, value."""


class TransactionError(RuntimeError):
    """Nothing was written; or `perhaps` all of it was: the commit was asked for, and its answer was lost.
    `overtaken`: somebody else has opened the id, or it lasted too long."""

    def __init__(self, error: Exception, *, perhaps: bool = False) -> None:
        super().__init__(str(error))
        self.perhaps = perhaps
        self.overtaken = any(isinstance(cause, FENCED) for cause in (error, *error.args))


class Transactions:
    """Holds a transactional id. `lasts_s`: so long a transaction whose writer was killed keeps its readers waiting."""

    def __init__(self, bootstrap: str, name: str, lasts_s: float = LASTS_S) -> None:
        try:
            self._producer = _open(bootstrap, name, lasts_s)
            self._shut_out_others()
        except (KafkaError, OSError) as error:
            raise TransactionError(error) from error

    def _shut_out_others(self) -> None:
        try:
            self._producer.init_transactions()
        except BaseException:
            self.close()
            raise

    @contextmanager
    def transaction(self) -> Iterator[Send]:
        """Commits at the end of the block; where that is not reached, nobody ever sees anything of it."""
        sent: list[Any] = []
        try:
            self._producer.begin_transaction()
            yield lambda topic, key, value: sent.append(self._producer.send(topic, key=key, value=value))
            self._deliver(sent)
            self._commit()
        except BaseException as error:
            self._abort()
            if isinstance(error, KafkaError):
                raise TransactionError(error) from error
            raise

    def _deliver(self, sent: list[Any]) -> None:
        self._producer.flush(DELIVERED_WITHIN_S)
        for future in sent:
            future.get(0)

    def _commit(self) -> None:
        try:
            _within(COMMITTED_WITHIN_S, self._producer.commit_transaction)
        except KafkaError as error:
            raise TransactionError(error, perhaps=True) from error

    def _abort(self) -> None:
        """The producer refuses at once where nothing is open, or the commit was asked for."""
        with suppress(KafkaError):
            _within(LET_GO_WITHIN_S, self._producer.abort_transaction)

    def close(self) -> None:
        """Where something is still on its way, its error was told before."""
        with suppress(KafkaError):
            self._producer.close(timeout=LET_GO_WITHIN_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _within(seconds: float, end: Callable[[], None]) -> None:
    """kafka-python waits without a bound for the end of a transaction, so a thread does that for us. An interrupt does
    not reach it; what it has begun is waited for, because closing the producer would cut it off."""
    ended: Future[None] = Future()
    try:
        Thread(target=_run, args=(end, ended), daemon=True).start()
        ended.result(seconds)
    except TimeoutError as error:
        raise KafkaTimeoutError(f"no answer within {seconds:.0f} s") from error
    except KeyboardInterrupt:
        wait([ended], LET_GO_WITHIN_S)
        raise


def _run(end: Callable[[], None], ended: Future[None]) -> None:
    try:
        end()
    except Exception as error:
        ended.set_exception(error)
    else:
        ended.set_result(None)


def _open(bootstrap: str, name: str, lasts_s: float) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        client_id=name,
        transactional_id=name,
        transaction_timeout_ms=int(lasts_s * 1_000),
        acks="all",
        max_request_size=INNER_MESSAGE_BYTES,
        max_block_ms=int(OPENED_WITHIN_S * 1_000),
        delivery_timeout_ms=int(DELIVERED_WITHIN_S * 1_000),
        request_timeout_ms=10_000,
        bootstrap_timeout_ms=int(OPENED_WITHIN_S * 1_000),
        allow_auto_create_topics=False,
    )
