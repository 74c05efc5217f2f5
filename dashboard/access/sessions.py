"""Sessions of the page: begun with a password, found by a cookie, ended by signing out, by time or by a new password.

Comes in: the kept sessions, a clock. Goes out: cookies, of which only a digest is stored, and whose session one is.
"""

import hmac
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import ClassVar

from clickhouse.errors import StoreAwayError
from clickhouse.kept import Kept

HOUR_MS = 3_600_000
IDLE_MS = 12 * HOUR_MS
LONGEST_MS = 7 * 24 * HOUR_MS
SEEN_EVERY_MS = 5 * 60_000
"""How exactly it is kept when a session was used last."""


@dataclass(frozen=True)
class Session:
    TABLE: ClassVar[str] = "user_sessions"
    digest: str
    user: str
    began_at: int
    seen_at: int

    @property
    def key(self) -> str:
        return self.digest

    def over(self, now: int) -> bool:
        return now >= min(self.seen_at + IDLE_MS, self.began_at + LONGEST_MS)


class Sessions:
    def __init__(self, kept: Kept[Session], clock: Callable[[], int]) -> None:
        self._kept = kept
        self._clock = clock

    def begin(self, user: str) -> str:
        """The cookie."""
        now = self._clock()
        self._kept.remove_where(lambda session: session.over(now))
        cookie = secrets.token_urlsafe(32)
        self._kept.put(Session(digest(cookie), user, now, now))
        return cookie

    def user_of(self, cookie: str) -> str | None:
        """None where the session has ended, or never was."""
        now, found = self._clock(), self._kept.get(digest(cookie))
        if found is None or found.over(now):
            return None
        if now - found.seen_at >= SEEN_EVERY_MS:
            self._seen(found.key, now)
        return found.user

    def _seen(self, key: str, now: int) -> None:
        """Not while the store is away: what is answered without it goes on, and the next request notes it."""
        with suppress(StoreAwayError):
            self._kept.change(key, lambda session: session and replace(session, seen_at=now))

    def end(self, cookie: str) -> None:
        self._kept.remove(digest(cookie))

    def end_all_of(self, user: str) -> None:
        self._kept.remove_where(lambda session: session.user == user)


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def csrf_of(cookie: str) -> str:
    """What the page must send along with every change: it follows from the cookie, which other pages cannot read."""
    return hmac.new(cookie.encode(), b"csrf", sha256).hexdigest()
