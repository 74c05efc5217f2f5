"""What a value of a dimension is called: the directory's words, the value itself where it has none."""

from datetime import date

from clickhouse.families import Dimension
from streams.contracts.directory import Gateway, Line
from streams.directory import Directory

OTHER = "other"
REST = "the rest"
NONE = "none"


def label(dimension: Dimension, value: str | None, directory: Directory) -> str:
    if not value:
        return REST if value is None else NONE
    match dimension:
        case "service":
            known = directory.services.get(value)
            return value if known is None else known.name
        case "gateway":
            server, _, account = value.partition("/")
            gateway = directory.gateways.get((server, account))
            return value if gateway is None else _gateway(gateway)
        case _:
            return value


def _gateway(gateway: Gateway) -> str:
    """Its account and the number shown for its newest line."""
    line = max(gateway.lines, key=_since, default=None)
    return gateway.id if line is None else f"{gateway.account} · {line.numbers[0]}"


def _since(line: Line) -> date:
    return line.start or date.min
