"""dispatch.order-events -> clients.activity: one message per order and change of it, whatever its events' order."""

from functools import partial

import faust

from streams.delivery.chunk import Chunk
from streams.delivery.source import ChunkSource
from streams.rules.deduplicate_orders import deduplicate_orders as rule


def register(app: faust.App, source: ChunkSource) -> None:
    @app.agent(source.chunks, concurrency=source.stage.source.partitions)
    async def deduplicate_orders(chunks: faust.StreamT[Chunk]) -> None:
        async for chunk in chunks:
            await chunk.process(partial(rule, directory=chunk.directory))
