"""The topic registry: every topic with its key, partitions, retention, sizes, writer and readers.

Raw topics and the directory outlive a rebuild and carry plain names. Everything derived carries the generation that
derived it in its name, so that a rebuild can write beside what is being read.
"""

from dataclasses import dataclass
from typing import Literal

KEEP_FOR_EVER = -1
TWO_WEEKS_MS = 14 * 24 * 3_600_000
RAW_MESSAGE_BYTES = 1 << 20
INNER_MESSAGE_BYTES = 4 << 20
COPIES_OF_WHICH_ONE_MAY_BE_AWAY = 3
LEAST_IN_SYNC = "min.insync.replicas"


@dataclass(frozen=True)
class Topic:
    """`partitions` is the default at creation; it is never changed afterwards, because keyed state would split."""

    name: str
    key: str
    partitions: int
    writer: str
    readers: tuple[str, ...]
    kept_ms: int = KEEP_FOR_EVER
    """How long records stay that have been worked through: then the workers delete them (`streams.trimming`)."""
    cleanup: Literal["delete", "compact"] = "delete"
    max_message_bytes: int = INNER_MESSAGE_BYTES
    derived: bool = False
    """Derived topics carry the generation in their name."""

    def named(self, generation: int) -> str:
        return f"{self.name}.g{generation}" if self.derived else self.name

    def configuration(self, copies: int = 1) -> dict[str, str]:
        """Kafka deletes nothing, neither by its age nor by the size that a broker's own settings allow: it cannot know
        what has been worked through. Of three copies two have what is acknowledged, and one may be away."""
        safe = {LEAST_IN_SYNC: "2"} if copies >= COPIES_OF_WHICH_ONE_MAY_BE_AWAY else {}
        return safe | {
            "cleanup.policy": self.cleanup,
            "retention.ms": str(KEEP_FOR_EVER),
            "retention.bytes": str(KEEP_FOR_EVER),
            "max.message.bytes": str(self.max_message_bytes),
            "message.timestamp.type": "LogAppendTime",
        }


def _changelog(stage: str, partitions: int) -> Topic:
    return Topic(
        name=f"{stage}.changelog",
        key="state key",
        partitions=partitions,
        writer=f"streams ({stage})",
        readers=(f"streams ({stage})",),
        cleanup="compact",
        derived=True,
    )


CALL_RECORDS = Topic(
    name="telephony.call-records",
    key="server",
    partitions=4,
    writer="producers",
    readers=("streams (deduplicate_calls)", "verify"),
    max_message_bytes=RAW_MESSAGE_BYTES,
)
ORDER_EVENTS = Topic(
    name="dispatch.order-events",
    key="organisation/order id",
    partitions=4,
    writer="producers",
    readers=("streams (deduplicate_orders)", "verify"),
    max_message_bytes=RAW_MESSAGE_BYTES,
)
CLIENT_BASE = Topic(
    name="provider.client-base",
    key="organisation",
    partitions=4,
    writer="producers",
    readers=("streams (announce_clients)", "verify"),
    max_message_bytes=RAW_MESSAGE_BYTES,
)
DIRECTORY = Topic(
    name="provider.directory",
    key="kind/id",
    partitions=1,
    writer="producers (directory apply)",
    readers=("streams", "dashboard", "producers (directory apply)", "deploy", "verify"),
    cleanup="compact",
)
GENERATIONS = Topic(
    name="generations",
    key="generations",
    partitions=1,
    writer="deploy (rebuild)",
    readers=("streams", "clickhouse", "dashboard", "deploy"),
    cleanup="compact",
)
ACTIVITY = Topic(
    name="clients.activity",
    key="organisation, or the server of calls without one",
    partitions=4,
    writer="streams (deduplicate_calls, deduplicate_orders, announce_clients)",
    readers=("streams (classify_clients)",),
    kept_ms=TWO_WEEKS_MS,
    derived=True,
)
CALL_FACTS = Topic(
    name="facts.calls",
    key="organisation",
    partitions=2,
    writer="streams (classify_clients)",
    readers=("clickhouse (loader)",),
    kept_ms=TWO_WEEKS_MS,
    derived=True,
)
ORDER_FACTS = Topic(
    name="facts.orders",
    key="organisation",
    partitions=2,
    writer="streams (classify_clients)",
    readers=("clickhouse (loader)",),
    kept_ms=TWO_WEEKS_MS,
    derived=True,
)
DEAD_LETTERS = Topic(
    name="dead-letters",
    key="that of the refused record",
    partitions=1,
    writer="streams, producers",
    readers=("dead-letters", "dashboard", "verify"),
)
REPLAYED = Topic(
    name="dead-letters.replayed",
    key="offset of the letter",
    partitions=1,
    writer="producers (dead-letters replay)",
    readers=("dead-letters", "dashboard"),
    cleanup="compact",
)
CALLS_CHANGELOG = _changelog("deduplicate_calls", CALL_RECORDS.partitions)
ORDERS_CHANGELOG = _changelog("deduplicate_orders", ORDER_EVENTS.partitions)
BASE_CHANGELOG = _changelog("announce_clients", CLIENT_BASE.partitions)
CLIENTS_CHANGELOG = _changelog("classify_clients", ACTIVITY.partitions)

TOPICS = (
    CALL_RECORDS,
    ORDER_EVENTS,
    CLIENT_BASE,
    DIRECTORY,
    GENERATIONS,
    ACTIVITY,
    CALL_FACTS,
    ORDER_FACTS,
    DEAD_LETTERS,
    REPLAYED,
    CALLS_CHANGELOG,
    ORDERS_CHANGELOG,
    BASE_CHANGELOG,
    CLIENTS_CHANGELOG,
)
