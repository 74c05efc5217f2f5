"""Records -> Kafka: idempotent, acknowledged by all replicas in sync, in order; the one way in which records are fed.

Comes in: messages, each with a mark (a place in a file, a count). Goes out: the mark up to which everything has been
acknowledged. A delivery that fails is raised; nothing is dropped, and closing waits for what is on its way.
"""

import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from types import TracebackType
from typing import Any, Generic, Self, TypeVar

from kafka import KafkaProducer
from kafka.errors import KafkaError
from kafka.partitioner.default import DefaultPartitioner, murmur2

from streams.contracts.topics import INNER_MESSAGE_BYTES
from streams.kafka_identity import read_kafka_identity

IN_FLIGHT = 20_000
IN_FLIGHT_BYTES = 64 << 20
DELIVERED_WITHIN_S = 120.0
PATIENCE_S = 5.0
REMEMBERED_KEYS = 1 << 16
Headers = list[tuple[str, bytes]]
M = TypeVar("M")


class DeliveryError(RuntimeError):
    """Something was not acknowledged; the message says where, and that running again goes on from there."""


class RememberingPartitioner(DefaultPartitioner):  # type: ignore[misc]
    """The partitions of Java's clients. Keys come again and again, and the hash is slow in Python."""

    def partition(self, topic: str, key: Any, serialized_key: bytes | None, *rest: Any) -> int:
        if serialized_key is None:
            return int(super().partition(topic, key, serialized_key, *rest))
        return _partition(serialized_key, len(rest[-1].partitions_for_topic(topic)))


@lru_cache(maxsize=REMEMBERED_KEYS)
def _partition(key: bytes, partitions: int) -> int:
    return int(murmur2(key) & 0x7FFFFFFF) % partitions


class Sender(Generic[M]):
    """A producer that remembers what is on its way. `waiting` is called while the broker keeps it waiting."""

    def __init__(self, bootstrap: str, waiting: Callable[[str], None]) -> None:
        self._bootstrap = bootstrap
        self._waiting = waiting
        self._on_its_way: deque[tuple[Any, M, int]] = deque()
        self._bytes = 0
        self.acknowledged: M | None = None
        self._producer = self._open()

    def _open(self) -> KafkaProducer:
        try:
            return KafkaProducer(
                bootstrap_servers=self._bootstrap,
                client_id="pulse-produce",
                acks="all",
                enable_idempotence=True,
                compression_type="zstd",
                batch_size=256 * 1024,
                linger_ms=20,
                partitioner=RememberingPartitioner(),
                max_request_size=INNER_MESSAGE_BYTES,
                max_block_ms=int(DELIVERED_WITHIN_S * 1_000),
                delivery_timeout_ms=int(DELIVERED_WITHIN_S * 1_000),
                reconnect_backoff_max_ms=1_000,
                allow_auto_create_topics=False,
            )
        except KafkaError as error:
            raise DeliveryError(f"no broker answers at {self._bootstrap}: {error}; is it up?") from error

    def send(self, topic: str, key: bytes | None, value: bytes, mark: M, headers: Headers | None = None) -> None:
        """Puts it on its way; waits where too much is on its way already."""
        try:
            future = self._producer.send(topic, value=value, key=key, headers=headers)
        except KafkaError as error:
            raise self._failed(error, mark) from error
        self._on_its_way.append((future, mark, len(value)))
        self._bytes += len(value)
        while len(self._on_its_way) > IN_FLIGHT or self._bytes > IN_FLIGHT_BYTES:
            self._settle_first()

    def settle(self) -> M | None:
        """The mark up to which all is acknowledged by now, without waiting."""
        while self._on_its_way and self._on_its_way[0][0].is_done:
            self._settle_first()
        return self.acknowledged

    def finish(self) -> M | None:
        """Waits until all is acknowledged."""
        while self._on_its_way:
            self._settle_first()
        return self.acknowledged

    def _settle_first(self) -> None:
        future, mark, size = self._on_its_way[0]
        try:
            self._await(future)
        except KafkaError as error:
            raise self._failed(error, mark) from error
        if future.failed():
            raise self._failed(future.exception, mark)
        self._on_its_way.popleft()
        self._bytes -= size
        self.acknowledged = mark

    def _await(self, future: Any) -> None:
        """Says every few seconds why it is quiet. The producer gives up by itself after the delivery time, but not
        where it was never given its id."""
        began = time.monotonic()
        while not future.is_done:
            try:
                future.get(PATIENCE_S)
            except KafkaError:
                if future.is_done:
                    return
                waited, count = time.monotonic() - began, len(self._on_its_way)
                if waited > DELIVERED_WITHIN_S + PATIENCE_S:
                    raise
                self._waiting(
                    f"waiting for the broker at {self._bootstrap} for {waited:.0f} s, {count} not acknowledged"
                )

    def _failed(self, error: Exception, mark: M) -> DeliveryError:
        return DeliveryError(f"{mark} was not acknowledged by {self._bootstrap}: {error}; run the command again")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: BaseException | TracebackType | None) -> None:
        """After an error only what can be done at once is waited for."""
        if kind is None:
            self.finish()
        try:
            self._producer.close(timeout=DELIVERED_WITHIN_S if kind is None else PATIENCE_S)
        except KafkaError:
            if kind is None:
                raise


def target(bootstrap: str, topic: str) -> str:
    """`<cluster id>/<topic id>`: changes when the broker's data are wiped or the topic is made anew."""
    try:
        found = read_kafka_identity(bootstrap, [topic])
    except (KafkaError, OSError) as error:
        raise DeliveryError(f"no broker answers at {bootstrap}: {error}; is it up?") from error
    if found.topics[topic] is None:
        raise DeliveryError(f"there is no topic {topic} at {bootstrap}: run `pulse topics apply`")
    return f"{found.cluster}/{found.topics[topic]}"
