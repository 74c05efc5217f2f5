"""What a value of a dimension is called: the directory's words, the value itself where it has none."""

from datetime import date

from clickhouse.families import Dimension
from streams.contracts.directory import Gateway, Line
from streams.directory import Directory

OTHER = "other"
REST = "the rest"
NONE = "none"


Days = tuple[date, date]
"""The first and the last."""
EVER: Days = (date.min, date.max)


def label(dimension: Dimension, value: str | None, directory: Directory, asked: Days = EVER) -> str:
    if not value:
        return REST if value is None else NONE
    match dimension:
        case "service":
            known = directory.services.get(value)
            return value if known is None else known.name
        case "gateway":
            server, _, account = value.partition("/")
            gateway = directory.gateways.get((server, account))
            return value if gateway is None else _gateway(gateway, asked)
        case _:
            return value


def _gateway(gateway: Gateway, asked: Days) -> str:
    """Its account and the number shown for its last line in the days asked for; where it had none, for its newest."""
    lines = [line for line in gateway.lines if _is_in_force(line, asked)] or gateway.lines
    line = max(lines, key=_since, default=None)
    return gateway.id if line is None else f"{gateway.account} · {line.numbers[0]}"


def _is_in_force(line: Line, asked: Days) -> bool:
    first, last = asked
    return _since(line) <= last and (line.until is None or first < line.until)


def _since(line: Line) -> date:
    return line.start or date.min
