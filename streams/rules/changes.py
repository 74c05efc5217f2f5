"""What one chunk changes: the calls of its messages and those whose marks move with them.

Comes in: activity messages. Goes out: for each call how it was last emitted and how it is now, stored and stated once.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import orjson

from streams.chunks import Message, Outputs, State
from streams.contracts.activity import CallActivity, read_activity
from streams.contracts.facts import CallFact, fact_key
from streams.contracts.topics import CALL_FACTS
from streams.rules import stored_calls
from streams.rules.call_facts import call_fact, signed
from streams.rules.marks import Ref
from streams.rules.stored_calls import StoredCall, to_store


@dataclass(slots=True)
class Change:
    """One call: as it was last emitted, and as it is now (None: not there). `observed_at` is the oldest behind it."""

    before: StoredCall | None
    after: StoredCall | None
    observed_at: int


class Changes:
    def __init__(self, messages: Iterable[Message], state: State) -> None:
        """Of several images of a call the last one counts."""
        self._state = state
        self._changes: dict[tuple[str, str], Change] = {}
        for message in messages:
            self._take_in(read_activity(message.value or b""))

    def __iter__(self) -> Iterator[Change]:
        return iter(self._changes.values())

    def of(self, organisation: str, ref: Ref, observed_at: int) -> Change:
        """A call of the state joins the changes when something moves its marks."""
        identity = organisation, f"{ref.server}/{ref.id}"
        change = self._changes.get(identity)
        if change is None:
            stored = stored_calls.load(self._state, *identity)
            change = self._changes[identity] = Change(stored, stored and stored.copy(), observed_at)
        return change

    def settle(self) -> Outputs:
        """Stores and states what is different; a call that ends the chunk as it began costs nothing."""
        outputs = Outputs()
        for change in self:
            if change.before != change.after:
                stored_calls.save(self._state, change.before, change.after)
                _state_difference(change, outputs)
        return outputs

    def _take_in(self, activity: CallActivity) -> None:
        identity = activity["organisation"], activity["id"]
        image, observed_at = activity["image"], activity["observed_at"]
        after = None if image is None else to_store(call_fact(image), image["call_ids"])
        change = self._changes.get(identity)
        if change is None:
            self._changes[identity] = Change(stored_calls.load(self._state, *identity), after, observed_at)
        else:
            change.after, change.observed_at = after, min(change.observed_at, observed_at)


def _state_difference(change: Change, outputs: Outputs) -> None:
    old = None if change.before is None else change.before.fact
    new = None if change.after is None else change.after.fact
    if old == new:
        return
    if old is not None:
        _state(old, -1, change.observed_at, outputs)
    if new is not None:
        _state(new, +1, change.observed_at, outputs)


def _state(fact: CallFact, sign: int, observed_at: int, outputs: Outputs) -> None:
    outputs.emit(CALL_FACTS, fact_key(fact), orjson.dumps(signed(fact, sign, observed_at)))
