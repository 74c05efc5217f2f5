"""The values of a dimension: those of the directory, and those that occur in the store without being in it.

Comes in: a dimension's name, the directory as the tenant sees it, perhaps an organisation. Goes out: values with their
labels, sorted by value.
"""

from collections.abc import Iterable, Iterator
from typing import Final, Literal, cast, get_args

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12

from clickhouse.families import FAMILIES, Dimension
from clickhouse.queries.labels import label
from clickhouse.queries.run import Store
from clickhouse.queries.sql import DIMENSIONS
from streams.contracts.directory import OrderSource, OrderState
from streams.directory import Directory

NAMES: Final = ("organisation", "service", "gateway", "number", "source", "state")


class Item(TypedDict):
    value: str
    label: str
    organisations: list[str]
    """Whose it is; of a gateway whose lines lead to several, all of them."""
    in_directory: bool


def values(store: Store, directory: Directory, name: str, organisation: str | None) -> list[Item]:
    known, stored = _owners(_known(directory, name)), _owners(_stored(store, directory, name))
    merged = {value: known.get(value, set()) | stored.get(value, set()) for value in known.keys() | stored.keys()}
    return [
        {
            "value": value,
            "label": _label(name, value, directory),
            "organisations": sorted(owners if organisation is None else {organisation}),
            "in_directory": value in known,
        }
        for value, owners in sorted(merged.items())
        if organisation is None or organisation in owners
    ]


def _owners(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    owners: dict[str, set[str]] = {}
    for value, organisation in pairs:
        owners.setdefault(value, set()).add(organisation)
    return owners


def _known(directory: Directory, name: str) -> Iterator[tuple[str, str]]:
    match name:
        case "organisation":
            yield from ((one, one) for one in directory.organisations)
        case "service":
            yield from ((service.id, service.organisation) for service in directory.services.values())
        case "gateway" | "number":
            yield from _lines(directory, name)
        case "source" | "state":
            words: tuple[str, ...] = get_args(OrderSource if name == "source" else OrderState)
            yield from ((word, organisation) for word in words for organisation in directory.organisations)


def _lines(directory: Directory, name: Literal["gateway", "number"]) -> Iterator[tuple[str, str]]:
    """Calls show the first number of a line; the others are forwarded to it."""
    for gateway in directory.gateways.values():
        for line in gateway.lines:
            yield gateway.id if name == "gateway" else line.numbers[0], directory.services[line.service].organisation


def _stored(store: Store, directory: Directory, name: str) -> list[tuple[str, str]]:
    tenant = store.tenant.knowing(directory)
    own = " AND ".join(["true", *tenant.conditions()])
    sql = (
        f"SELECT DISTINCT {tenant.named(name, _value(name))}, t.organisation FROM {{table:Identifier}} AS t WHERE {own}"  # noqa: S608
    )
    tables = [family.rollups["month"] for family in FAMILIES if name in {"organisation", *family.dimensions}]
    given = tenant.parameters()
    found = (
        store.client.query(sql, parameters={**given, "table": f"{table}_g{store.generation}"}).result_rows
        for table in tables
    )
    return [(value, organisation) for rows in found for value, organisation in rows if value]


def _value(name: str) -> str:
    return "t.organisation" if name == "organisation" else DIMENSIONS[cast(Dimension, name)]


def _label(name: str, value: str, directory: Directory) -> str:
    if name == "organisation":
        known = directory.organisations.get(value)
        return value if known is None else known.name
    return label(cast(Dimension, name), value, directory)
