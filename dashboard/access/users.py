"""Users and their tokens, as they are kept, and what a user may see. Pure.

Comes in: the words of a command or of a stored row. Goes out: a User whose parts fit together, or a UserError that says
what is wrong and what to do.
"""

import re
import unicodedata
from dataclasses import dataclass
from typing import ClassVar, Final, Literal, cast, get_args

from clickhouse.queries.tenant import PROVIDER, Tenant
from streams.directory import Directory

Role = Literal["provider", "admin", "viewer"]
ROLES: Final[tuple[str, ...]] = get_args(Role)
_NAME = re.compile(r"[\w.@+-]{1,64}").fullmatch
PASSWORD_LENGTHS: Final = range(10, 257)


class UserError(ValueError):
    """Something about users cannot be done; the message says what and why."""


@dataclass(frozen=True)
class User:
    """`services` empty is all of the organisation; `password` is a hash."""

    TABLE: ClassVar[str] = "users"
    name: str
    password: str
    role: Role
    organisation: str = ""
    services: tuple[str, ...] = ()
    phones: bool = False

    @property
    def key(self) -> str:
        return self.name

    @property
    def tenant(self) -> Tenant:
        if self.role == "provider":
            return PROVIDER
        return Tenant(self.organisation, self.services or None, self.phones or self.role == "admin")


@dataclass(frozen=True)
class Token:
    TABLE: ClassVar[str] = "user_tokens"
    id: str
    digest: str
    user: str
    label: str
    made_at: int

    @property
    def key(self) -> str:
        return self.id


def plain_name(given: str) -> str:
    """As it is kept: a phone writes the first letter large, and means the same."""
    return unicodedata.normalize("NFC", given.strip()).casefold()


def new_user(name: str, role: str, organisation: str, services: tuple[str, ...], *, phones: bool) -> User:
    """Without a password yet. Raises UserError."""
    plain = plain_name(name)
    if not _NAME(plain):
        raise UserError(f"{name!r} is no name: up to 64 letters, digits and . @ + - _")
    if role not in ROLES:
        raise UserError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
    if role == "provider" and (organisation or services):
        raise UserError("a provider sees every organisation: leave organisation and services out")
    if role != "provider" and not organisation:
        raise UserError(f"the role {role} belongs to an organisation: name it")
    if services and role != "viewer":
        raise UserError("only a viewer can be limited to services")
    shown = phones or role != "viewer"
    return User(plain, "", cast(Role, role), organisation, tuple(sorted(set(services))), shown)


def check_place(user: User, directory: Directory | None) -> None:
    """Against a slip of the pen: who belongs to what there is not sees nothing. Raises UserError."""
    if user.role == "provider":
        return
    if directory is None:
        raise UserError("no directory has been published yet; run `pulse directory apply FILE` first")
    if user.organisation not in directory.organisations:
        there = ", ".join(sorted(directory.organisations))
        raise UserError(f"the directory has no organisation {user.organisation!r}; there are {there}")
    own = {one.id for one in directory.services.values() if one.organisation == user.organisation}
    for service in user.services:
        if service not in own:
            there = ", ".join(sorted(own))
            raise UserError(f"{user.organisation} has no service {service!r}; there are {there}")


def check_password(password: str) -> None:
    if len(password) not in PASSWORD_LENGTHS:
        raise UserError(f"a password has {PASSWORD_LENGTHS.start} to {PASSWORD_LENGTHS.stop - 1} characters")
