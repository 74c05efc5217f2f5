"""What passes between the agents: `clients.activity`, one message per call of an organisation, upserted by id.

Inner messages carry times as epoch milliseconds. An image is everything about a call that its own records and the
directory say; what depends on other calls of the phone (new, unknown) is added by the next agent. A null image removes.
"""

from typing import Literal, TypedDict

import orjson

Direction = Literal["inbound", "outbound", "internal"]
NotCounted = Literal["", "internal", "unmapped", "trunk", "staff", "outbound"]
"""Why a call is not counted; '' where it is."""


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
    """Every call_id of its legs, sorted; an order names any of them."""
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


class CallActivity(TypedDict):
    v: Literal[1]
    kind: Literal["call"]
    organisation: str
    id: str
    """`<server>/<id of the call>`: servers have no '/' in their ids."""
    image: CallImage | None
    observed_at: int


def call_activity(organisation: str, server: str, call: str, image: CallImage | None, observed_at: int) -> CallActivity:
    return {
        "v": 1,
        "kind": "call",
        "organisation": organisation,
        "id": f"{server}/{call}",
        "image": image,
        "observed_at": observed_at,
    }


def activity_key(activity: CallActivity) -> bytes:
    """The organisation; calls without one meet under their server."""
    return (activity["organisation"] or activity["id"].partition("/")[0]).encode()


def read_activity(raw: bytes) -> CallActivity:
    """Trusted: written by our own agents in the same generation."""
    activity: CallActivity = orjson.loads(raw)
    return activity
