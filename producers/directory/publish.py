"""Entities -> `provider.directory`: what changed, in one transaction that ends with the version.

Comes in: the entities of a file and what is published. Goes out: the next version, or nothing where nothing changed.
Readers see all of an apply or none of it; of two applies at once the second to commit fails and changes nothing.
"""

from dataclasses import dataclass, field
from functools import cached_property

import orjson
from kafka import KafkaProducer
from kafka.errors import KafkaError

from streams.contracts.directory import VERSION_KEY, Entities, Entity, Version
from streams.contracts.topics import DIRECTORY, INNER_MESSAGE_BYTES
from streams.directory import Directory
from streams.directory_topic import DirectoryError, read_directory

WITHIN_S = 30.0


@dataclass(frozen=True)
class Changes:
    """From what is published (None: nothing yet) to what a file says, by `<kind>/<id>`."""

    former: Directory | None
    new: Entities
    added: dict[str, Entity] = field(default_factory=dict)
    changed: dict[str, Entity] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return self.former is not None and not (self.added or self.changed or self.removed)

    @property
    def version(self) -> int:
        """The number that these changes will carry, or that of what is published where there are none."""
        number = 0 if self.former is None else self.former.version
        return number if self.nothing else number + 1

    @cached_property
    def digest(self) -> str:
        return Directory(self.new).digest

    @property
    def changes_numbers(self) -> bool:
        """Would facts that are already derived come out differently?"""
        return self.former is not None and self.former.digest != self.digest


def compare(former: Directory | None, new: Entities) -> Changes:
    before = {} if former is None else dict(former.entities.keyed())
    after = dict(new.keyed())
    return Changes(
        former,
        new,
        added={key: entity for key, entity in after.items() if key not in before},
        changed={key: entity for key, entity in after.items() if key in before and before[key] != entity},
        removed=sorted(before.keys() - after.keys()),
    )


def messages(changes: Changes) -> list[tuple[bytes, bytes | None]]:
    """Key and value of each record of the apply, the version last."""
    number = changes.version
    written: list[tuple[bytes, bytes | None]] = [(key.encode(), None) for key in changes.removed]
    written += [(key.encode(), _value(entity, number)) for key, entity in (changes.added | changes.changed).items()]
    version = Version(number=number, digest=changes.digest)
    return [*written, (VERSION_KEY, version.model_dump_json().encode())]


def publish(bootstrap: str, changes: Changes) -> int:
    """The version that is now published. Raises `DirectoryError`, and then nothing was published."""
    if changes.nothing:
        return changes.version
    try:
        producer = _open(bootstrap)
        try:
            return _publish(producer, bootstrap, changes)
        finally:
            producer.close(timeout=WITHIN_S)
    except (KafkaError, OSError) as error:
        raise DirectoryError(f"the directory was not published to {bootstrap}: {error!r}; apply it again") from error


def _publish(producer: KafkaProducer, bootstrap: str, changes: Changes) -> int:
    """Opening fences any other apply; what is published is read after that, so nobody's change is overwritten."""
    producer.init_transactions()
    if read_directory(bootstrap) != changes.former:
        raise DirectoryError("the directory was changed by another apply meanwhile: look at it and apply again")
    producer.begin_transaction()
    try:
        sent = [producer.send(DIRECTORY.name, key=key, value=value) for key, value in messages(changes)]
        producer.flush(WITHIN_S)
        for future in sent:
            future.get(0)
    except KafkaError:
        producer.abort_transaction()
        raise
    producer.commit_transaction()
    return changes.version


def _open(bootstrap: str) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        client_id="pulse-directory",
        transactional_id="pulse-directory",
        acks="all",
        max_request_size=INNER_MESSAGE_BYTES,
        max_block_ms=int(WITHIN_S * 1_000),
        delivery_timeout_ms=int(WITHIN_S * 1_000),
        request_timeout_ms=10_000,
        bootstrap_timeout_ms=int(WITHIN_S * 1_000),
        allow_auto_create_topics=False,
    )


def _value(entity: Entity, version: int) -> bytes:
    return orjson.dumps({**entity.model_dump(mode="json", by_alias=True), "version": version})
