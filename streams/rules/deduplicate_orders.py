"""Raw order events in, `clients.activity` out: one image per order and change of it, upserted by id.

The images are a function of the set of winning revisions and the directory: any order, repetition or split into chunks
ends in the same ones. Each order that a chunk touched is derived once, and only differences are emitted.
"""

from collections.abc import Sequence
from hashlib import sha256

import orjson

from streams.chunks import Message, Outputs, State
from streams.contracts.activity import activity_message, order_activity
from streams.contracts.records import OrderEvent
from streams.contracts.topics import ACTIVITY
from streams.directory import Directory
from streams.rules import keys
from streams.rules.accepted import accepted
from streams.rules.order import order_image
from streams.rules.revisions import keep, newest_first

Oldest = dict[tuple[str, str], int]
"""(organisation, order id) -> the oldest observed_at of the events that touched it."""


def deduplicate_orders(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    outputs = Outputs()
    for (organisation, order), observed_at in _take_in(messages, state, outputs).items():
        image = order_image(organisation, order, newest_first(state, organisation, order), directory)
        value, key = orjson.dumps(image), keys.emitted_order(organisation, order)
        trace = sha256(value).digest()
        if state.get(key) != trace:
            state.put(key, trace)
            outputs.emit(ACTIVITY, *activity_message(order_activity(organisation, order, observed_at), value))
    return outputs


def _take_in(messages: Sequence[Message], state: State, outputs: Outputs) -> Oldest:
    oldest: Oldest = {}
    for event in accepted(OrderEvent, messages, outputs):
        if keep(state, event):
            order = event.organisation, event.order_id
            oldest[order] = min(event.observed_at, oldest.get(order, event.observed_at))
    return oldest
