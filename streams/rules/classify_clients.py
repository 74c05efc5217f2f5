"""`clients.activity` in, `facts.calls` and `facts.orders` out: each call and order as a signed fact.

The facts are a function of the newest images and the directory. What comes late, changes or goes takes back and states
anew the facts of those that it touches: its own, and those of its neighbours, however long the histories are.
"""

from collections.abc import Sequence

from streams.chunks import Message, Outputs, State
from streams.directory import Directory
from streams.rules.attribution import attribute
from streams.rules.changes import Changes
from streams.rules.client_marks import mark_clients
from streams.rules.contact_measures import measure
from streams.rules.history import enter
from streams.rules.reactivation import reactivate


def classify_clients(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    """Each step reads what the steps before it have found, and nothing that comes after it."""
    changes = Changes(messages, state, directory)
    touched = enter(changes)
    attribute(changes, touched)
    measure(changes, touched)
    mark_clients(changes)
    reactivate(changes, touched)
    return changes.settle()
