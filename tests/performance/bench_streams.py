"""How many messages a second each agent takes, as `pulse stream` runs it: a real broker, real workers, state on disk.

    make bench-streams [ARGS="--workers 2 --days 14 --calls-per-day 6000 --plain"]

The simulated city fills the raw topics first. Then each agent works alone through what lies in its topic, in the order
of the flow. Rates go by the group's own committed offsets, from its first commit to the end of the topic; processor
time is that of the workers in between, and the broker's beside it. With --plain what plain Faust does comes first.
With --least the same workers run `least_rules`: what is left where a rule does nothing that could be left out.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

import psutil
from aiokafka import TopicPartition
from kafka import KafkaConsumer
from kafka.admin import KafkaAdminClient
from kafka.errors import CoordinatorNotAvailableError, NotCoordinatorError

from deploy.broker import LocalBroker
from streams.app import Worker, run_stages, stages
from streams.contracts.topics import CALL_RECORDS
from streams.directory_topic import read_directory
from tests.performance.least_rules import RULES, agent_of
from tests.performance.plain_faust import GROUP

PULSE = str(Path(sys.executable).with_name("pulse"))
SEEN_EVERY_S = 0.2
STUCK_S = 60.0
MARKERS = 16
"""The log ends in the markers of what filled it, one of each writer: no committed offset passes them."""


class Measured(Protocol):
    """What reads a topic in a consumer group."""

    @property
    def name(self) -> str: ...
    @property
    def group(self) -> str: ...
    @property
    def source_topic(self) -> str: ...


class Plain(NamedTuple):
    """Plain Faust over the first agent's topic."""

    name: str = "plain Faust"
    group: str = GROUP
    source_topic: str = CALL_RECORDS.name


@dataclass(frozen=True)
class Seen:
    """What had been done at a moment, and what it had cost."""

    at: float
    done: int
    workers_s: float
    broker_s: float
    resident: int


