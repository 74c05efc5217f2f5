"""Writes the record of `generations`: one rebuild at a time.

Comes in: a `Generations`. Goes out: it is published, or somebody else's rebuild has taken over and an error says so.
"""

from kafka import KafkaProducer
from kafka.errors import InvalidProducerEpochError, KafkaError, ProducerFencedError

from streams.contracts.generations import GENERATIONS_KEY, Generations
from streams.contracts.topics import GENERATIONS

WITHIN_S = 30.0


class PublishError(RuntimeError):
    """The generations were not published; the message says why and what to do."""


class GenerationsWriter:
    """Opening it fences every other one, so whoever runs `pulse rebuild` last is the one that goes on."""

    def __init__(self, kafka: str) -> None:
        self._producer = KafkaProducer(
            bootstrap_servers=kafka,
            client_id="pulse-rebuild",
            transactional_id="pulse-rebuild",
            acks="all",
            max_block_ms=int(WITHIN_S * 1_000),
            delivery_timeout_ms=int(WITHIN_S * 1_000),
            request_timeout_ms=10_000,
            bootstrap_timeout_ms=int(WITHIN_S * 1_000),
            allow_auto_create_topics=False,
        )
        self._producer.init_transactions()

    def write(self, generations: Generations) -> None:
        try:
            self._producer.begin_transaction()
            sent = self._producer.send(
                GENERATIONS.name, key=GENERATIONS_KEY, value=generations.model_dump_json().encode()
            )
            self._producer.flush(WITHIN_S)
            sent.get(0)
            self._producer.commit_transaction()
        except (ProducerFencedError, InvalidProducerEpochError) as error:
            raise PublishError("another `pulse rebuild` was started meanwhile and goes on with the work") from error
        except KafkaError as error:
            raise PublishError(f"generations could not be published: {error!r}; run `pulse rebuild` again") from error

    def close(self) -> None:
        self._producer.close(timeout=WITHIN_S)
