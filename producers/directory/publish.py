"""Entities -> `provider.directory`: what changed, in one transaction that ends with the version.

Comes in: the entities of a file and what is published. Goes out: the next version, or nothing where nothing changed.
Readers see all of an apply or none of it; of two applies at once one fails and changes nothing.
"""

from dataclasses import dataclass, field
from functools import cached_property

import orjson

from producers.transaction import TransactionError, Transactions
from streams.contracts.directory import VERSION_KEY, Entities, Entity, Version
from streams.contracts.topics import DIRECTORY
from streams.directory import Directory
from streams.directory_topic import DirectoryError, read_directory

TRANSACTIONAL_ID = "pulse-directory"


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
    """The version that is now published. Raises `DirectoryError`, which says so where it is perhaps published."""
    if changes.nothing:
        return changes.version
    try:
        with Transactions(bootstrap, TRANSACTIONAL_ID) as transactions:
            _publish(transactions, bootstrap, changes)
    except TransactionError as error:
        raise DirectoryError(_said(error, bootstrap)) from error
    return changes.version


def _publish(transactions: Transactions, bootstrap: str, changes: Changes) -> None:
    """The id shuts out any other apply; what is published is read after that, so nobody's change is overwritten."""
    if read_directory(bootstrap) != changes.former:
        raise DirectoryError("the directory was changed by another apply meanwhile: look at it and apply again")
    with transactions.transaction() as send:
        for key, value in messages(changes):
            send(DIRECTORY.name, key, value)


def _said(error: TransactionError, bootstrap: str) -> str:
    if error.perhaps:
        return f"the directory was perhaps published to {bootstrap}: {error}; apply it again, that tells"
    if error.overtaken:
        return "another apply was started meanwhile, nothing of this one was published: look at it and apply again"
    return f"the directory was not published to {bootstrap}: {error}; apply it again"


def _value(entity: Entity, version: int) -> bytes:
    return orjson.dumps({**entity.model_dump(mode="json", by_alias=True), "version": version})
