"""Shapes that break what reads whole histories: a phone with very many calls, an organisation with nearly all traffic.

    make odd-shapes [CALLS=120000]

Comes in: how many calls. Goes out: for each shape records a second from the file to what can be queried, where all is
as recomputed; last a line `odd shapes: slowest=… of evenly`, how the slowest compares with calls spread evenly over
phones and organisations. Exit code 1 where verify finds a difference or a shape sinks to less than half of that.
"""

import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click
import orjson

from streams.contracts.times import MINUTE_MS, format_time, parse_time
from streams.contracts.topics import CALL_RECORDS
from tests.chain import up

PATIENCE_S = 3_600.0
BEGAN = parse_time("2026-01-01T00:00:00Z")
EVERY_MS = 3 * MINUTE_MS
OFFICES = 10
SERVERS = 4
SUNK = 0.5
Where = Callable[[int], tuple[int, int]]
"""Number of a call -> (its organisation, its phone)."""

SHAPES: Mapping[str, Where] = {
    "evenly": lambda n: (n % OFFICES, n // 4),
    "one phone": lambda n: (0, 0) if n % 10 else (n % OFFICES, n // 4),
    "one organisation": lambda n: (0, n // 4) if n % 10 else (n // 10 % OFFICES, n // 4),
}
"""Of the odd ones nine in ten calls are what their name says."""


def directory() -> str:
    zone = "time_zone: Europe/Moscow"
    offices = [
        f"{{id: o{n}, name: O{n}, {zone}, region: RU, services: [{{id: s{n}, name: S}}]}}" for n in range(OFFICES)
    ]
    servers = [f"{{id: pbx-{n}, {zone}}}" for n in range(SERVERS)]
    gateways = [
        f"{{server: pbx-{n % SERVERS}, account: GSM{n}, lines: [{{service: s{n}, numbers: ['+7495000000{n}']}}]}}"
        for n in range(OFFICES)
    ]
    parts = {"organisations": offices, "servers": servers, "gateways": gateways}
    return "".join(f"{name}:\n" + "".join(f"  - {each}\n" for each in found) for name, found in parts.items())


def records(calls: int, where: Where) -> Iterator[bytes]:
    """A call of a minute every three; two of three are answered."""
    for number in range(calls):
        organisation, phone = where(number)
        start = BEGAN + number * EVERY_MS
        answered = {"answered_at": format_time(start + 5_000), "answered_by": "agent"} if number % 3 else {}
        record = {
            "v": 1,
            "server": f"pbx-{organisation % SERVERS}",
            "record_id": f"r{number}",
            "call_id": f"c{number}",
            "direction": "inbound",
            "gateway": f"GSM{organisation}",
            "caller": f"+7916{phone:07}",
            "callee": "600",
            "started_at": format_time(start),
            "ended_at": format_time(start + MINUTE_MS),
            "observed_at": format_time(start + 2 * MINUTE_MS),
        }
        yield orjson.dumps(record | answered) + b"\n"


def rate(folder: Path, calls: int, where: Where) -> float:
    """Records a second; raises where verify finds a difference."""
    folder.mkdir()
    known, feed = folder / "directory.yaml", folder / "calls.jsonl"
    known.write_text(directory())
    feed.write_bytes(b"".join(records(calls, where)))
    with up(folder / "data", "--directory", str(known)) as system:
        began = time.monotonic()
        system.did("produce", "file", "--topic", CALL_RECORDS.name, str(feed), within_s=PATIENCE_S)
        system.did("drain", "--timeout", str(PATIENCE_S), within_s=PATIENCE_S)
        took = time.monotonic() - began
        system.did("verify", within_s=PATIENCE_S)
    return calls / took


@click.command(help=__doc__)
@click.option("--calls", default=120_000, show_default=True)
def command(calls: int) -> None:
    rates: dict[str, float] = {}
    for name, where in SHAPES.items():
        with tempfile.TemporaryDirectory(prefix="odd-shapes-") as folder:
            rates[name] = rate(Path(folder) / "run", calls, where)
        click.echo(f"{name}: {calls} calls, {rates[name]:.0f} records/s, as recomputed")
    slowest = min(rates.values()) / rates["evenly"]
    click.echo(f"odd shapes: slowest={slowest:.2f} of evenly")
    raise SystemExit(slowest < SUNK)


if __name__ == "__main__":
    command()
