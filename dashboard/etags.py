"""An answer that has not changed is not sent again: `ETag`, `If-None-Match`, 304.

Comes in: the JSON answers to GET. Goes out: the same with a tag over their bytes, or 304 to who has them. Files of the
page have tags of their own; streams have none.
"""

from collections.abc import Iterator
from hashlib import blake2b

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

KEPT = frozenset({"etag", "cache-control", "vary"})


class Etags:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET":
            send = _Tagging(send, Headers(scope=scope).get("if-none-match", ""))
        await self._app(scope, receive, send)


class _Tagging:
    """Holds a JSON answer back until it is whole."""

    def __init__(self, send: Send, known: str) -> None:
        self._send = send
        self._known = known
        self._start: Message | None = None
        self._body = b""

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start" and _can_have_one(message):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._finish(self._start)

    async def _finish(self, start: Message) -> None:
        headers = MutableHeaders(scope=start)
        tag = f'"{blake2b(self._body, digest_size=16).hexdigest()}"'
        headers["etag"] = tag
        if tag in _tags(self._known):
            start["status"], self._body = 304, b""
            start["headers"] = [(name, value) for name, value in start["headers"] if name.decode() in KEPT]
        await self._send(start)
        await self._send({"type": "http.response.body", "body": self._body})


def _can_have_one(start: Message) -> bool:
    return start["status"] == 200 and Headers(raw=start["headers"]).get("content-type") == "application/json"


def _tags(known: str) -> Iterator[str]:
    """A comparison for reading is a weak one."""
    return (tag.strip().removeprefix("W/") for tag in known.split(","))
