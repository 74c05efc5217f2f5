"""Signing in with a name and a password, not too often.

Comes in: the accounts, what was given, from which network. Goes out: a user and the cookie of a new session, or None.
"""

import math

from dashboard.access.accounts import Accounts
from dashboard.access.attempts import PER_ADDRESS, PER_NAME, Attempts
from dashboard.access.users import User, plain_name


class TooOftenError(RuntimeError):
    def __init__(self, wait_ms: int) -> None:
        self.wait_s = math.ceil(wait_ms / 1_000)
        minutes = math.ceil(self.wait_s / 60)
        super().__init__(f"too many attempts to sign in; wait {minutes} minute{'' if minutes == 1 else 's'}")


class SigningIn:
    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts
        self._of_names = Attempts(PER_NAME, accounts.clock)
        self._of_networks = Attempts(PER_ADDRESS, accounts.clock)

    def __call__(self, name: str, password: str, network: str) -> tuple[User, str] | None:
        """Raises TooOftenError, for a name that there is not as for one that there is. A network that has to wait uses
        up no attempts of a name: it would keep its owner out."""
        key = plain_name(name)
        wait_ms = self._of_networks.wait_ms(network) or self._of_names.wait_ms(key)
        if wait_ms:
            raise TooOftenError(wait_ms)
        user = self._accounts.signed_in(name, password)
        if user is None:
            return None
        self._of_names.forgive(key)
        cookie = self._accounts.sessions.begin(user.name)
        if self._accounts.user(user.name) != user:  # a new password meanwhile has ended the sessions of the old one
            self._accounts.sessions.end(cookie)
            return None
        return user, cookie
