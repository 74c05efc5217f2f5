"""The directory as the store mirrors it for BI, read back: for questions where no Kafka is to be asked.

Comes in: the dim_ tables. Goes out: a Directory with all that time series need: names, zones, lines, first days,
currencies, the settings that say how long a contact may still change.
"""

from collections.abc import Iterator
from typing import Any, Final

from clickhouse_connect.driver.client import Client

from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service, Settings
from streams.directory import Directory

_ORGANISATIONS: Final = "SELECT * FROM dim_organisations"
"""Whatever columns there are: a folder that an older version left has not been migrated yet."""
_FIELDS: Final = ("name", "time_zone", "region", "currency", "history_from")
_SETTINGS: Final = frozenset({"recovery_ms", "contact_gap_ms", "attribution_ms"})
"""What is not stored has its default."""


def stored_directory(client: Client) -> Directory:
    lines: dict[tuple[str, str], list[Line]] = {}
    for row in _rows(client, "SELECT server, gateway, service, numbers, line_from, line_until FROM dim_lines"):
        line = Line(
            service=row["service"], numbers=tuple(row["numbers"]), start=row["line_from"], until=row["line_until"]
        )
        lines.setdefault((row["server"], row["gateway"]), []).append(line)
    entities = Entities(
        organisations=tuple(_organisation(row) for row in _rows(client, _ORGANISATIONS)),
        services=tuple(
            Service(**row)
            for row in _rows(client, "SELECT service AS id, organisation, name, time_zone FROM dim_services")
        ),
        servers=tuple(Server(**row) for row in _rows(client, "SELECT server AS id, time_zone FROM dim_servers")),
        gateways=tuple(
            Gateway(
                server=row["server"],
                account=row["gateway"],
                lines=tuple(lines.get((row["server"], row["gateway"]), ())),
            )
            for row in _rows(client, "SELECT server, gateway FROM dim_gateways")
        ),
    )
    return Directory(entities)


def _organisation(row: dict[str, Any]) -> Organisation:
    settings = Settings(**{name: row[name] for name in _SETTINGS & row.keys()})
    return Organisation(id=row["organisation"], settings=settings, **{name: row[name] for name in _FIELDS})


def _rows(client: Client, sql: str) -> Iterator[dict[str, Any]]:
    yield from client.query(sql).named_results()
