"""What a chunk touches beyond its own calls and orders: what has to be found out anew, each once, in a fixed order.

Filled while calls and orders enter and leave the histories of their clients; read by the rules that come after.
"""

from dataclasses import dataclass, field

from streams.rules import contacts
from streams.rules.changes import Identity
from streams.rules.clients import Client
from streams.rules.contacts import Contact
from streams.rules.runs import Moment


@dataclass(slots=True)
class Touched:
    contacts: dict[tuple[Client, str, Moment], None] = field(default_factory=dict)
    """By service and first call; some of them may be there no more."""
    orders: dict[Identity, int] = field(default_factory=dict)
    """Whose attribution may be another, with the oldest observation behind that."""
    regrouped: dict[tuple[Client, str, int, int], None] = field(default_factory=dict)
    """Where contacts of a service became one or several, from when until when."""

    def contact(self, client: Client, service: str, contact: Contact) -> None:
        self.contacts[client, service, contact.first] = None

    def regroup(self, client: Client, service: str, whole: Contact, parts: list[Contact]) -> None:
        for contact in (whole, *parts):
            self.contact(client, service, contact)
        if len(parts) > 1:
            self.regrouped[client, service, whole.start, whole.end] = None

    def contact_at(self, client: Client, service: str, moment: int) -> None:
        """The contact that this moment is part of, if any."""
        contact = next(contacts.backwards(client, service, moment), None)
        if contact is not None and contact.holds(moment):
            self.contact(client, service, contact)

    def order(self, identity: Identity, observed_at: int) -> None:
        self.orders[identity] = min(observed_at, self.orders.get(identity, observed_at))
