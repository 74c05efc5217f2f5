"""`clients.activity` in, `facts.calls` out: each call as a signed fact, with the marks of new and unknown callers.

The facts are a function of the newest images and the directory. A late earlier call moves its phone's marks: the facts
of both calls are taken back and stated anew. An update reads the call, its phone's header and the calls whose marks
move, however long the phone's history is.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import orjson

from streams.chunks import Message, Outputs, State
from streams.contracts.activity import CallActivity, read_activity
from streams.contracts.facts import CallFact, fact_key
from streams.contracts.topics import CALL_FACTS
from streams.directory import Directory
from streams.rules import stored_calls
from streams.rules.call_facts import call_fact, signed
from streams.rules.marks import NO_MARKS, Firsts, Ref, mark, marks_of
from streams.rules.phone_headers import load_firsts, save_firsts
from streams.rules.stored_calls import StoredCall, client_calls, is_clients, ref_of


@dataclass(slots=True)
class Change:
    """One call in this chunk: as it was last emitted, and as it is now (None: not there)."""

    before: StoredCall | None
    after: StoredCall | None
    observed_at: int


Changes = dict[tuple[str, str], Change]
"""(organisation, id of the activity) -> what becomes of the call."""


@dataclass(slots=True)
class Client:
    """A phone in an organisation, with the first-call candidates that this chunk takes from it and gives to it."""

    observed_at: int
    gone: set[tuple[str, Ref]] = field(default_factory=set)
    come: set[tuple[str, Ref]] = field(default_factory=set)

    def services(self) -> set[str]:
        return {service for service, _ in self.gone | self.come}


def classify_clients(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    changes = _changes(messages, state)
    for (organisation, phone), client in _clients(changes.values()).items():
        _move_marks(organisation, phone, client, changes, state, directory)
    outputs = Outputs()
    for change in changes.values():
        _settle(change, state, outputs)
    return outputs


def _changes(messages: Sequence[Message], state: State) -> Changes:
    """The newest image of each call counts; the oldest observed_at of the chunk goes with it."""
    newest: dict[tuple[str, str], tuple[CallActivity, int]] = {}
    for message in messages:
        activity = read_activity(message.value or b"")
        identity = activity["organisation"], activity["id"]
        _, observed_at = newest.get(identity, (None, activity["observed_at"]))
        newest[identity] = activity, min(observed_at, activity["observed_at"])
    return {
        identity: Change(stored_calls.load(state, *identity), _stated(activity), observed_at)
        for identity, (activity, observed_at) in newest.items()
    }


def _stated(activity: CallActivity) -> StoredCall | None:
    image = activity["image"]
    return None if image is None else StoredCall(call_fact(image), image["call_ids"])


def _clients(changes: Iterable[Change]) -> dict[tuple[str, str], Client]:
    clients: dict[tuple[str, str], Client] = {}
    for change in changes:
        for stored, is_new in ((change.before, False), (change.after, True)):
            if stored is None or not is_clients(stored.fact):
                continue
            fact = stored.fact
            client = clients.setdefault((fact["organisation"], fact["phone"]), Client(change.observed_at))
            client.observed_at = min(client.observed_at, change.observed_at)
            (client.come if is_new else client.gone).add((fact["service"], ref_of(fact)))
    return clients


def _move_marks(
    organisation: str, phone: str, client: Client, changes: Changes, state: State, directory: Directory
) -> None:
    before = load_firsts(state, organisation, phone)
    after = _firsts(organisation, phone, client, before, state)
    if after != before:
        save_firsts(state, organisation, phone, after)
    known_from = _history_known_from(organisation, directory)
    former, marks = marks_of(before, known_from), marks_of(after, known_from)
    moved = {ref for ref in former.keys() | marks.keys() if former.get(ref) != marks.get(ref)}
    for ref in sorted(moved | {ref for _, ref in client.come}):
        call = _change_of(organisation, ref, client, changes, state).after
        if call is not None and call.fact["phone"] == phone and ref_of(call.fact) == ref:
            mark(call.fact, marks.get(ref, NO_MARKS))


def _firsts(organisation: str, phone: str, client: Client, before: Firsts, state: State) -> Firsts:
    after = dict(before)
    for service in client.services():
        candidates = [ref for of, ref in client.come if of == service]
        first = before.get(service)
        if first is not None and (service, first) in client.gone and (service, first) not in client.come:
            first = _next(organisation, phone, service, client, state)
        if first is not None:
            candidates.append(first)
        if candidates:
            after[service] = min(candidates)
        else:
            after.pop(service, None)
    return after


def _next(organisation: str, phone: str, service: str, client: Client, state: State) -> Ref | None:
    """The first call that stays: passes over no more calls than this chunk removes."""
    refs = (ref_of(stored.fact) for stored in client_calls(state, organisation, phone, service))
    return next((ref for ref in refs if (service, ref) not in client.gone), None)


def _change_of(organisation: str, ref: Ref, client: Client, changes: Changes, state: State) -> Change:
    """A call whose marks move is changed by the messages about the other calls of its phone."""
    identity = organisation, f"{ref.server}/{ref.id}"
    if identity not in changes:
        stored = stored_calls.load(state, *identity)
        changes[identity] = Change(stored, stored and stored.copy(), client.observed_at)
    return changes[identity]


def _history_known_from(organisation: str, directory: Directory) -> int | None:
    """A phone that first called before this moment may be an old client."""
    begin = directory.history_from_ms(organisation)
    return None if begin is None else begin + directory.settings(organisation).unknown_age_ms


def _settle(change: Change, state: State, outputs: Outputs) -> None:
    """Stores and states what is different; a call that ended the chunk as it began costs nothing."""
    before, after = change.before, change.after
    if before == after:
        return
    stored_calls.save(state, before, after)
    old = None if before is None else before.fact
    new = None if after is None else after.fact
    if old != new:
        _state(old, -1, change.observed_at, outputs)
        _state(new, +1, change.observed_at, outputs)


def _state(fact: CallFact | None, sign: int, observed_at: int, outputs: Outputs) -> None:
    if fact is not None:
        outputs.emit(CALL_FACTS, fact_key(fact), orjson.dumps(signed(fact, sign, observed_at)))
