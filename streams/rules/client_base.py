"""What is known of a client's age: since when the client base knows it, and whether it may be older than the records.

Comes in: entries by service ('' for every service), first moments, the beginning of the records. Pure.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

FOREVER = 1 << 62


class Age(NamedTuple):
    entries: Mapping[str, int]
    """Service ('' for every service) -> the earliest date of the client base."""
    unknown: bool
    """All its marks, ever, count as of unknown age."""

    def is_known_in(self, service: str, moment: int) -> bool:
        """From the date of an entry for the service, or for every service, on."""
        entries = self.entries
        return bool(entries) and min(entries.get(service, FOREVER), entries.get("", FOREVER)) <= moment

    def is_known(self, moment: int) -> bool:
        """In the organisation: from the earliest date of all entries on."""
        return bool(self.entries) and min(self.entries.values()) <= moment


def age_of(entries: Mapping[str, int], firsts: Iterable[int], certain_from: int | None) -> Age:
    """Unknown where its first call or order lies before `certain_from`, unless the client base has any entry."""
    first = min(firsts, default=FOREVER)
    return Age(entries, not entries and certain_from is not None and first < certain_from)
