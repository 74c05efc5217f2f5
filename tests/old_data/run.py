"""A long history imported after the live feed, twice, with one server's clock months behind. `make old-data DAYS=365`.

Comes in: a seed and a length. Goes out: records a second of the live feed and of both imports, how many statements each
added and took back, and a last line `old data: …`; exit code 1 unless the second import says nothing and all is
as recomputed.
"""

import re
import tempfile
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import orjson
from kafka import KafkaConsumer, TopicPartition

from streams.contracts.times import DAY_MS, format_time, parse_time
from streams.contracts.topics import CALL_FACTS, CALL_RECORDS, CLIENT_BASE, ORDER_EVENTS, ORDER_FACTS
from tests.chain import Started, pulse, up

PATIENCE_S = 7_200.0
TOPICS = (CALL_RECORDS.name, ORDER_EVENTS.name, CLIENT_BASE.name)
LATE_SERVER = "pbx-1"
BEHIND_MS = 100 * DAY_MS
"""What its clock is behind: further than any window of a definition but one reaches."""
CALL_TIMES = ("started_at", "answered_at", "ended_at")
LIVE_SHARE = 12
"""One part in so many of the records is the live feed: the newest month of a year."""


@dataclass(frozen=True)
class Step:
    name: str
    records: int
    seconds: float
    stated: int
    taken_back: int

    def __str__(self) -> str:
        rate = self.records / self.seconds
        return f"{self.name}: {self.records} records, {rate:.0f} records/s; +{self.stated} -{self.taken_back} facts"


def try_out(folder: Path, days: int, calls_per_day: int, seed: int) -> tuple[list[Step], str]:
    """The steps, and what `pulse verify` says; raises where a command fails, also where verify finds differences."""
    directory = _write(folder, days, calls_per_day, seed)
    parts = {name: [_part(folder, topic, name) for topic in TOPICS] for name in ("live", "history")}
    with up(folder / "data", "--directory", str(directory)) as system:
        steps = [
            _step(system, "live feed", parts["live"]),
            _step(system, "first import", parts["history"]),
            _step(system, "second import", parts["history"], "--restart"),
        ]
        return steps, system.did("verify", within_s=PATIENCE_S)


def _write(folder: Path, days: int, calls_per_day: int, seed: int) -> Path:
    """The records of a simulated city, cut in two in the order in which they were seen."""
    city = ("--seed", str(seed), "--days", str(days), "--calls-per-day", str(calls_per_day), "--start", "2025-03-01")
    directory = folder / "city.yaml"
    _did("produce", "simulate", *city, "--write-directory", str(directory))
    _did("produce", "simulate", *city, "--to-file", str(folder / "city.jsonl"))
    for topic in TOPICS:
        lines = (folder / f"city.{topic}.jsonl").read_bytes().splitlines(keepends=True)
        if topic == CALL_RECORDS.name:
            lines = [_with_its_clock(line) for line in lines]
        live = len(lines) - len(lines) // LIVE_SHARE
        _part(folder, topic, "history").write_bytes(b"".join(lines[:live]))
        _part(folder, topic, "live").write_bytes(b"".join(lines[live:]))
    return directory


def _part(folder: Path, topic: str, name: str) -> Path:
    return folder / f"{name}.{topic}.jsonl"


def _with_its_clock(line: bytes) -> bytes:
    try:
        record = orjson.loads(line)
        if record["server"] != LATE_SERVER:
            return line
        moved = {name: _behind(record[name]) for name in CALL_TIMES if record.get(name)}
    except (ValueError, KeyError):
        return line  # one of those that the city spoils
    return bytes(orjson.dumps(record | moved)) + b"\n"


def _behind(time_of_record: str) -> str:
    return format_time(parse_time(time_of_record) - BEHIND_MS)


def _step(system: Started, name: str, files: list[Path], *options: str) -> Step:
    before, began, records = _facts(system), time.monotonic(), 0
    for topic, file in zip(TOPICS, files, strict=True):
        said = system.did("produce", "file", "--topic", topic, *options, str(file), within_s=PATIENCE_S)
        records += int(re.findall(r"(\d+) lines sent", said)[0])
    system.did("drain", "--timeout", str(PATIENCE_S), within_s=PATIENCE_S)
    seconds, after = time.monotonic() - began, _facts(system)
    return Step(name, records, seconds, after[1] - before[1], after[-1] - before[-1])


def _facts(system: Started) -> Counter[int]:
    """How many statements with which sign there are by now."""
    reading: Any = KafkaConsumer(
        bootstrap_servers=system.ready().kafka, enable_auto_commit=False, isolation_level="read_committed"
    )
    with closing(reading):
        places = [TopicPartition(t.named(1), at) for t in (CALL_FACTS, ORDER_FACTS) for at in range(t.partitions)]
        reading.assign(places)
        reading.seek_to_beginning(*places)
        ends, signs = reading.end_offsets(places), Counter[int]()
        while any(reading.position(place) < ends[place] for place in places):
            for messages in reading.poll(500).values():
                signs.update(orjson.loads(message.value)["sign"] for message in messages)
        return signs


def _did(*arguments: str) -> None:
    done = pulse(*arguments, within_s=PATIENCE_S)
    if done.returncode:
        raise RuntimeError(f"pulse {' '.join(arguments)}: {done.stdout}{done.stderr}")


@click.command(help=__doc__)
@click.option("--days", default=365, show_default=True)
@click.option("--calls-per-day", default=60, show_default=True)
@click.option("--seed", default=1, show_default=True)
def command(days: int, calls_per_day: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="old-data-") as folder:
        steps, verified = try_out(Path(folder), days, calls_per_day, seed)
    for step in steps:
        click.echo(str(step))
    click.echo(verified)
    again = steps[-1].stated + steps[-1].taken_back
    click.echo(f"old data: days={days} records={sum(step.records for step in steps)} said_again={again}")
    raise SystemExit(bool(again))


if __name__ == "__main__":
    command()
