"""The directory as BI tools join it. Comes in: a directory. Goes out: the dim_ tables, each replaced as a whole.

A reader sees a table either before or after, never half of it.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final
from uuid import uuid4

from clickhouse_connect.driver.client import Client

from clickhouse.errors import sorted_out
from streams.contracts.directory import Gateway, Line
from streams.directory import Directory

Row = Sequence[Any]
SORTING: Final = {
    "dim_organisations": "organisation",
    "dim_services": "service",
    "dim_servers": "server",
    "dim_gateways": "server, gateway",
    "dim_lines": "server, gateway",
}
"""As in the migration: a part can only move between tables that are sorted alike."""


def load_dimensions(client: Client, directory: Directory) -> None:
    """Twice is no more than once; raises StoreAwayError where it is worth doing again."""
    try:
        _replace(client, "dim_organisations", list(_organisations(directory)))
        _replace(client, "dim_services", list(_services(directory)))
        _replace(client, "dim_servers", list(_servers(directory)))
        _replace(client, "dim_gateways", list(_gateways(directory)))
        _replace(client, "dim_lines", list(_lines(directory)))
    except Exception as error:
        raise sorted_out(error) from error


def _replace(client: Client, table: str, rows: Sequence[Row]) -> None:
    """Filled beside, then put in its place at once, on a cluster through the log that its replicas share.

    What is beside is a table of this node alone; its name is unique, for two may do so at a time.
    """
    if not rows:
        client.command(f"ALTER TABLE {table} DROP PARTITION tuple()")
        return
    beside = f"{table}_{uuid4().hex}"
    client.command(f"CREATE TABLE {beside} AS {table} ENGINE = MergeTree ORDER BY ({SORTING[table]})")
    try:
        client.insert(beside, rows)
        client.command(f"ALTER TABLE {table} REPLACE PARTITION tuple() FROM {beside}")
    finally:
        client.command(f"DROP TABLE {beside}")


def _organisations(directory: Directory) -> Iterator[Row]:
    for one in directory.organisations.values():
        codes = (one.region, one.area_code or "", one.currency)
        settling = (one.settings.recovery_ms, one.settings.contact_gap_ms, one.settings.attribution_ms)
        yield (one.id, one.name, one.time_zone, *codes, one.history_from, *settling, directory.version)


def _services(directory: Directory) -> Iterator[Row]:
    for one in directory.services.values():
        zone = directory.zone_of(one.organisation, one.id, "")
        region, area_code = directory.numbering(one.organisation, one.id)
        where = (str(zone), region or "", area_code or "")
        yield (one.id, one.organisation, one.name, list(one.aliases), *where, directory.version)


def _servers(directory: Directory) -> Iterator[Row]:
    for one in directory.servers.values():
        yield (one.id, one.time_zone, list(one.internal_peers), directory.version)


def _gateways(directory: Directory) -> Iterator[Row]:
    for one in directory.gateways.values():
        line = _latest(one)
        leads_to = ("", "", "") if line is None else (_owner(directory, line), line.service, line.numbers[0])
        yield (one.server, one.account, *leads_to, directory.version)


def _lines(directory: Directory) -> Iterator[Row]:
    for gateway in directory.gateways.values():
        for line in gateway.lines:
            leads_to = (_owner(directory, line), line.service, line.numbers[0], list(line.numbers))
            yield (gateway.server, gateway.account, line.start, line.until, *leads_to, directory.version)


def _latest(gateway: Gateway) -> Line | None:
    return max(gateway.lines, key=lambda line: line.start or date.min, default=None)


def _owner(directory: Directory, line: Line) -> str:
    service = directory.services.get(line.service)
    return "" if service is None else service.organisation
