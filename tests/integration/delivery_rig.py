"""What the delivery tests share: two stages under the simplest rules, as real worker processes, and what they yield.

The first stage drops repeats by (key, id); the second counts the rest per key. So the facts of a key must be exactly 1,
2, 3 … to the number of its different ids: a lost record ends the row early, a doubled one or lost state breaks it.
Run as a program it is one worker.
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import faust
import orjson
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic

from streams.app import Worker, run_stages
from streams.chunks import Message, Outputs, Rule, State
from streams.contracts.directory import Entities, Organisation
from streams.contracts.stages import Stage
from streams.contracts.topics import Topic
from streams.delivery.chunk import Chunk
from streams.delivery.limits import Limits
from streams.delivery.refusals import Tolerance
from streams.delivery.source import ChunkSource
from streams.directory import Directory
from streams.failpoints import hit

PARTITIONS = 4
LIMITS = Limits(
    chunk_records=500,
    heartbeat_s=0.5,
    session_timeout_s=6,
    rebalance_timeout_s=12,
    take_over_s=5,
    give_up_s=3,
    cancel_s=3,
    transaction_timeout_s=8,
    stalled_s=12,
    watch_every_s=1,
    directory_every_s=1,
)


def deduplicate(messages: Sequence[Message], state: State) -> Outputs:
    outputs = Outputs()
    for message in messages:
        try:
            identity = str(orjson.loads(message.value or b"")["id"])
        except (ValueError, KeyError) as error:
            outputs.refuse(message, "not_json", str(error))
            continue
        seen = (message.key or b"") + b"/" + identity.encode()
        if state.get(seen) is None:
            state.put(seen, b"")
            outputs.emit(Topic("inner", "", PARTITIONS, "", ()), message.key or b"", identity.encode())
    return outputs


def number(messages: Sequence[Message], state: State) -> Outputs:
    outputs = Outputs()
    for message in messages:
        key = message.key or b""
        value = b"%d" % (int(state.get(key) or b"0") + 1)
        state.put(key, value)
        outputs.emit(Topic("facts", "", PARTITIONS, "", ()), key, value)
    return outputs


@dataclass
class Rig:
    """Topics of its own in a shared broker, a data folder of its own, and its worker processes."""

    bootstrap: str
    name: str
    data: Path
    workers: list["Process"] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=count)
    reader: "Reader | None" = None
    sent: dict[bytes, set[int]] = field(default_factory=lambda: defaultdict(set))

    @classmethod
    @contextmanager
    def made(cls, bootstrap: str, data: Path) -> Iterator["Rig"]:
        rig = cls(bootstrap, f"delivery-{next(names)}", data)
        rig.create_topics()
        try:
            yield rig
        finally:
            for worker in rig.workers:
                worker.kill()
            rig.close_reader()

    def topic(self, of: str) -> str:
        return f"{self.name}.{of}"

    def stages(self) -> list[Stage]:
        return stages(self.name)

    def create_topics(self) -> None:
        admin = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        plain = [NewTopic(self.topic(t), PARTITIONS, 1) for t in ("raw", "inner", "facts", "letters")]
        logs = [
            NewTopic(self.topic(t), PARTITIONS, 1, topic_configs={"cleanup.policy": "compact"})
            for t in ("deduplicate.log", "number.log")
        ]
        admin.create_topics([*plain, *logs])
        admin.close()

    def send(self, ids: Iterable[int], keys: int = 8, repeats: int = 1) -> None:
        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=5)
        for at in ids:
            key = b"key-%d" % (at % keys)
            self.sent[key].add(at)
            for _ in range(repeats):
                producer.send(self.topic("raw"), key=key, value=orjson.dumps({"id": at}))
        producer.flush()
        producer.close()

    def start(self, failpoints: str = "", **limits: float | list[float]) -> "Process":
        worker = Process.start(self, next(self.numbers), failpoints, limits)
        self.workers.append(worker)
        return worker

    def facts(self) -> dict[bytes, list[int]]:
        """All committed ones up to the end as it is now; what was read once is kept."""
        if self.reader is None:
            self.reader = Reader(self.bootstrap, self.topic("facts"))
        found: dict[bytes, list[int]] = defaultdict(list)
        for message in self.reader.read():
            found[message.key].append(int(message.value))
        return found

    def members(self) -> int:
        """Of the groups of its stages, as the broker has them."""
        with closing(KafkaAdminClient(bootstrap_servers=self.bootstrap)) as admin:
            groups = admin.describe_groups([stage.group for stage in self.stages()])
            return sum(len(group["members"]) for group in groups.values())

    def close_reader(self) -> None:
        """Before the broker goes: kafka-python leaves sockets open that it tried in vain."""
        if self.reader is not None:
            self.reader.close()
        self.reader = None

    def count(self) -> int:
        return sum(len(values) for values in self.facts().values())

    def expected(self) -> dict[bytes, list[int]]:
        return {key: list(range(1, len(ids) + 1)) for key, ids in self.sent.items()}

    def await_facts(self, within_s: float = 30) -> None:
        """Exactly what was sent comes through, and stays so."""
        wanted = sum(len(ids) for ids in self.sent.values())
        until(lambda: self.count() >= wanted, within_s, self.say)
        assert self.facts() == self.expected()

    def await_some_facts(self, at_least: int = 1, within_s: float = 20) -> None:
        until(lambda: self.count() >= at_least, within_s, self.say)

    def say(self) -> str:
        done = Counter({key: len(values) for key, values in self.facts().items()})
        return f"facts so far: {dict(done)}\n" + "\n".join(f"--- {w.log}\n{w.said()[-3000:]}" for w in self.workers)


@dataclass
class Process:
    process: subprocess.Popen[bytes]
    log: Path

    @classmethod
    def start(cls, rig: Rig, number: int, failpoints: str, limits: Mapping[str, object]) -> "Process":
        log = rig.data / f"worker-{number}.log"
        rig.data.mkdir(parents=True, exist_ok=True)
        with log.open("wb") as out:
            process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "tests.integration.delivery_rig",
                    rig.bootstrap,
                    rig.name,
                    str(rig.data),
                    orjson.dumps(limits),
                ],
                stdout=out,
                stderr=out,
                env={**os.environ, "PULSE_FAILPOINTS": failpoints},
                cwd=Path(__file__).parents[2],
            )
        return cls(process, log)

    def said(self) -> str:
        return self.log.read_text()

    def await_said(self, what: str, times: int = 1, within_s: float = 20) -> None:
        until(lambda: self.said().count(what) >= times, within_s, lambda: f"waiting for {what!r}:\n{self.said()}")

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, within_s: float = 20) -> int:
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"still running after {within_s} s:\n{self.said()}") from None

    def stop(self, within_s: float = 20) -> None:
        """A graceful stop: exit code 0."""
        self.process.terminate()
        assert self.ended(within_s) == 0, self.said()

    def kill(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def until(holds: Callable[[], bool], within_s: float, say: Callable[[], str] = str) -> None:
    deadline = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s\n{say()}")
        time.sleep(0.1)


class Reader:
    """A topic's committed messages, further and further."""

    def __init__(self, bootstrap: str, topic: str) -> None:
        self._consumer: Any = KafkaConsumer(
            bootstrap_servers=bootstrap, isolation_level="read_committed", enable_auto_commit=False
        )
        self._partitions = [TopicPartition(topic, partition) for partition in range(PARTITIONS)]
        self._consumer.assign(self._partitions)
        self._consumer.seek_to_beginning(*self._partitions)
        self._found: list[Any] = []

    def read(self) -> list[Any]:
        ends = self._consumer.end_offsets(self._partitions)
        while any(self._consumer.position(partition) < end for partition, end in ends.items()):
            for messages in self._consumer.poll(timeout_ms=100).values():
                self._found.extend(messages)
        return self._found

    def close(self) -> None:
        self._consumer.close(autocommit=False)


