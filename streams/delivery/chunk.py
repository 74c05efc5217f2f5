"""A chunk: messages of one partition in offset order, on their way through one rule and one transaction.

Comes in: what one fetch brought, cut to size. Goes out: `done`, which ends as the work on it ended. An agent only says
which rule; whether the chunk may still be worked on, and what a failure means, is the lease's business.
"""

import asyncio
from collections.abc import Iterator, Sequence

from streams.chunks import Message, Rule
from streams.delivery.lease import Lease
from streams.directory import Directory


class Chunk:
    def __init__(self, lease: Lease, messages: Sequence[Message], directory: Directory) -> None:
        self.messages = messages
        self.directory = directory
        """The one to derive with, as long as this chunk is in work."""
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._lease = lease

    async def process(self, rule: Rule) -> None:
        """Returns when the chunk is through, also when it failed: the source hears of it through `done`."""
        work = self._lease.begin(self.messages, self.directory, rule)
        if work is not None:
            work.add_done_callback(self._ended)
            await asyncio.wait({work})

    def _ended(self, work: asyncio.Task[None]) -> None:
        if self.done.done():
            return  # nobody waits any more: the lease was given up
        if work.cancelled():
            self.done.cancel()
        elif (error := work.exception()) is not None:
            self.done.set_exception(error)
        else:
            self.done.set_result(None)


def cut(messages: Sequence[Message], records: int, size: int) -> Iterator[Sequence[Message]]:
    """Runs of at most so many records and bytes; a message over the size is a run of its own."""
    start, held = 0, 0
    for at, message in enumerate(messages):
        weight = len(message.value or b"")
        if at > start and (at - start >= records or held + weight > size):
            yield messages[start:at]
            start, held = at, 0
        held += weight
    if messages:
        yield messages[start:]
