"""What may go wrong while loading, beside what the store answers: try again, or stop."""

from kafka.errors import KafkaError


class LoaderError(RuntimeError):
    """No retry can cure it; the message says what was found, where, and what to do."""


class KafkaAwayError(RuntimeError):
    """Kafka did not answer now."""


def sorted_out_of_kafka(error: KafkaError) -> Exception:
    """What Kafka itself calls worth a retry is; the rest is not."""
    return KafkaAwayError(str(error)) if getattr(error, "retriable", False) else LoaderError(f"Kafka: {error}")