def stages(name: str) -> list[Stage]:
    def topic(of: str) -> Topic:
        return Topic(f"{name}.{of}", "", PARTITIONS, "", ())

    letters = topic("letters")
    inner, facts = topic("inner"), topic("facts")
    return [
        Stage(f"{name}-deduplicate", topic("raw"), topic("deduplicate.log"), (inner,), letters),
        Stage(f"{name}-number", inner, topic("number.log"), (facts,), letters),
    ]


def agent(rule: Rule) -> Callable[[faust.App, ChunkSource], None]:
    def register(app: faust.App, source: ChunkSource) -> None:
        @app.agent(source.chunks, concurrency=PARTITIONS, name=source.stage.name)
        async def process(chunks: faust.StreamT[Chunk]) -> None:
            async for chunk in chunks:
                await hit("agent.before")
                await chunk.process(rule)

    return register


def directory(data: Path, _bootstrap: str = "") -> Directory | None:
    """A file says which: `<version> <area code>`; without it there is version 1."""
    file = data / "directory"
    version, code = file.read_text().split() if file.exists() else ("1", "495")
    if version == "0":
        return None
    office = Organisation(id="o", name=f"v{version}", time_zone="Europe/Moscow", region="RU", area_code=code)
    return Directory(Entities(organisations=(office,)), int(version))


def renamed(rule: Callable[[Sequence[Message], State], Outputs], output: Topic) -> Rule:
    """The rules above know no run's names."""

    def run(messages: Sequence[Message], state: State) -> Outputs:
        outputs = rule(messages, state)
        outputs.emitted = [(output, key, value) for _, key, value in outputs.emitted]
        return outputs

    return run


def main(bootstrap: str, name: str, data: str, limits: str) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # as the command does
    first, second = stages(name)
    flow = [
        (first, agent(renamed(deduplicate, first.outputs[0]))),
        (second, agent(renamed(number, second.outputs[0]))),
    ]
    given = orjson.loads(limits)
    tolerance = Tolerance(*given.pop("tolerance", ()))
    worker = Worker(bootstrap, Path(data), limits=replace(LIMITS, tolerance=tolerance, **given))
    return run_stages(worker, flow, partial(directory, Path(data)))


names = count(1)

if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
