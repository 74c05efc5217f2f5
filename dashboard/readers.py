"""Threads that ask the store: each has a client of its own, because a client answers one question at a time.

Comes in: the engine. Goes out: `ask`, which runs a tenant's question in one of them and never blocks the event loop. A
server that is away is asked again with the next question.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import Lock, local
from typing import TypeVar

from clickhouse_connect.driver.client import Client

from clickhouse.engine import Engine, EngineError
from clickhouse.errors import StoreAwayError, sorted_out
from clickhouse.migrate import current_generation, generation_read
from clickhouse.queries.net_rows import Rows, lines
from clickhouse.queries.run import Store
from clickhouse.queries.tenant import PROVIDER, Tenant
from dashboard.access.principal import tenant

R = TypeVar("R")
WORKERS = 4


class Readers:
    def __init__(self, engine: Engine, workers: int = WORKERS) -> None:
        self._engine = engine
        self._own = local()
        self._clients: list[Client] = []
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(workers, "reader")

    async def ask(self, question: Callable[[Store], R]) -> R:
        """Of whoever asks in this request; outside of one an error. StoreAwayError where the store is away."""
        asks = tenant()
        here = copy_context()
        answering = asyncio.get_running_loop().run_in_executor
        return await answering(self._pool, lambda: here.run(lambda: self._answered(question, asks)))

    async def stream(self, rows: Rows, generation: int | None = None) -> AsyncIterator[bytes]:
        """A whole table in pieces, of the current generation or another; in a thread and with a client of its own, so
        that it keeps nobody waiting."""
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, "rows") as thread:
            client = await loop.run_in_executor(thread, self._engine.reader)
            try:
                found = await loop.run_in_executor(thread, lambda: lines(_whole(client, generation), rows))
                while piece := await loop.run_in_executor(thread, next, found, b""):
                    yield piece
            finally:
                await loop.run_in_executor(thread, client.close)

    def close(self) -> None:
        """When the questions under way are answered."""
        self._pool.shutdown()
        for client in self._clients:
            client.close()

    def _answered(self, question: Callable[[Store], R], asks: Tenant) -> R:
        try:
            client = self._client()
            return question(Store(client, generation_read(client), asks))
        except EngineError as error:
            raise StoreAwayError(str(error)) from error
        except Exception as error:
            found = sorted_out(error)
            raise (found if isinstance(found, StoreAwayError) else error) from error

    def _client(self) -> Client:
        """This thread's own, opened with its first question: where that fails, it costs that question only."""
        if not hasattr(self._own, "client"):
            self._own.client = self._engine.reader()
            with self._lock:
                self._clients.append(self._own.client)
        client: Client = self._own.client
        return client


def _whole(client: Client, generation: int | None) -> Store:
    return Store(client, generation or current_generation(client), PROVIDER)
