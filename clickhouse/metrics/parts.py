"""Which metrics are parts of others, so that who adds up two of them sees whether he counts anything twice.

Comes in: a metric's name. Goes out: what it is a part of. All that counts in a part counts in its whole too, and parts
of one cut have nothing in common: an invariant that the tests hold on every fact of random worlds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Cut:
    """A metric, and by what it is cut."""

    whole: str
    by: str


CUTS: Final[Mapping[Cut, Sequence[str]]] = {
    Cut("calls", "outcome"): ("calls_answered", "calls_missed", "calls_short"),
    Cut("calls", "phone"): ("calls_no_number",),
    Cut("calls", "caller of the service"): ("new_callers_service", "unknown_callers_service"),
    Cut("calls", "caller of the organisation"): ("new_callers_organisation", "unknown_callers_organisation"),
    Cut("calls", "contact"): ("contacts",),
    Cut("contacts", "outcome"): ("contacts_missed",),
    Cut("contacts_missed", "recovery"): ("contacts_recovered", "contacts_lost"),
    Cut("contacts", "demand"): ("contacts_demand",),
    Cut("contacts_demand", "order"): ("contacts_converted",),
    Cut("orders", "state"): (
        "orders_completed",
        "orders_cancelled",
        "orders_no_car",
        "orders_no_show",
        "orders_open",
    ),
    Cut("orders", "level"): (
        "orders_attributed_a",
        "orders_attributed_b",
        "orders_attributed_c",
        "orders_attributed_d",
    ),
    Cut("orders", "client of the service"): ("new_ordering_clients_service", "unknown_ordering_clients_service"),
    Cut("orders", "client of the organisation"): (
        "new_ordering_clients_organisation",
        "unknown_ordering_clients_organisation",
    ),
    Cut("orders_completed", "client of the service"): ("new_clients_service", "unknown_clients_service"),
    Cut("orders_completed", "client of the organisation"): (
        "new_clients_organisation",
        "unknown_clients_organisation",
        "reactivated_clients",
    ),
}
"""Contacts and clients count on one call or order of theirs, and so are parts of calls and orders."""
_CUT_OF: Final = {name: cut for cut, names in CUTS.items() for name in names}


def cuts_above(name: str) -> tuple[Cut, ...]:
    """The nearest first."""
    cut = _CUT_OF.get(name)
    return () if cut is None else (cut, *cuts_above(cut.whole))
