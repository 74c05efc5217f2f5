"""Raw call records in, `clients.activity` out: one image per call, upserted by id, null where a call is gone.

The images are a function of the set of winning records and the directory: any order, repetition or split into chunks
ends in the same ones. Each call that a chunk touched is derived once, and only differences are emitted.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256

import orjson

from streams.chunks import Message, Outputs, State
from streams.contracts.activity import CallImage, activity_message, call_activity
from streams.contracts.records import CallRecord
from streams.contracts.topics import ACTIVITY
from streams.directory import Directory
from streams.rules.accepted import accepted
from streams.rules.call import call_image
from streams.rules.components import Component, component
from streams.rules.winners import Legs, Winners

TRACE_DIGITS = 32

Oldest = dict[tuple[str, str], int]
"""(server, call_id) -> the oldest observed_at of the records that touched it."""


def deduplicate_calls(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    outputs = Outputs()
    winners = Winners(state)
    touched = _take_in(messages, winners, outputs)
    for server, members, observed_at in _calls(touched, winners):
        legs = [leg for of_id in members.values() for leg in of_id.things()]
        image = call_image(server, legs, directory) if legs else None
        _publish(server, members, image, observed_at, outputs)
    winners.store()
    return outputs


def _take_in(messages: Sequence[Message], winners: Winners, outputs: Outputs) -> Oldest:
    oldest: Oldest = {}
    for record in accepted(CallRecord, messages, outputs):
        for call_id in winners.add(record):
            call = record.server, call_id
            oldest[call] = min(record.observed_at, oldest.get(call, record.observed_at))
    return oldest


def _calls(touched: Oldest, winners: Winners) -> Iterator[tuple[str, Component, int]]:
    """Every touched call once, with the oldest observed_at behind it."""
    done: set[tuple[str, str]] = set()
    for server, call_id in touched:
        if (server, call_id) in done:
            continue
        members = component(winners, server, call_id)
        ids = [(server, member) for member in members]
        done.update(ids)
        yield server, members, min(touched[each] for each in ids if each in touched)


def _publish(server: str, members: Component, image: CallImage | None, observed_at: int, outputs: Outputs) -> None:
    """Emits what is different since it was last emitted: a call lives under its smallest id only."""
    for call_id, legs in members.items():
        if image is None or image["id"] != call_id:
            _withdraw(server, call_id, legs, observed_at, outputs)
    if image is not None:
        _announce(image, members[image["id"]], observed_at, outputs)


def _withdraw(server: str, call_id: str, legs: Legs, observed_at: int, outputs: Outputs) -> None:
    if legs.head is not None:
        _emit(_organisation(legs.head), server, call_id, None, observed_at, outputs)
        legs.set_head(None)


def _announce(image: CallImage, legs: Legs, observed_at: int, outputs: Outputs) -> None:
    server, call_id, organisation = image["server"], image["id"], image["organisation"]
    value = orjson.dumps(image)
    before, after = legs.head, _trace(value, organisation)
    if before == after:
        return
    if before is not None and _organisation(before) != organisation:
        _emit(_organisation(before), server, call_id, None, observed_at, outputs)
    legs.set_head(after)
    _emit(organisation, server, call_id, value, observed_at, outputs)


def _trace(image: bytes, organisation: str) -> str:
    """What is kept of an emitted image: enough to see a difference, and to whom it went."""
    return sha256(image).hexdigest()[:TRACE_DIGITS] + organisation


def _organisation(trace: str) -> str:
    return trace[TRACE_DIGITS:]


def _emit(
    organisation: str, server: str, call_id: str, image: bytes | None, observed_at: int, outputs: Outputs
) -> None:
    outputs.emit(ACTIVITY, *activity_message(call_activity(organisation, server, call_id, observed_at), image))
