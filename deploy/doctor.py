"""What is there, what is configured, what answers, what lags: one finding per line, each good or with what to do.

Comes in: the data folder, perhaps where Kafka and ClickHouse are, the environment. Goes out: findings, in the order
of the flow.
"""

import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from kafka.errors import KafkaError

from deploy import broker, run
from deploy.broker import LIBS
from deploy.local import LEAST_FREE_BYTES, answers
from streams.generations import read_generations
from streams.progress import Progress, ProgressError, StagePosition
from streams.settled_topic import TopicError

OK, WRONG, NOTE = "ok", "wrong", "note"
SECRETS = ("TOKEN", "PASSWORD")


@dataclass(frozen=True)
class Finding:
    state: str
    subject: str
    text: str


@dataclass(frozen=True)
class Places:
    """Where the parts are: brokers that are not named are those of what runs on the folder; a server that is not
    named is not asked."""

    data: Path
    kafka: str | None = None
    clickhouse: str | None = None
    database: str = ""


def findings(places: Places, generation: int | None, environment: Mapping[str, str]) -> Iterator[Finding]:
    yield from _machine(places.data, elsewhere=places.kafka is not None)
    yield from _settings(environment)
    found = run.read(places.data)
    yield _run(places.data, found)
    address = places.kafka or (found.kafka if found else None)
    if address is not None:
        yield from _broker(address, generation)
    if places.clickhouse is not None:
        yield _store(places.clickhouse, places.database)
    if found is not None and found.http is not None:
        yield _api(found.http)


def _machine(data: Path, *, elsewhere: bool) -> Iterator[Finding]:
    """A broker of our own needs Java and Kafka; where it is elsewhere, they may be missing."""
    jars = str(LIBS) if any(LIBS.glob("kafka_*.jar")) else None
    missing = NOTE if elsewhere else WRONG
    yield Finding(OK, "python", f"{sys.version.split()[0]} at {sys.executable}")
    yield _found("java", shutil.which("java"), missing, "missing: install Java 17 or later")
    yield _found("kafka", jars, missing, f"nothing in {LIBS}: run `make setup`")
    free = shutil.disk_usage(_existing(data)).free
    yield Finding(OK if free >= LEAST_FREE_BYTES else WRONG, "disk", f"{free >> 20} MB free at {data.absolute()}")


def _found(subject: str, found: str | None, missing: str, otherwise: str) -> Finding:
    return Finding(missing, subject, otherwise) if found is None else Finding(OK, subject, found)


def _existing(folder: Path) -> Path:
    return next(parent for parent in (folder.absolute(), *folder.absolute().parents) if parent.exists())


def _settings(environment: Mapping[str, str]) -> Iterator[Finding]:
    """Names and values of what is set, without secrets."""
    for name in sorted(name for name in environment if name.startswith("PULSE_")):
        secret = any(word in name for word in SECRETS)
        yield Finding(NOTE, name, "set" if secret else re.sub(r"^(\w+://)?.*@", r"\1…@", environment[name]))


def _run(data: Path, found: run.Run | None) -> Finding:
    if found is None:
        return Finding(NOTE, "run", f"nothing runs on {data}")
    return Finding(OK, "run", f"{found.state}, pid {found.pid}")


def _broker(address: str, generation: int | None) -> Iterator[Finding]:
    if not broker.answers(address):
        yield Finding(WRONG, "broker", f"{address} does not answer")
        return
    yield Finding(OK, "broker", address)
    try:
        with Progress(address, generation or read_generations(address).current) as progress:
            positions = progress.positions()
    except (ProgressError, TopicError, KafkaError) as error:
        yield Finding(WRONG, "topics", str(error))
        return
    for stage, partitions in groupby(positions, lambda position: position.stage):
        yield _lag(stage, list(partitions))


def _lag(stage: str, partitions: list[StagePosition]) -> Finding:
    behind = [position for position in partitions if not position.through]
    where = ", ".join(f"[{p.partition}] {p.end - p.done} offsets behind" for p in behind)
    return Finding(OK if not behind else NOTE, stage, where or "up to the end")


def _store(url: str, database: str) -> Finding:
    from clickhouse.engine import EngineError, connect  # noqa: PLC0415  (it takes a second to import)

    try:
        with connect(url, database) as engine:
            there = engine.has_database()
    except EngineError as error:
        return Finding(WRONG, "clickhouse", str(error))
    if not there:
        return Finding(WRONG, "clickhouse", f"answers, but has no database {engine.database}: run `pulse migrate`")
    return Finding(OK, "clickhouse", f"answers, database {engine.database}")


def _api(address: str) -> Finding:
    ready = answers(f"{address}/readyz")
    return Finding(OK if ready else WRONG, "serve", address if ready else f"{address}/readyz does not say ready")
