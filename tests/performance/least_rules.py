"""What no rule can do without: the bound that Python, validation, phones, Kafka and the disk set to every rule.

Comes in and goes out: what the real rules take and give, so that they can stand in their places in a real worker. Each
believes that what it is given is all there ever is: a record is validated and kept, a call or an order derived once
from what lies in the chunk, stored and emitted. Nothing that was kept is read again: no winners, links, contacts,
attribution, marks or corrections. What they state is wrong; how long they take is what a right rule takes at least.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

import faust
import orjson

from streams.app import Register
from streams.chunks import Message, Outputs, State
from streams.contracts.activity import activity_message, call_activity, order_activity, read_activity
from streams.contracts.facts import fact_key
from streams.contracts.records import CallRecord, OrderEvent, R
from streams.contracts.topics import ACTIVITY, CALL_FACTS, ORDER_FACTS, Topic
from streams.delivery.chunk import Chunk
from streams.delivery.source import ChunkSource
from streams.directory import Directory
from streams.rules import keys, stored_calls, stored_orders
from streams.rules.accepted import accepted
from streams.rules.announce_clients import announce_clients
from streams.rules.call import call_image
from streams.rules.call_facts import call_fact
from streams.rules.legs import leg_of
from streams.rules.order import order_image
from streams.rules.revisions import revision_of


class Rule(Protocol):
    def __call__(self, messages: Sequence[Message], state: State, directory: Directory) -> Outputs: ...


def deduplicate_calls(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    outputs = Outputs()
    calls = _read(CallRecord, lambda record: (record.server, record.call_id), messages, outputs)
    for (server, call_id), records in calls.items():
        legs = [leg_of(record) for record in records]
        state.put(keys.legs(server, call_id), orjson.dumps(legs, default=tuple))
        image = call_image(server, legs, directory)
        activity = call_activity(image["organisation"], server, call_id, records[0].observed_at)
        outputs.emit(ACTIVITY, *activity_message(activity, orjson.dumps(image)))
    return outputs


def deduplicate_orders(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    outputs = Outputs()
    orders = _read(OrderEvent, lambda event: (event.organisation, event.order_id), messages, outputs)
    for (organisation, order), events in orders.items():
        revisions = [revision_of(event) for event in events]
        state.put(keys.emitted_order(organisation, order), orjson.dumps(revisions, default=tuple))
        image = order_image(organisation, order, reversed(revisions), directory)
        activity = order_activity(organisation, order, events[0].observed_at)
        outputs.emit(ACTIVITY, *activity_message(activity, orjson.dumps(image)))
    return outputs


Identity = tuple[str, str]


def _read(
    contract: type[R], identity: Callable[[R], Identity], messages: Sequence[Message], outputs: Outputs
) -> dict[Identity, list[R]]:
    found: dict[Identity, list[R]] = defaultdict(list)
    for record in accepted(contract, messages, outputs):
        found[identity(record)].append(record)
    return found


def classify_clients(messages: Sequence[Message], state: State, directory: Directory) -> Outputs:
    outputs = Outputs()
    for message in messages:
        activity = read_activity(message.value or b"")
        identity, image = (activity["organisation"], activity["id"]), activity["image"]
        if activity["kind"] == "call" and activity["image"] is not None:
            call = stored_calls.to_store(call_fact(activity["image"]), activity["image"]["call_ids"])
            state.put(keys.call(*identity), stored_calls.encode(call))
            state.put(keys.client(identity[0], call.fact["phone"]) + call.place, b"")
            _state(CALL_FACTS, call.fact, activity["observed_at"], outputs)
        elif activity["kind"] == "order" and activity["image"] is not None:
            open_order_ms = directory.settings(identity[0]).open_order_ms
            order = stored_orders.to_store(identity[0], activity["image"], open_order_ms)
            state.put(keys.order(*identity), stored_orders.encode(order))
            state.put(keys.client(identity[0], order.fact["phone"]) + order.place, b"")
            _state(ORDER_FACTS, order.fact, activity["observed_at"], outputs)
        elif image is not None:
            state.put(keys.client(identity[0], image["phone"]), orjson.dumps(image))
    return outputs


def _state(topic: Topic, fact: Any, observed_at: int, outputs: Outputs) -> None:
    outputs.emit(topic, fact_key(fact), orjson.dumps(fact)[:-1] + b',"sign":1,"observed_at":%d}' % observed_at)


RULES: dict[str, Rule] = {
    "deduplicate_calls": deduplicate_calls,
    "deduplicate_orders": deduplicate_orders,
    "announce_clients": announce_clients,
    "classify_clients": classify_clients,
}


def agent_of(rule: Rule) -> Register:
    """As the real agents are."""

    def register(app: faust.App, source: ChunkSource) -> None:
        @app.agent(source.chunks, concurrency=source.stage.source.partitions)
        async def least(chunks: faust.StreamT[Chunk]) -> None:
            async for chunk in chunks:
                await chunk.process(partial(rule, directory=chunk.directory))

    return register
