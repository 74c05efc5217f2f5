"""Contacts: the calls of a client to a service that follow each other within the gap, kept as disjoint intervals.

Comes in: a call that came or went. Goes out: the contacts that it joined, or what is left of the one that it was part
of. A call joins what its start and end reach; taking one away reads the calls around it only, however long the contact.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from streams.rules import keys
from streams.rules.clients import Client, count
from streams.rules.runs import Moment, Runs, Span, at, start_of
from streams.rules.stored_calls import ANSWERED, MISSED, OUTCOMES


class Measures(NamedTuple):
    """What a contact counts as, on its first call; all 0 on any other call."""

    contacts: int = 0
    missed: int = 0
    recovered: int = 0
    lost: int = 0
    demand: int = 0
    converted: int = 0


NO_CONTACT = Measures()


@dataclass(slots=True)
class Contact:
    """From the start of its first call to its latest end. `stated` is what its first call was last told to count as."""

    first: Moment
    end: int
    answered: bool
    missed: bool
    stated: Measures = NO_CONTACT

    @property
    def start(self) -> int:
        return start_of(self.first)

    @property
    def was_missed(self) -> bool:
        """It has a missed call and none answered."""
        return self.missed and not self.answered

    def holds(self, moment: int) -> bool:
        return self.start <= moment <= self.end


Regrouped = tuple[list[Contact], list[Contact]]
"""The contacts that were there, and those that are there now."""


def join(client: Client, service: str, call: Span, outcome: int) -> Regrouped:
    """The call and all that it reaches become one contact."""
    contact = Contact(call.moment, call.end, outcome == ANSWERED, outcome == MISSED)
    joined = _reached(client, service, call) if service in client.header.first else []
    if joined:
        _absorb(client, service, contact, joined)
    if joined != [contact]:
        save(client, service, contact)
    _count_missed(client, service, contact.was_missed - _missed(joined))
    return joined, [contact]


def _absorb(client: Client, service: str, contact: Contact, joined: list[Contact]) -> None:
    for former in joined:
        _merge(contact, former)
    for former in joined:
        if former.first != contact.first:
            client.state.delete(_key(client, service, former.first))


def _reached(client: Client, service: str, call: Span) -> list[Contact]:
    """Those within the gap of the call; being disjoint they lie side by side."""
    gap_ms = client.settings.contact_gap_ms
    since, reached = call.start - gap_ms, []
    for contact in backwards(client, service, call.end + gap_ms):
        if contact.end < since:
            break
        reached.append(contact)
    return reached


def _merge(contact: Contact, other: Contact) -> None:
    if other.first <= contact.first:
        contact.first, contact.stated = other.first, other.stated
    contact.end = max(contact.end, other.end)
    contact.answered |= other.answered
    contact.missed |= other.missed


def part(client: Client, service: str, call: Span) -> Regrouped:
    """The contact that the call was part of falls into pieces, or stays one. The state holds the call no more."""
    gap_ms = client.settings.contact_gap_ms
    former = next(backwards(client, service, call.start))
    calls = client.calls(service)
    pieces = _pieces(former, call, _around(calls, former, call, gap_ms), gap_ms)
    client.state.delete(_key(client, service, former.first))
    for piece in pieces:
        piece.answered = former.answered and _has(calls, ANSWERED, piece)
        piece.missed = former.missed and _has(calls, MISSED, piece)
        save(client, service, piece)
    _count_missed(client, service, _missed(pieces) - former.was_missed)
    return [former], pieces


def _around(calls: Runs, contact: Contact, call: Span, gap_ms: int) -> list[Span]:
    """The calls of the contact that could hold together what the call held together, in their order."""
    reached = calls.holding(OUTCOMES, call.start - gap_ms, min(call.end + gap_ms, contact.end))
    return sorted(span for run in reached for span in run if span.moment >= contact.first)


def _pieces(contact: Contact, gone: Span, around: list[Span], gap_ms: int) -> list[Contact]:
    """What lies before the call stays together. The last piece has what lies behind all that the call reached."""
    pieces: list[Contact] = []
    for span in around:
        if not pieces or (span.moment > gone.moment and span.start > pieces[-1].end + gap_ms):
            pieces.append(Contact(span.moment, span.end, False, False))
        pieces[-1].end = max(pieces[-1].end, span.end)
    if pieces and contact.first != gone.moment:
        pieces[0].first, pieces[0].stated = contact.first, contact.stated
    if pieces and contact.end > gone.end:
        pieces[-1].end = contact.end
    return pieces


def _has(calls: Runs, outcome: int, contact: Contact) -> bool:
    moment = calls.first((outcome,), contact.first)
    return moment is not None and start_of(moment) <= contact.end


def look_again(client: Client, service: str, contact: Contact) -> None:
    """After the outcome of one of its calls has changed."""
    calls, was_missed = client.calls(service), contact.was_missed
    contact.answered, contact.missed = _has(calls, ANSWERED, contact), _has(calls, MISSED, contact)
    _count_missed(client, service, contact.was_missed - was_missed)
    save(client, service, contact)


def _missed(contacts: list[Contact]) -> int:
    return sum([contact.was_missed for contact in contacts])


def _count_missed(client: Client, service: str, by: int) -> None:
    if by:
        client.header = client.header._replace(missed=count(client.header.missed, service, by))


def backwards(client: Client, service: str, until: int) -> Iterator[Contact]:
    """The contacts that begin at `until` or before, the latest first."""
    prefix = client.key + keys.contacts(service)
    pair = client.state.last(prefix, prefix + at(until + 1))
    while pair is not None:
        yield _decode(pair[0][len(prefix) :], pair[1])
        pair = client.state.last(prefix, pair[0])


def between(client: Client, service: str, since: int, until: int) -> Iterator[Contact]:
    """The contacts that begin in [since, until)."""
    prefix = client.key + keys.contacts(service)
    for key, value in client.state.range(prefix + at(since), prefix + at(until)):
        yield _decode(key[len(prefix) :], value)


def save(client: Client, service: str, contact: Contact) -> None:
    value = contact.end.to_bytes(8, "big") + bytes((contact.answered, contact.missed, *contact.stated))
    client.state.put(_key(client, service, contact.first), value)


def _key(client: Client, service: str, first: Moment) -> bytes:
    return client.key + keys.contacts(service) + first


def _decode(first: Moment, value: bytes) -> Contact:
    stated = Measures._make(value[10:])
    return Contact(first, int.from_bytes(value[:8], "big"), bool(value[8]), bool(value[9]), stated)
