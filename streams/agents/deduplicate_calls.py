"""telephony.call-records -> clients.activity: one message per call and change of it, whatever its records' order."""

from functools import partial

import faust

from streams.delivery.chunk import Chunk
from streams.delivery.source import ChunkSource
from streams.rules.deduplicate_calls import deduplicate_calls as rule


def register(app: faust.App, source: ChunkSource) -> None:
    @app.agent(source.chunks, concurrency=source.stage.source.partitions)
    async def deduplicate_calls(chunks: faust.StreamT[Chunk]) -> None:
        async for chunk in chunks:
            await chunk.process(partial(rule, directory=chunk.directory))
