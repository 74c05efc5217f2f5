"""`clients.activity` in, `facts.calls` out: each call as a signed fact, with the marks of new and unknown callers.

The facts are a function of the newest images and the directory. A late earlier call moves its phone's marks: the facts
of both calls are taken back and stated anew. An update reads the call, its phone's header and the calls whose marks
move, however long the phone's history is.
"""

from collections.abc import Sequence

from streams.chunks import Message, Outputs, State
from streams.directory import Directory
from streams.rules.changes import Changes
from streams.rules.clients import Client, load_firsts, moved_firsts, save_firsts, touched_clients
from streams.rules.marks import NO_MARKS, differing, mark, marks_of


def classify_clients(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    changes = Changes(messages, state)
    known_from: dict[str, int | None] = {}
    for client in touched_clients(changes):
        if client.organisation not in known_from:
            known_from[client.organisation] = _known_from(client.organisation, directory)
        _move_marks(client, changes, state, known_from[client.organisation])
    return changes.settle()


def _move_marks(client: Client, changes: Changes, state: State, known_from: int | None) -> None:
    before = load_firsts(client, state)
    after = moved_firsts(client, before, state)
    marks = marks_of(after, known_from)
    stated_anew = {ref for _, ref in client.come if ref in marks}
    if after != before:
        save_firsts(client, after, state)
        stated_anew |= differing(marks_of(before, known_from), marks)
    for ref in sorted(stated_anew):
        call = changes.of(client.organisation, ref, client.observed_at).after
        if call is not None and call.ref == ref and call.fact["phone"] == client.phone:
            mark(call.fact, marks.get(ref, NO_MARKS))


def _known_from(organisation: str, directory: Directory) -> int | None:
    """A phone that first called before this moment may be an old client; None: the directory names no beginning."""
    begin = directory.history_from_ms(organisation)
    return None if begin is None else begin + directory.settings(organisation).unknown_age_ms
