"""Who may sign in: added, listed, removed; passwords and tokens made and checked.

Comes in: what the dashboard keeps, a clock. Goes out: users without their secrets; a token is shown once, when it is
made. What ends a user ends his tokens and sessions too. Raises UserError.
"""

import secrets
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from clickhouse.kept import Keeping
from dashboard.access.passwords import Passwords
from dashboard.access.sessions import Session, Sessions, digest
from dashboard.access.users import Token, User, UserError, check_password, plain_name

TOKEN_PREFIX = "pulse_"  # noqa: S105 - by which a lost one is found in logs and files


class Accounts:
    def __init__(self, keeping: Keeping, clock: Callable[[], int], passwords: Passwords | None = None) -> None:
        self._users = keeping.of(User)
        self._tokens = keeping.of(Token)
        self.sessions = Sessions(keeping.of(Session), clock)
        self._passwords = passwords or Passwords()
        self.clock = clock

    @property
    def nobody(self) -> bool:
        """No user has been added yet."""
        return not len(self._users)

    def user(self, name: str) -> User | None:
        return self._users.get(plain_name(name))

    def users(self) -> list[User]:
        return self._users.all()

    def add(self, user: User, password: str) -> None:
        check_password(password)
        if self.user(user.name) or not self._users.add(replace(user, password=self._passwords.hash(password))):
            raise UserError(f"there is a user {user.name!r} already; `pulse user remove` takes him away")

    def remove(self, name: str) -> None:
        user = self._existing(name)
        self._users.remove(user.key)
        self.sessions.end_all_of(user.name)
        self._tokens.remove_where(lambda token: token.user == user.name)

    def set_password(self, name: str, password: str) -> None:
        """Ends the user's sessions; his tokens stay."""
        check_password(password)
        user, hashed = self._existing(name), self._passwords.hash(password)
        self._users.change(user.key, lambda found: found and replace(found, password=hashed))
        self.sessions.end_all_of(user.name)

    def signed_in(self, name: str, password: str) -> User | None:
        """As slow for a name that there is not."""
        user = self.user(name)
        stored = None if user is None else user.password
        return user if self._passwords.fit(stored, password) else None

    def tokens(self, name: str) -> list[Token]:
        user = self._existing(name)
        return [token for token in self._tokens.all() if token.user == user.name]

    def make_token(self, name: str, label: str) -> tuple[Token, str]:
        """And the secret, which is never seen again."""
        user, secret = self._existing(name), TOKEN_PREFIX + secrets.token_urlsafe(32)
        token = Token(secrets.token_hex(4), digest(secret), user.name, label[:128], self.clock())
        if not self._tokens.add(token):
            return self.make_token(name, label)
        return token, secret

    def revoke_token(self, name: str, token_id: str) -> None:
        if token_id not in {token.id for token in self.tokens(name)}:
            raise UserError(f"{name} has no token {token_id!r}; `pulse user token list {name}` shows them")
        self._tokens.remove(token_id)

    def user_of_token(self, secret: str) -> User | None:
        """The digest is compared, so that how long it takes says nothing about the secret."""
        wanted = digest(secret)
        found = next((token for token in self._tokens.all() if token.digest == wanted), None)
        return None if found is None else self._users.get(found.user)

    def user_of_session(self, cookie: str) -> User | None:
        name = self.sessions.user_of(cookie)
        return None if name is None else self._users.get(name)

    def _existing(self, name: str) -> User:
        user = self.user(name)
        if user is None:
            raise UserError(f"there is no user {name!r}; `pulse user list` shows them")
        return user


def described(user: User) -> dict[str, Any]:
    """Without the password."""
    return {
        "name": user.name,
        "role": user.role,
        "organisation": user.organisation or None,
        "services": list(user.services),
        "phones": user.tenant.phones,
    }
