"""Rubbish through the real chain: broker, `pulse stream`, loader. By hand: `make bad-input RECORDS=1000000 SEED=1`.

Comes in: how many records, and a seed. Goes out: what became of which kind, and a last line `bad input: …`; exit code 1
unless each record is counted or in the dead letters, no process ended, and every number is as recomputed.
"""

import json
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import count, islice
from pathlib import Path

import click
from kafka import KafkaProducer

from tests.bad_input.honest import DIRECTORY, honest
from tests.bad_input.judge import SHOWN, Verdict, judge
from tests.bad_input.rubbish import Message, Rubbish
from tests.chain import Started, up

PATIENCE_S = 7_200.0
UNLIMITED = {"PULSE_REFUSED_RUN": "0", "PULSE_REFUSED_RATIO": "0"}
"""The whole point is to swallow a bad feed."""
PERIOD = ("--step", "month", "--from", "2026-01-01", "--to", "2026-06-01", "--organisation", "honest")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Outcome:
    verdict: Verdict
    honest: dict[str, int]
    """Valid calls and orders that were sent beside the rubbish."""
    reported: dict[str, int]
    exits: list[str]
    """What the supervisor told of processes that ended."""
    verified: bool

    @property
    def wrong(self) -> list[str]:
        missing = [] if self.reported == self.honest else [f"reported {self.reported}, sent {self.honest}"]
        unverified = [] if self.verified else ["pulse verify found differences, see above"]
        return [*self.verdict.wrong, *missing, *self.exits, *unverified]


def messages(records: int, seed: int) -> Iterator[Message]:
    """As many valid ones as rubbish, in no order."""
    dice, rubbish, numbers = random.Random(seed), iter(Rubbish(random.Random(seed))), count()
    for _ in range(records):
        yield honest(next(numbers)) if dice.random() < 0.5 else next(rubbish)


def try_out(data: Path, records: int, seed: int, say: Say) -> Outcome:
    directory = data.with_suffix(".yaml")
    directory.write_text(DIRECTORY)
    with up(data, "--directory", str(directory), settings=UNLIMITED) as system:
        kafka, began = system.ready().kafka, time.monotonic()
        sent = _send(kafka, messages(records, seed), say)
        say(f"sent in {time.monotonic() - began:.0f} s")
        system.did("drain", "--timeout", str(PATIENCE_S), within_s=PATIENCE_S)
        say(f"drained after {time.monotonic() - began:.0f} s: {records / (time.monotonic() - began):.0f} records/s")
        verified = system.pulse("verify", within_s=PATIENCE_S)
        say(verified.stdout)
        exits = [line for line in system.output.splitlines() if "starting it again" in line]
        return Outcome(judge(kafka), sent, _reported(system), exits, verified.returncode == 0)


def _send(kafka: str, every: Iterator[Message], say: Say) -> dict[str, int]:
    sent = {"calls": 0, "orders": 0}
    producer = KafkaProducer(
        bootstrap_servers=kafka, compression_type="zstd", linger_ms=20, batch_size=256 << 10, max_request_size=2 << 20
    )
    with closing(producer):
        while part := list(islice(every, 20_000)):
            for future in [producer.send(each.topic, each.value, each.key, _headers(each)) for each in part]:
                future.get(120)
            for name, kind in (("calls", "honest call"), ("orders", "honest order")):
                sent[name] += sum(each.kind == kind for each in part)
            say(f"{sum(sent.values())} valid ones sent, and the rubbish between")
    return sent


def _headers(message: Message) -> list[tuple[str, bytes]]:
    return [("kind", message.kind.encode()), ("expected", message.expected.encode())]


def _reported(system: Started) -> dict[str, int]:
    said = system.did("report", "--metric", "calls", "--metric", "orders", *PERIOD, "--format", "json")
    return {series["metric"]: series["total"] for series in json.loads(said)["series"]}


@click.command(help=__doc__)
@click.option("--records", default=1_000_000, show_default=True)
@click.option("--seed", default=1, show_default=True)
def command(records: int, seed: int) -> None:
    with tempfile.TemporaryDirectory(prefix="bad-input-") as folder:
        outcome = try_out(Path(folder) / "data", records, seed, click.echo)
    verdict = outcome.verdict
    for (kind, reason), number in sorted(verdict.refused.items()):
        click.echo(f"refused {number:>8}  {reason:<20} {kind}")
    for kind, number in sorted(verdict.taken.items()):
        click.echo(f"taken   {number:>8}  {kind}")
    for line in outcome.wrong[:SHOWN]:
        click.echo(f"WRONG: {line}")
    click.echo(
        f"bad input: records={verdict.sent} taken={verdict.taken.total()} refused={verdict.refused.total()} "
        f"wrong={len(outcome.wrong)} exits={len(outcome.exits)}"
    )
    raise SystemExit(bool(outcome.wrong))


if __name__ == "__main__":
    command()
