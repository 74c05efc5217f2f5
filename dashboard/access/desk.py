"""What `pulse user` asks for, in plain values, at the store itself; served_desk.py asks the process that owns it.

Comes in: names, passwords, words. Goes out: users and tokens without their secrets. Raises UserError.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from time import time_ns
from typing import Any, Protocol

from clickhouse_connect.driver.client import Client

from clickhouse.engine import connect, open_embedded
from clickhouse.kept import Keeping
from clickhouse.migrate import migrate
from clickhouse.queries.stored import stored_directory
from dashboard.access.accounts import Accounts, described
from dashboard.access.users import Token, UserError, check_place, new_user
from streams.directory import Directory

Shown = dict[str, Any]


class Desk(Protocol):
    def users(self) -> list[Shown]: ...
    def add(
        self, name: str, password: str, role: str, organisation: str, services: Sequence[str], *, phones: bool
    ) -> None: ...
    def remove(self, name: str) -> None: ...
    def set_password(self, name: str, password: str) -> None: ...
    def tokens(self, name: str) -> list[Shown]: ...
    def make_token(self, name: str, label: str) -> Shown: ...
    def revoke_token(self, name: str, token: str) -> None: ...


class OwnDesk:
    """In the process that owns the store."""

    def __init__(self, accounts: Accounts, directory: Callable[[], Directory | None]) -> None:
        self._accounts = accounts
        self._directory = directory

    def users(self) -> list[Shown]:
        return [described(user) for user in self._accounts.users()]

    def add(
        self, name: str, password: str, role: str, organisation: str, services: Sequence[str], *, phones: bool
    ) -> None:
        user = new_user(name, role, organisation, tuple(services), phones=phones)
        check_place(user, self._directory())
        self._accounts.add(user, password)

    def remove(self, name: str) -> None:
        self._accounts.remove(name)

    def set_password(self, name: str, password: str) -> None:
        self._accounts.set_password(name, password)

    def tokens(self, name: str) -> list[Shown]:
        return [_described(token) for token in self._accounts.tokens(name)]

    def make_token(self, name: str, label: str) -> Shown:
        """`secret` is shown here and never again."""
        token, secret = self._accounts.make_token(name, label)
        return {**_described(token), "secret": secret}

    def revoke_token(self, name: str, token: str) -> None:
        self._accounts.revoke_token(name, token)


def _described(token: Token) -> Shown:
    return {name: value for name, value in asdict(token).items() if name != "digest"}


@contextmanager
def desk_of(folder: Path) -> Iterator[Desk]:
    """That of a store which nobody serves. Raises EngineError where another process has the folder."""
    with open_embedded(folder) as engine:
        engine.create_database()
        with closing(engine.writer()) as client:
            migrate(client)
            yield _desk(client)


@contextmanager
def desk_at(url: str, database: str) -> Iterator[Desk]:
    """That of a server, whose schema is `pulse migrate`'s; dashboards that run over it know of a change soon."""
    with connect(url, database) as engine:
        if not engine.has_database():
            raise UserError(f"there is no database {database}: run `pulse migrate --clickhouse URL`")
        with closing(engine.writer()) as client:
            yield _desk(client, shared=True)


def _desk(client: Client, *, shared: bool = False) -> OwnDesk:
    accounts = Accounts(Keeping(client, shared=shared), lambda: time_ns() // 1_000_000)
    return OwnDesk(accounts, lambda: stored_directory(client))
