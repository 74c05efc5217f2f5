"""Calls as connected components: a touched call_id in, all legs of its call out, by call_id.

Winners of one server belong together by call_id and by shared channel ids, also where a third bridges two.
"""

from streams.chunks import State
from streams.rules import winners
from streams.rules.legs import Leg

Component = dict[str, list[Leg]]
"""The legs of one call by their call_id; a call_id alone and without legs is one that nobody uses any more."""


def component(state: State, server: str, call_id: str) -> Component:
    found: Component = {}
    waiting = [call_id]
    followed: set[str] = set()
    while waiting:
        member = waiting.pop()
        if member in found:
            continue
        found[member] = winners.legs(state, server, member)
        for leg in found[member]:
            for channel_id in leg.channel_ids:
                if channel_id not in followed:
                    followed.add(channel_id)
                    waiting += winners.linked(state, server, channel_id)
    return found
