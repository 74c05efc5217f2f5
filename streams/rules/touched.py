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
    contacts: dict[tuple[Client, str, Moment], Contact | None] = field(default_factory=dict)
    """By service and first call; None where there is none any more."""
    orders: dict[Identity, int] = field(default_factory=dict)
    """Whose attribution may be another, with the oldest observation behind that."""
    regrouped: dict[tuple[Client, str, int, int], None] = field(default_factory=dict)
    """Where contacts of a service became one or several, from when until when."""

    def contact(self, client: Client, service: str, contact: Contact) -> None:
        self.contacts[client, service, contact.first] = contact

    def regroup(self, client: Client, service: str, gone: list[Contact], there: list[Contact]) -> None:
        for contact in gone:
            self.contacts[client, service, contact.first] = None
        for contact in there:
            self.contacts[client, service, contact.first] = contact
        if len(gone) > 1 or len(there) > 1:
            every = gone + there
            since, until = min(each.start for each in every), max(each.end for each in every)
            self.regrouped[client, service, since, until] = None

    def contact_at(self, client: Client, service: str, moment: int) -> None:
        """The contact that this moment is part of, if any."""
        contact = next(contacts.backwards(client, service, moment), None)
        if contact is not None and contact.holds(moment):
            self.contact(client, service, contact)

    def order(self, identity: Identity, observed_at: int) -> None:
        self.orders[identity] = min(observed_at, self.orders.get(identity, observed_at))
