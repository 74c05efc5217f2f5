"""What is sent along with a request has a bound: nobody fills the memory of this process, least of all who has not
signed in.

Comes in: any request. Goes out: the same, or 413 once more than MOST_BYTES of it have come in.
"""

from typing import Final

from fastapi import HTTPException  # FastAPI's own: it makes a 400 of any other error while a body is read
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MOST_BYTES: Final = 256 * 1024
"""Many times what any route takes."""


class Bodies:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, _bounded(receive), send)


def _bounded(receive: Receive) -> Receive:
    come_in = 0

    async def receiving() -> Message:
        nonlocal come_in
        message = await receive()
        come_in += len(message.get("body", b""))
        if come_in > MOST_BYTES:
            raise HTTPException(413, f"more than {MOST_BYTES} bytes were sent along")
        return message

    return receiving
