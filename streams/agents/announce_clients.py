"""provider.client-base -> clients.activity: since when a phone is known, once per earlier date."""

from functools import partial

import faust

from streams.delivery.chunk import Chunk
from streams.delivery.source import ChunkSource
from streams.rules.announce_clients import announce_clients as rule


def register(app: faust.App, source: ChunkSource) -> None:
    @app.agent(source.chunks, concurrency=source.stage.source.partitions)
    async def announce_clients(chunks: faust.StreamT[Chunk]) -> None:
        async for chunk in chunks:
            await chunk.process(partial(rule, directory=chunk.directory))
