"""The net rows of the store's tables, from wherever they can be read: the process that owns the store, or itself.

Comes in: which rows. Goes out: these as dictionaries, as `clickhouse.queries.net_rows` describes them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any, Protocol

import httpx
import orjson
from clickhouse_connect.driver.exceptions import Error

from clickhouse.queries.net_rows import Rows, lines
from clickhouse.queries.run import Store
from clickhouse.verify.left import Outcome

WITHIN_S = 60.0


class TablesError(RuntimeError):
    """The tables cannot be read; the message says why."""


class Tables(Protocol):
    def rows(self, wanted: Rows) -> Iterator[dict[str, Any]]: ...


class StoreTables:
    """Read by ourselves, where nobody else owns the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def rows(self, wanted: Rows) -> Iterator[dict[str, Any]]:
        try:
            yield from map(orjson.loads, _lines(lines(self._store, wanted)))
        except Error as error:
            raise TablesError(f"{wanted.table} cannot be read: {error}") from error


class ServedTables:
    """Read through the process that owns the store, by the address and the token it wrote down; without a generation
    whichever is read there."""

    def __init__(self, address: str, token: str, generation: int | None = None) -> None:
        self._address = address
        self._generation = generation
        self._client = httpx.Client(
            base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=WITHIN_S, trust_env=False
        )

    def rows(self, wanted: Rows) -> Iterator[dict[str, Any]]:
        try:
            with self._client.stream("GET", f"/-/tables/{wanted.table}", params=self._parameters(wanted)) as answer:
                if answer.is_error:
                    answer.read()
                    raise TablesError(f"{answer.url} answered {answer.status_code}: {answer.text}")
                yield from map(orjson.loads, answer.iter_lines())
        except httpx.HTTPError as error:
            raise TablesError(
                f"{wanted.table} cannot be read from {self._address}: {error}; is `pulse serve` up?"
            ) from error

    def leave(self, found: Outcome) -> None:
        try:
            self._client.post("/-/verification", json=asdict(found)).raise_for_status()
        except httpx.HTTPError as error:
            raise TablesError(f"what was found cannot be left at {self._address}: {error}") from error

    def close(self) -> None:
        self._client.close()

    def _parameters(self, wanted: Rows) -> dict[str, str | int | tuple[str, ...]]:
        named = {"organisation": wanted.organisation, "generation": self._generation}
        return {"id": wanted.ids, **{name: value for name, value in named.items() if value is not None}}


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from whole
    if rest:
        yield rest
