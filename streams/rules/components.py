"""Calls as connected components: a touched call_id in, all legs of its call out, by call_id.

Winners of one server belong together by call_id and by shared channel ids, also where a third bridges two.
"""

from streams.rules.winners import Legs, Winners

Component = dict[str, Legs]
"""The legs of one call by their call_id; a call_id alone and without legs is one that nobody uses any more."""


def component(winners: Winners, server: str, call_id: str) -> Component:
    found: Component = {}
    waiting = {call_id}
    followed: set[str] = set()
    while waiting:
        member = waiting.pop()
        legs = found[member] = winners.legs.of(server, member)
        channels = {channel_id for leg in legs.things() for channel_id in leg.channel_ids} - followed
        followed |= channels
        for channel_id in channels:
            waiting.update(call for call in winners.links.of(server, channel_id).names() if call not in found)
    return found
