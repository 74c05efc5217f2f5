"""clients.activity -> facts.calls, facts.orders: what each is worth counting as, with corrections as -1 and +1."""

from functools import partial

import faust

from streams.delivery.chunk import Chunk
from streams.delivery.source import ChunkSource
from streams.rules.classify_clients import classify_clients as rule


def register(app: faust.App, source: ChunkSource) -> None:
    @app.agent(source.chunks, concurrency=source.stage.source.partitions)
    async def classify_clients(chunks: faust.StreamT[Chunk]) -> None:
        async for chunk in chunks:
            await chunk.process(partial(rule, directory=chunk.directory))
