"""Passwords as Argon2 hashes. Comes in: a password, perhaps a hash. Goes out: a hash, or whether they belong together.

A name that there is not costs as much time as one that there is; few are worked out at a time, for each takes memory.
"""

import secrets
from threading import Semaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

AT_ONCE = 2


class Passwords:
    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turn = Semaphore(AT_ONCE)
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        with self._turn:
            return self._hasher.hash(password)

    def fit(self, stored: str | None, password: str) -> bool:
        """None is the hash of who is not there."""
        with self._turn:
            try:
                return self._hasher.verify(stored or self._nobody, password) and stored is not None
            except (VerificationError, InvalidHashError):
                return False
