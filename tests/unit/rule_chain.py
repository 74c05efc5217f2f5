"""The rules chained as the agents chain them, over states in memory: raw records in, net facts out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from streams.chunks import MemoryState, Outputs
from streams.contracts.directory import Entities
from streams.contracts.facts import CallFact, SignedCallFact, read_call_fact
from streams.contracts.times import format_time, parse_time
from streams.directory import Directory
from streams.rules.classify_clients import classify_clients
from streams.rules.deduplicate_calls import deduplicate_calls

WORLD = Entities.model_validate(
    {
        "organisations": [
            {
                "id": "orbita",
                "name": "Орбита",
                "time_zone": "Europe/Moscow",
                "region": "RU",
                "area_code": "495",
                "history_from": "2026-01-01",
                "staff_numbers": ["+79160000001", "101"],
            },
            {"id": "volna", "name": "Волна", "time_zone": "Asia/Yekaterinburg", "region": "RU"},
        ],
        "services": [
            {"id": "city", "organisation": "orbita", "name": "Город"},
            {"id": "night", "organisation": "orbita", "name": "Ночь", "time_zone": "Asia/Kolkata"},
            {"id": "wave", "organisation": "volna", "name": "Волна"},
        ],
        "servers": [
            {"id": "pbx-1", "time_zone": "Europe/Moscow", "internal_peers": ["peer"]},
            {"id": "pbx-2", "time_zone": "Asia/Yekaterinburg"},
        ],
        "gateways": [
            {
                "server": "pbx-1",
                "account": "GSM1",
                "lines": [
                    {"service": "city", "numbers": ["+74951110001", "+74951110009"], "until": "2026-06-01"},
                    {"service": "night", "numbers": ["+74951110001"], "from": "2026-06-10"},
                ],
            },
            {"server": "pbx-1", "account": "GSM2", "lines": [{"service": "night", "numbers": ["+74951110002"]}]},
            {"server": "pbx-1", "account": "peer", "lines": [{"service": "city", "numbers": ["+74951110003"]}]},
            {"server": "pbx-2", "account": "GSM1", "lines": [{"service": "wave", "numbers": ["+73431110001"]}]},
            {"server": "pbx-2", "account": "GSM2", "lines": [{"service": "city", "numbers": ["+74951110004"]}]},
        ],
    }
)
DIRECTORY = Directory(WORLD, 1)
CLIENT = "+79161234567"


class Raw(NamedTuple):
    key: bytes | None
    value: bytes | None
    offset: int = 0


def at(text: str) -> int:
    """10:00:00 is a time of the 1st of March 2026, UTC; so are whole RFC 3339 times what they say."""
    return parse_time(text if "T" in text else f"2026-03-01T{text}Z")


def leg(record_id: str = "r1", start: str = "10:00:00", end: str = "10:01:00", **fields: Any) -> Raw:
    """A record of one unanswered inbound leg of a client, on a mapped gateway, unless told otherwise."""
    answered = fields.pop("answered", None)
    record = {
        "v": 1,
        "server": "pbx-1",
        "record_id": record_id,
        "call_id": "c1",
        "direction": "inbound",
        "gateway": "GSM1",
        "caller": CLIENT,
        "callee": "600",
        "started_at": format_time(at(start)),
        "ended_at": format_time(at(end)),
        "answered_at": None if answered is None else format_time(at(answered)),
        "answered_by": None if answered is None else "agent",
        "observed_at": format_time(at(end)),
    } | fields
    return Raw(str(record["server"]).encode(), orjson.dumps(record))


@dataclass
class Chain:
    """Both rules with their states; `facts` is every signed row ever emitted, in order."""

    directory: Directory = DIRECTORY
    calls: MemoryState = field(default_factory=MemoryState)
    clients: MemoryState = field(default_factory=MemoryState)
    facts: list[SignedCallFact] = field(default_factory=list)

    def take(self, *chunk: Raw) -> Outputs:
        """One chunk through both rules; returns what the first one gave out."""
        outputs = deduplicate_calls(chunk, self.calls, self.directory)
        activity = [Raw(key, value) for _, key, value in outputs.emitted]
        stated = classify_clients(activity, self.clients, self.directory)
        self.facts += [read_call_fact(value) for _, _, value in stated.emitted]
        return outputs

    def restart(self) -> None:
        """Nothing but the stored bytes survives."""
        self.calls, self.clients = _reloaded(self.calls), _reloaded(self.clients)

    def net(self) -> list[CallFact]:
        return net(self.facts)


def facts(*records: Raw) -> list[CallFact]:
    """The net facts of records that arrive in one chunk."""
    chain = Chain()
    chain.take(*records)
    return chain.net()


def fact(*records: Raw) -> CallFact:
    (only,) = facts(*records)
    return only


def net(rows: Iterable[SignedCallFact]) -> list[CallFact]:
    """Signs summed per row; what was taken back is gone. Fails where a row counts twice, or less than nothing."""
    signs: Counter[bytes] = Counter()
    for row in rows:
        signs[_unsigned(row)] += row["sign"]
    assert set(signs.values()) <= {0, 1}
    return [orjson.loads(row) for row in sorted(row for row, sign in signs.items() if sign)]


def in_chunks(records: Sequence[Raw], sizes: Iterable[int]) -> Iterator[Sequence[Raw]]:
    """Cut into chunks of these sizes; what is left over is the last chunk."""
    first = 0
    for size in sizes:
        yield records[first : first + size]
        first += size
    yield records[first:]


def _unsigned(row: SignedCallFact) -> bytes:
    return orjson.dumps({name: row[name] for name in CallFact.__annotations__})  # type: ignore[literal-required]


def _reloaded(state: MemoryState) -> MemoryState:
    fresh = MemoryState()
    for key, value in state.range(b"", b"\xff" * 512):
        fresh.put(key, value)
    return fresh
