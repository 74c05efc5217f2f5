"""Raw entries of the client base in, `clients.activity` out: since when a phone is known, in a service or in all.

Of the entries of one (phone, service) the earliest date holds, so any order and repetition ends in the same ones. An
entry that makes nobody a client (no valid phone, staff, an organisation unknown to the directory) has no effect.
"""

from collections.abc import Sequence

import orjson

from streams.chunks import Message, Outputs, State
from streams.contracts.activity import ClientImage, activity_key, client_activity
from streams.contracts.records import ClientBaseEntry
from streams.contracts.topics import ACTIVITY
from streams.directory import Directory
from streams.phones import e164
from streams.rules import keys
from streams.rules.accepted import accepted


def announce_clients(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    outputs = Outputs()
    for entry in accepted(ClientBaseEntry, messages, outputs):
        image = client_image(entry, directory)
        if image is not None and _is_earlier(image, state):
            activity = client_activity(image, entry.observed_at)
            outputs.emit(ACTIVITY, activity_key(activity), orjson.dumps(activity))
    return outputs


def client_image(entry: ClientBaseEntry, directory: Directory) -> ClientImage | None:
    """None where the entry makes nobody a client."""
    organisation = entry.organisation
    if organisation not in directory.organisations:
        return None
    service = directory.service_called(organisation, entry.service or "") or ""
    numbering = directory.numbering(organisation, service)
    phone = e164(entry.phone, *numbering, directory.settings(organisation).local_digits)
    if not phone or directory.is_staff(organisation, phone, entry.phone):
        return None
    return {"organisation": organisation, "phone": phone, "service": service, "first_order_at": entry.first_order_at}


def _is_earlier(image: ClientImage, state: State) -> bool:
    """Whether it is the earliest entry of its phone and service so far; remembers it."""
    key = keys.known_client(image["organisation"], image["phone"], image["service"])
    former = state.get(key)
    if former is not None and int(former) <= image["first_order_at"]:
        return False
    state.put(key, b"%d" % image["first_order_at"])
    return True