class Bench:
    def __init__(self, folder: Path, broker: LocalBroker, workers: int, generation: int, least: bool) -> None:
        self._folder = folder
        self._generation = generation
        self._least = least
        self._broker = psutil.Process(broker.pid)
        self._address = broker.address
        self._workers = workers
        self._admin = KafkaAdminClient(bootstrap_servers=broker.address)

    def pulse(self, *arguments: str) -> None:
        place = ("--data", str(self._folder), "--kafka", self._address)
        subprocess.run([PULSE, *arguments, *place], check=True, stdout=subprocess.DEVNULL)

    def fill(self, *city: str) -> None:
        directory = str(self._folder / "directory.yaml")
        self.pulse("topics", "apply", "--generation", str(self._generation))
        if any(self._ends(CALL_RECORDS.name).values()):
            return
        subprocess.run([PULSE, "produce", "simulate", *city, "--write-directory", directory], check=True)
        self.pulse("directory", "apply", directory)
        self.pulse("produce", "simulate", *city)

    def measure(self, stage: Measured) -> None:
        ends = self._ends(stage.source_topic)
        if not any(ends.values()):
            say(f"{stage.name:20} nothing to do")
            return
        with self._running(stage) as processes:
            first, last = self._watch(stage, ends, processes)
        done = last.done - first.done
        if not done:
            say(f"{stage.name:20} all of it in one commit: too little to measure, give more --days")
            return
        each = 1e6 / done
        spread = "/".join(f"{100 * end / sum(ends.values()):.0f}" for _, end in sorted(ends.items()))
        say(
            f"{stage.name:20} {done:8d} messages, {done / (last.at - first.at):7.0f}/s; "
            f"us of processor time a message: workers {(last.workers_s - first.workers_s) * each:.1f}, "
            f"broker {(last.broker_s - first.broker_s) * each:.1f}; "
            f"largest worker {last.resident >> 20} MB; partitions {spread} %"
        )

    def _watch(self, stage: Measured, ends: dict[int, int], processes: Sequence[psutil.Process]) -> tuple[Seen, Seen]:
        first = last = self._see(stage, processes)
        while not self._is_through(stage, ends):
            time.sleep(SEEN_EVERY_S)
            seen = self._see(stage, processes)
            if seen.done > last.done:
                first, last = (first if first.done else seen), seen
            elif seen.at - last.at > STUCK_S:
                raise RuntimeError(f"{stage.name} stands at {seen.done} for {STUCK_S:.0f} s; see {self._log(stage)}")
        return first, last

    def _see(self, stage: Measured, processes: Sequence[psutil.Process]) -> Seen:
        workers = sum(sum(process.cpu_times()[:2]) for process in processes)
        resident = max(process.memory_info().rss for process in processes)
        done = sum(self._committed(stage).values())
        return Seen(time.monotonic(), done, workers, sum(self._broker.cpu_times()[:2]), resident)

    def _is_through(self, stage: Measured, ends: dict[int, int]) -> bool:
        committed = self._committed(stage)
        return all(end == 0 or committed.get(partition, 0) >= end - MARKERS for partition, end in ends.items())

    def _committed(self, stage: Measured) -> dict[int, int]:
        try:
            found = self._admin.list_group_offsets({stage.group: None})[stage.group]
        except (CoordinatorNotAvailableError, NotCoordinatorError):  # nobody has joined yet
            return {}
        return {place.partition: committed.offset for place, committed in found.items() if committed.offset >= 0}

    def _ends(self, topic: str) -> dict[int, int]:
        consumer = KafkaConsumer(bootstrap_servers=self._address)
        try:
            partitions = [TopicPartition(topic, each) for each in consumer.partitions_for_topic(topic) or ()]
            return {place.partition: end for place, end in consumer.end_offsets(partitions).items()}
        finally:
            consumer.close()

    def _log(self, stage: Measured) -> Path:
        return self._folder / f"{stage.name}.log"

    @contextmanager
    def _running(self, stage: Measured) -> Iterator[Sequence[psutil.Process]]:
        command = [sys.executable, "-m", *self._command(stage)]
        with self._log(stage).open("ab") as log:
            workers = [subprocess.Popen(command, stdout=log, stderr=log) for _ in range(self._workers)]
        try:
            yield [psutil.Process(worker.pid) for worker in workers]
        finally:
            for worker in workers:
                worker.terminate()
            for worker in workers:
                worker.wait(60)

    def _command(self, stage: Measured) -> Sequence[str]:
        folder = str(self._folder / stage.name)
        if isinstance(stage, Plain):
            return ("tests.performance.plain_faust", self._address, stage.source_topic, folder)
        run = ("--run", stage.name, self._address, folder, "--generation", str(self._generation))
        return ("tests.performance.bench_streams", *run, *(["--least"] if self._least else []))


def work(name: str, kafka: str, data: str, generation: int, least: bool) -> int:
    """A worker of this one stage; else as `pulse stream` is."""
    flow = [each for each in stages(generation) if each[0].name == name]
    if least:
        flow = [(stage, agent_of(RULES[stage.name])) for stage, _ in flow]
    return run_stages(Worker(kafka, Path(data), generation), flow, read_directory)


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--workers", type=int, default=2)
    options.add_argument("--days", type=int, default=14)
    options.add_argument("--calls-per-day", type=int, default=6_000)
    options.add_argument("--organisations", type=int, default=8)
    options.add_argument("--folder", type=Path, help="keeps the city there; go on with it under another --generation")
    options.add_argument("--generation", type=int, default=1)
    options.add_argument("--stage", help="only this one")
    options.add_argument("--plain", action="store_true", help="first plain Faust with a table, to compare with")
    options.add_argument("--least", action="store_true", help="the least that any rule has to do in place of the rules")
    options.add_argument("--run", nargs=3, metavar=("STAGE", "KAFKA", "DATA"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.run:
        stage, kafka, data = given.run
        raise SystemExit(work(stage, kafka, data, given.generation, given.least))
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        broker = LocalBroker(folder / "kafka")
        broker.start()
        try:
            bench = Bench(folder, broker, given.workers, given.generation, given.least)
            begin = time.monotonic()
            city = ("organisations", "days", "calls_per_day")
            bench.fill(*(text for name in city for text in (f"--{name.replace('_', '-')}", str(getattr(given, name)))))
            say(f"the city was simulated in {time.monotonic() - begin:.0f} s; {given.workers} workers")
            if given.plain:
                bench.measure(Plain())
            for stage, _ in stages(given.generation):
                if given.stage in (None, stage.name):
                    bench.measure(stage)
        finally:
            broker.stop()


if __name__ == "__main__":
    main()
