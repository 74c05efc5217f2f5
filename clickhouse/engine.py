"""The store's engine: ClickHouse inside this process (chdb, one folder), or a server at an address.

Comes in: a folder or an address. Goes out: clients of one database. A writer never lets a row pass without
deduplication; a reader can change nothing. One process owns a folder; a second one is told which.
"""

import fcntl
import logging
import os
import tempfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Self

from clickhouse_connect import get_client
from clickhouse_connect.driver.client import Client

DATABASE = "pulse"

WRITER_SETTINGS: Mapping[str, int | str] = {
    "session_timezone": "UTC",
    # A token is only worth something if every insert is synchronous and checked, in the views too.
    "async_insert": 0,
    "insert_deduplicate": 1,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "materialized_views_ignore_errors": 0,
    # One batch must stay one block on its way through every view: a token is counted on per block.
    "max_insert_threads": 1,
    "group_by_two_level_threshold": 0,
    "group_by_two_level_threshold_bytes": 0,
}
READER_SETTINGS: Mapping[str, int | str] = {"session_timezone": "UTC", "readonly": 2}
"""Reads only; a query may still carry settings of its own."""

INSERT_WITHIN_S = 120
"""A server that has not answered an insert by then is asked again; must stay below the group's poll interval."""

_CONFIG = """<clickhouse>
    <tmp_path>{temporary}/</tmp_path>
    <mark_cache_size>67108864</mark_cache_size>
    <max_server_memory_usage>2000000000</max_server_memory_usage>
</clickhouse>
"""


# Its warnings of requests that failed are for a log: on a terminal, whoever asked says why.
logging.getLogger("clickhouse_connect").addHandler(logging.NullHandler())


class EngineError(RuntimeError):
    """The store cannot be opened; the message says why and what to do."""


@dataclass
class Engine:
    """Gives clients; each is serial, several run side by side. Close the clients before the engine."""

    connection: Mapping[str, Any]
    lock: IO[str] | None = field(default=None, repr=False)
    database: str = DATABASE
    """Where no other is asked for."""

    def writer(self, database: str | None = None) -> Client:
        return self._client(database or self.database, WRITER_SETTINGS)

    def reader(self, database: str | None = None) -> Client:
        return self._client(database or self.database, READER_SETTINGS)

    def create_database(self, database: str = DATABASE, on_cluster: str = "") -> None:
        with closing(self._client(None, WRITER_SETTINGS)) as client:
            client.command(f"CREATE DATABASE IF NOT EXISTS `{database}` {on_cluster} ENGINE = Atomic")

    def has_database(self, database: str | None = None) -> bool:
        with closing(self._client(None, READER_SETTINGS)) as client:
            return bool(client.command(f"EXISTS DATABASE `{database or self.database}`"))

    def close(self) -> None:
        if self.lock is not None:
            self.lock.close()
            self.lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _client(self, database: str | None, settings: Mapping[str, int | str]) -> Client:
        try:
            return get_client(**self.connection, database=database, settings=dict(settings))
        except Exception as error:
            raise EngineError(f"no ClickHouse at {self._where()}: {_why(error)}") from error

    def _where(self) -> str:
        """Without the password."""
        return str(self.connection.get("path") or str(self.connection["dsn"]).rpartition("@")[2])


def _why(error: BaseException) -> str:
    """In one line; in the system's own words, where it is what refused: libraries in between put theirs around them."""
    cause: object = error
    while isinstance(below := getattr(cause, "__cause__", None) or getattr(cause, "reason", None), BaseException):
        cause = below
    return getattr(cause, "strerror", None) or " ".join(str(error).split())


def open_embedded(folder: Path) -> Engine:
    """ClickHouse in this process; it and its inserts write nowhere but under `folder`."""
    folder = folder.resolve()
    temporary = folder / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    lock = _own(folder)
    config = folder / "config.xml"
    config.write_text(_CONFIG.format(temporary=temporary))
    _keep_temporary_files_in(temporary)
    options = {"config-file": str(config), "session_timezone": "UTC"}
    return Engine({"interface": "chdb", "path": str(folder / "store"), "chdb_options": options}, lock)


def connect(url: str, database: str = DATABASE) -> Engine:
    """A ClickHouse server or cluster, like http://user:password@host:8123.

    Without sessions: a server refuses a second request of one while the first, which we may have given up, still runs.
    """
    if "://" not in url:
        shown = url.rpartition("@")[2]
        raise EngineError(
            f"{shown!r} is no address of a ClickHouse server: give one like http://user:password@host:8123"
        )
    options = {"query_retries": 0, "send_receive_timeout": INSERT_WITHIN_S, "autogenerate_session_id": False}
    return Engine({"dsn": url, **options}, database=database)


def _own(folder: Path) -> IO[str]:
    """Held until the process ends, however it ends; the file names its owner."""
    lock = (folder / "owner").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        lock.seek(0)
        owner = lock.read().strip() or "another process"
        lock.close()
        raise EngineError(
            f"{folder} is in use by {owner}: one process owns an embedded ClickHouse. "
            "Stop it, or read through its HTTP address"
        ) from error
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def _keep_temporary_files_in(temporary: Path) -> None:
    """Insert payloads pass through Python's temporary folder; /tmp may be small or of another owner."""
    os.environ["TMPDIR"] = str(temporary)
    tempfile.tempdir = None
