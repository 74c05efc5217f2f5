"""Whose task the tables of a generation are: those of an embedded store its `pulse serve`'s, those of a server ours.

Comes in: generations to create, read, drop. Goes out: done, or left to the process that owns the store, which follows
the published generations by itself.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Protocol

from clickhouse_connect.driver.client import Client

from clickhouse.engine import connect
from clickhouse.migrate import Layout, create_generation, current_generation, drop_generation, switch_to


class Schema(Protocol):
    def create(self, generation: int) -> None: ...

    def switch_to(self, generation: int) -> None: ...

    def drop(self, generation: int) -> None: ...


class LeftToItsOwner:
    """Of a store whose owner follows by itself."""

    def create(self, generation: int) -> None: ...

    def switch_to(self, generation: int) -> None: ...

    def drop(self, generation: int) -> None: ...


@dataclass(frozen=True)
class OfServer:
    url: str
    database: str
    cluster: str

    def create(self, generation: int) -> None:
        with self._client() as client:
            create_generation(client, generation, self._layout)

    def switch_to(self, generation: int) -> None:
        with self._client() as client:
            if current_generation(client) != generation:
                switch_to(client, generation, self._layout)

    def drop(self, generation: int) -> None:
        with self._client() as client:
            drop_generation(client, generation, self._layout)

    @property
    def _layout(self) -> Layout:
        return Layout(self.cluster)

    @contextmanager
    def _client(self) -> Iterator[Client]:
        with connect(self.url) as engine, closing(engine.writer(self.database)) as client:
            yield client
