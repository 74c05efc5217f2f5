"""The load: records of a source, sent in bursts with pauses, until told to pause.

Comes in: an endless iterator of messages for the raw topics. Goes out: those records, in order; while the broker is
away it waits. What was sent is what the raw topics hold: the verification reads it there.
"""

import contextlib
import random
import threading
import time
from collections.abc import Iterator

from kafka import KafkaProducer
from kafka.errors import KafkaError

from tests.faults.city import Message

PAUSE_S = (0.02, 0.25)
TRICKLE_PAUSE_S = (1.0, 6.0)
TRICKLE_SHARE = 0.02


class Load(threading.Thread):
    """`rate` is records a second on average; a burst is what became due in the pause before it."""

    def __init__(self, address: str, records: Iterator[Message], rate: int, chance: random.Random) -> None:
        super().__init__(name="load", daemon=True)
        self._address = address
        self._records = records
        self._rate = rate
        self._chance = chance
        self._running = threading.Event()
        self._quiet = threading.Event()
        self._over = threading.Event()
        self.trickles = False
        """Few records, with pauses in which the flow may catch up with them."""
        self.sent = 0
        self.errors: list[str] = []

    def go(self) -> None:
        self._quiet.clear()
        self._running.set()

    def pause(self, within_s: float = 30.0) -> None:
        """Returns when everything that was sent is acknowledged."""
        self._running.clear()
        if self.is_alive() and not self._quiet.wait(within_s):
            raise TimeoutError(f"the load was not acknowledged within {within_s:.0f} s; {self.errors[-3:]}")

    def close(self) -> None:
        self._over.set()
        self._running.set()
        self.join()

    def run(self) -> None:
        producer = KafkaProducer(
            bootstrap_servers=self._address,
            acks="all",
            enable_idempotence=True,
            linger_ms=5,
            delivery_timeout_ms=120_000,
        )
        while not self._over.is_set():
            if not self._running.is_set():
                self._settle(producer)
                self._running.wait()
                continue
            wait = self._chance.uniform(*(TRICKLE_PAUSE_S if self.trickles else PAUSE_S))
            time.sleep(wait)
            self._burst(producer, max(1, round(self._rate * wait * (TRICKLE_SHARE if self.trickles else 1.0))))
        with contextlib.suppress(KafkaError):  # the broker may be gone for good
            producer.close(timeout=2)
        self._quiet.set()

    def burst(self, count: int) -> None:
        """Extra records at once, so that a stage falls behind."""
        self._extra = count

    _extra = 0

    def _burst(self, producer: KafkaProducer, count: int) -> None:
        count, self._extra = count + self._extra, 0
        for _ in range(count):
            topic, key, value = next(self._records)
            try:
                producer.send(topic, key=key, value=value)
                self.sent += 1
            except KafkaError as error:
                self.errors.append(repr(error))

    def _settle(self, producer: KafkaProducer) -> None:
        try:
            producer.flush(timeout=60)
        except KafkaError as error:
            self.errors.append(repr(error))
        self._quiet.set()
