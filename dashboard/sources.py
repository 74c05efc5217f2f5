"""What the API answers from: the store, the directory, how far everything is through, and the loaders beside it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from dashboard.access.accounts import Accounts
from dashboard.access.principal import tenant
from dashboard.freshness import NOT_KNOWN, Freshness
from dashboard.letters import Letters
from dashboard.notes import Notes
from dashboard.problems import NotReady
from dashboard.readers import Readers
from streams.directory import Directory


@dataclass(frozen=True)
class Sources:
    """`loading` tells the state of each loader by its facts, nothing where they run elsewhere; `token` opens the
    internal routes."""

    readers: Readers
    directory_now: Callable[[], Directory | None]
    freshness: Freshness
    loading: Callable[[], Mapping[str, Mapping[str, Any]]]
    token: str
    accounts: Accounts
    notes: Notes
    letters: Letters

    def directory(self) -> Directory:
        """As who asks in this request sees it: what is not his is not in it."""
        found = self.directory_now()
        if found is None:
            raise NotReady("no directory has been published yet; run `pulse directory apply FILE`")
        return tenant().directory(found)

    def complete_until(self) -> datetime:
        """Before the question is asked of the store: what is through by then is in the answer."""
        found = self.freshness.complete_until()
        if found is None:
            raise NotReady(NOT_KNOWN)
        return found
