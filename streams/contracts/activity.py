"""What passes between the agents: `clients.activity`, one message per call, order or known client of an
organisation, upserted by id.

Inner messages carry times as epoch milliseconds. An image is everything that the thing's own records and the
directory say; what depends on the phone's other calls and orders (new, unknown, contacts, attribution) is added by the
next agent. A null image removes.
"""

from typing import Literal, TypedDict

import orjson

from streams.contracts.directory import OrderSource, OrderState

Direction = Literal["inbound", "outbound", "internal"]
NotCounted = Literal["", "internal", "unmapped", "trunk", "staff", "outbound"]
"""Why a call is not counted; '' where it is."""


Unmapped = Literal["organisation", "service", "state", "source"]
MOST_LEGS = 200
MOST_TEXT = 64
"""What is passed on of the legs of a call and of words is bounded, so that what was accepted always can be."""

MOST_CALL_IDS = 5_000
"""The call's smallest call_ids; an order is matched by any of them. A PBX that writes one constant channel id into all
its records makes one call of them all: with this bound its image fits into a message, whatever its ids are made of."""


class CallImage(TypedDict):
    """One call. `id` is unique on its `server` only; `phone` is E.164 or ''; durations and times are milliseconds."""

    organisation: str
    service: str
    server: str
    gateway: str
    """The bare account; '' for internal calls."""
    number: str
    """The advertised number shown for the line; '' where unmapped."""
    id: str
    call_ids: list[str]
    """The call_ids of its legs, sorted, at most `MOST_CALL_IDS`; an order names any of them."""
    phone: str
    direction: Direction
    counted: bool
    reason: NotCounted
    started_at: int
    ended_at: int
    answered_at: int | None
    """First answer by a person (inbound) or by the called side (outbound)."""
    local_time: int
    """Wall clock of the service at the start, as seconds since 1970-01-01T00:00 of that clock."""
    utc_offset_min: int
    short: bool
    """Not answered, and shorter than the organisation's `short_call_ms`."""
    wait_ms: int
    """Start to first answer; of calls not answered, start to end."""
    talk_ms: int
    """Union of its agent connections of at least 1 s."""
    legs: str
    """Compact JSON, for reading: the first MOST_LEGS in their order, each as [record_id, direction, gateway, caller,
    callee, started, answered, ended, answered_by, agent]; times are milliseconds after the call's start, texts are cut
    to MOST_TEXT characters."""
    bridged: str
    """The organisations, sorted, to which its gateways lead on the day of its start, where these are several: compact
    JSON; else ''."""


class OrderImage(TypedDict):
    """One order as its winning revisions say, in the directory's words. Times are epoch milliseconds."""

    organisation: str
    """'' where the directory does not know it."""
    service: str
    """'' where the word is no id and no alias of a service of the organisation."""
    id: str
    """The order id; unique within what the records name as organisation."""
    phone: str
    """E.164, '' where it is no valid number."""
    is_client: bool
    """The phone makes a client: it is valid and nobody's of the staff."""
    source: OrderSource
    state: OrderState
    created_at: int
    closed_at: int | None
    """When the first of the revisions began from which on all are terminal; None while open."""
    pickup_at: int | None
    local_time: int
    """Wall clock of the service at the creation, as seconds since 1970-01-01T00:00 of that clock."""
    utc_offset_min: int
    server: str
    call_id: str
    """The card: the call that the order was made from, by any call_id of it; '' for both where there is none."""
    price: int | None
    currency: str
    revenue: int
    """The price of a completed order in the organisation's currency, else 0."""
    unmapped: str
    """Those of its words that the directory does not know, for the quality page: compact JSON of an object, its keys
    those of Unmapped in their order, texts cut to MOST_TEXT characters; '' where all are known."""


class ClientImage(TypedDict):
    """A client known from before: one entry of the client base."""

    organisation: str
    phone: str
    service: str
    """'' for every service (none given, or an unknown one)."""
    first_order_at: int


class CallActivity(TypedDict):
    v: Literal[1]
    kind: Literal["call"]
    organisation: str
    id: str
    """`<server>/<id of the call>`: servers have no '/' in their ids."""
    image: CallImage | None
    observed_at: int


class OrderActivity(TypedDict):
    v: Literal[1]
    kind: Literal["order"]
    organisation: str
    """As the record names it, known or not."""
    id: str
    """The order id."""
    image: OrderImage | None
    observed_at: int


class ClientActivity(TypedDict):
    v: Literal[1]
    kind: Literal["client"]
    organisation: str
    id: str
    """`<phone>/<service>`."""
    image: ClientImage | None
    observed_at: int


Activity = CallActivity | OrderActivity | ClientActivity


def call_activity(organisation: str, server: str, call: str, observed_at: int) -> CallActivity:
    """The call is gone, until `activity_message` gives it an image."""
    return {
        "v": 1,
        "kind": "call",
        "organisation": organisation,
        "id": f"{server}/{call}",
        "image": None,
        "observed_at": observed_at,
    }


def order_activity(organisation: str, order: str, observed_at: int) -> OrderActivity:
    """`organisation` as the records name it; `activity_message` gives it the image."""
    return {
        "v": 1,
        "kind": "order",
        "organisation": organisation,
        "id": order,
        "image": None,
        "observed_at": observed_at,
    }


def client_activity(image: ClientImage, observed_at: int) -> ClientActivity:
    return {
        "v": 1,
        "kind": "client",
        "organisation": image["organisation"],
        "id": f"{image['phone']}/{image['service']}",
        "image": image,
        "observed_at": observed_at,
    }


def activity_key(activity: Activity) -> bytes:
    """The organisation; calls without one meet under their server."""
    return (activity["organisation"] or activity["id"].partition("/")[0]).encode()


def activity_message(activity: Activity, image: bytes | None) -> tuple[bytes, bytes]:
    """Key and value, with the image as JSON: who looks for differences has encoded it already."""
    value = activity if image is None else {**activity, "image": orjson.Fragment(image)}
    return activity_key(activity), orjson.dumps(value)


def read_activity(raw: bytes) -> Activity:
    """Trusted: written by our own agents in the same generation."""
    activity: Activity = orjson.loads(raw)
    return activity
