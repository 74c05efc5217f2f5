"""The published directory, read back: `provider.directory` from its start to its end.

Comes in: the address of a broker. Goes out: the directory of the last complete apply, or None where there was none.
A version counts only once its `version` record is read; what stands after the last one belongs to no version.
"""

from collections.abc import Iterable

import orjson

from streams.contracts.directory import KINDS, VERSION_KEY, Entities, Entity, Version
from streams.contracts.topics import DIRECTORY
from streams.directory import Directory
from streams.settled_topic import SettledTopic, TopicError

WITHIN_S = 30.0
Pair = tuple[bytes | None, bytes | None]


class DirectoryError(RuntimeError):
    """The published directory cannot be read; the message says what was found and what to do."""


def read_directory(bootstrap: str, within_s: float = WITHIN_S) -> Directory | None:
    """The newest applied directory; None where none was applied yet. Raises `DirectoryError`."""
    try:
        with SettledTopic(bootstrap, DIRECTORY, within_s) as topic:
            return fold((message.key, message.value) for message in topic.read_on())
    except TopicError as error:
        raise DirectoryError(f"the directory cannot be read: {error}") from error


def fold(messages: Iterable[Pair]) -> Directory | None:
    """What the messages of the topic, in their order, add up to."""
    pending: dict[bytes, bytes] = {}
    applied: tuple[bytes, dict[bytes, bytes]] | None = None
    for key, value in messages:
        if key is None:
            raise DirectoryError(f"{DIRECTORY.name} has a message without a key: only apply writes there")
        if key == VERSION_KEY and value is not None:
            applied = (value, dict(pending))
        elif value is None:
            pending.pop(key, None)
        else:
            pending[key] = value
    return None if applied is None else _directory(*applied)


def _directory(version: bytes, published: dict[bytes, bytes]) -> Directory:
    by_kind: dict[str, list[Entity]] = {kind: [] for kind in KINDS}
    try:
        number = Version.model_validate_json(version).number
        for key, value in sorted(published.items()):
            kind = key.decode().partition("/")[0]
            by_kind[kind].append(_entity(KINDS[kind], value))
        entities = Entities.model_validate({f"{kind}s": found for kind, found in by_kind.items()})
    except (KeyError, ValueError) as error:
        raise DirectoryError(f"{DIRECTORY.name} holds what this version of the program cannot read: {error}") from error
    return Directory(entities, number)


def _entity(model: type[Entity], value: bytes) -> Entity:
    fields = orjson.loads(value)
    fields.pop("version", None)
    return model.model_validate(fields)
