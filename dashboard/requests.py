"""Every request gets an id, one line in the log, and an answer whatever fails.

Comes in: a request, perhaps with an `X-Request-ID` of who sends it. Goes out: the same id in the answer, in problem
details and in every line that is logged on the way; what failed inside is logged and never shown.
"""

import logging
import re
import time
from typing import Final
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.problems import problem, request_id

HEADER: Final = "X-Request-ID"
_FITTING = re.compile(r"[A-Za-z0-9._:-]{1,64}").fullmatch
log = logging.getLogger(__name__)


class Requests:
    """The outermost."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(HEADER, "")
        request_id.set(given if _FITTING(given) else uuid4().hex)
        answered = _Answered(send)
        began = time.perf_counter()
        try:
            await self._app(scope, receive, answered)
        except Exception:
            log.exception("%s failed", _asked(scope))
            if answered.status:
                raise
            await problem(500, "the request failed here; the log of this process says why")(scope, receive, answered)
        finally:
            log.info("%s %d %.0f ms", _asked(scope), answered.status, 1_000 * (time.perf_counter() - began))


class _Answered:
    """Sends, with the id; remembers the status, 0 where no answer has begun."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            MutableHeaders(scope=message)[HEADER] = request_id.get()
        await self._send(message)


class WithRequest(logging.Filter):
    """Gives every record `request`: the id in brackets, nothing outside of a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        found = request_id.get()
        record.request = f"[{found}] " if found else ""
        return True


def _asked(scope: Scope) -> str:
    """As it came over the line, so that it stays one line."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope["query_string"]
    return f"{scope['method']} {(path + b'?' + query if query else path).decode('latin1')}"
