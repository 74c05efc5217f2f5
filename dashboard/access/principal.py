"""Who asks, for as long as one request is answered: set by the gate alone, asked for wherever something may be shown.

Outside of a request nobody asks, and to ask who it is is an error: nothing is answered by oversight.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

from clickhouse.queries.tenant import PROVIDER, Tenant
from dashboard.access.accounts import described
from dashboard.access.users import User


@dataclass(frozen=True)
class Principal:
    """`user` None is this machine itself: our own commands, or whoever is at it before there are users (`open`).
    `cookie` is that of a session, and `csrf` what its changes must carry."""

    user: User | None = None
    cookie: str | None = None
    csrf: str = ""
    open: bool = False

    @property
    def ours(self) -> bool:
        return self.user is None and not self.open

    @property
    def tenant(self) -> Tenant:
        return PROVIDER if self.user is None else self.user.tenant

    def told(self) -> dict[str, Any]:
        """As the page is told, without secrets of others."""
        user = described(self.user or User("", "", "provider"))
        return {"user": {**user, "name": user["name"] or None}, "csrf": self.csrf, "open": self.open}


NOBODY: Final = Tenant("", ())
"""What there is to see for who has not signed in."""
_asking: ContextVar[Principal | None] = ContextVar("asking")
set_asking = _asking.set


def asking() -> Principal | None:
    """None has not signed in. Raises LookupError outside of a request."""
    return _asking.get()


def tenant() -> Tenant:
    found = asking()
    return NOBODY if found is None else found.tenant
