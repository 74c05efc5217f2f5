"""Plain Faust as its tutorials have it, to compare with: records as models, one table, one event at a time.

Comes in: `telephony.call-records`. Goes out: how many records each call_id has, in a table with its changelog. None of
the rules, no validation beyond the types, no exactly once.
"""

import asyncio
import sys
from typing import Any

import faust

GROUP = "pulse-plain-faust"


class Leg(faust.Record, serializer="json"):
    server: str
    record_id: str
    call_id: str
    direction: str
    started_at: str
    ended_at: str


def app_of(kafka: str, topic: str, data: str) -> Any:
    app = faust.App(
        GROUP,
        broker=f"kafka://{kafka}",
        datadir=data,
        store="memory://",
        web_enabled=False,
        topic_disable_leader=True,
        consumer_auto_offset_reset="earliest",
        broker_commit_interval=0.5,
    )
    records = app.topic(topic, value_type=Leg)
    seen = app.Table("seen", default=int, partitions=4)

    @app.agent(records)
    async def count(legs: Any) -> None:
        async for leg in legs:
            seen[leg.call_id] += 1

    return app


if __name__ == "__main__":
    asyncio.set_event_loop(asyncio.new_event_loop())
    faust.Worker(app_of(*sys.argv[1:]), loglevel="INFO").execute_from_commandline()
