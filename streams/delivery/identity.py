"""Which Kafka a state folder belongs to: the cluster's id and the ids of the topics its state was derived from.

Comes in: a broker's address and a folder. Goes out: nothing, or a refusal. A broker whose data was wiped, or a topic
made anew under the same name, must not be read with offsets and state that belong to another.
"""

from collections.abc import Iterable
from pathlib import Path

import orjson
from kafka.errors import KafkaError

from streams.delivery.state import write_through
from streams.kafka_identity import read_kafka_identity

FILE = "kafka.json"
Identity = dict[str, str]
CLUSTER = "cluster"


class IdentityError(RuntimeError):
    """State and Kafka do not belong together, or it is not known; the message says what was found and what to do."""


def read_identity(bootstrap: str, topics: Iterable[str]) -> Identity:
    """Asks the broker. Blocks: run it in a thread."""
    try:
        found = read_kafka_identity(bootstrap, topics)
    except (KafkaError, OSError) as error:
        raise IdentityError(f"Kafka at {bootstrap} does not answer ({error!r}): is the broker up?") from error
    ids = {name: identity for name, identity in found.topics.items() if identity is not None}
    if missing := sorted(found.topics.keys() - ids.keys()):
        raise IdentityError(f"topics are missing: {', '.join(missing)}; run `pulse topics apply`")
    return {CLUSTER: found.cluster, **ids}


def check_identity(folder: Path, found: Identity) -> None:
    """Remembers what is new to the folder, refuses what differs from what it remembers."""
    file = folder / FILE
    known = _read(file) if file.exists() else {}
    differing = sorted(name for name, identity in found.items() if known.get(name, identity) != identity)
    if differing:
        raise IdentityError(_refusal(folder, differing, known, found))
    if not found.keys() <= known.keys():
        _write(file, known | found)


def _refusal(folder: Path, differing: list[str], known: Identity, found: Identity) -> str:
    what = ", ".join(f"{name} was {known[name]} and is {found[name]}" for name in differing)
    return (
        f"the state in {folder} belongs to another Kafka: {what}. Either point to the broker it came from, or, if the "
        f"broker's data is gone for good, remove {folder.parent} and what was loaded from it, and import again"
    )


def _read(file: Path) -> Identity:
    try:
        known = orjson.loads(file.read_bytes())
    except ValueError as error:
        raise IdentityError(_unreadable(file, str(error))) from error
    if not isinstance(known, dict):
        raise IdentityError(_unreadable(file, "no JSON object"))
    return known


def _unreadable(file: Path, why: str) -> str:
    return (
        f"{file} cannot be read ({why}), so which Kafka the state beside it belongs to is not known: remove the folder "
        f"{file.parent}; what it holds is a copy, which is read from Kafka again"
    )


def _write(file: Path, identity: Identity) -> None:
    """By renaming what is on disk: neither a kill nor a power cut in between must leave half a file."""
    draft = file.with_suffix(".new")
    write_through(draft, orjson.dumps(identity, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2).decode())
    draft.replace(file)
