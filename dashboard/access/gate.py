"""The gate through which every request passes: who asks, whether he may, and the headers of the answer.

Comes in: any request. Goes out: the request with its Principal set, or a problem. What is not listed here as open to
everybody needs a sign-in, so a new route is closed until somebody opens it; whose rows it shows follows from the
Principal (`principal.tenant`), never from a parameter.
"""

from secrets import compare_digest
from typing import Final
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.access.accounts import Accounts
from dashboard.access.headers import HEADERS, OF_DATA, OVER_HTTPS
from dashboard.access.principal import Principal, set_asking
from dashboard.access.sessions import csrf_of
from dashboard.access.where import from_elsewhere, from_this_machine
from dashboard.problems import problem

COOKIE: Final = "pulse_session"
SESSION: Final = "/api/v1/session"
SIGN_IN: Final = "/sign-in"
PAGE: Final = "/"
EVERYBODY: Final = frozenset({SIGN_IN, SESSION, "/healthz", "/readyz", "/openapi.json"})
FILES: Final = "/static/"
OURS: Final = "/-/"
PROMETHEUS: Final = "/-/metrics"
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """`token` is that of run.json: our own commands on this machine."""

    def __init__(self, app: ASGIApp, accounts: Accounts, token: str) -> None:
        self._app = app
        self._accounts = accounts
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        files = scope["path"].startswith(FILES)  # everybody's, so nobody is looked for: a page has fifty of them
        principal = None if files else await run_in_threadpool(self._principal, request)
        set_asking(principal)
        refused = self._refused(request, principal)
        await (refused or self._app)(scope, receive, _with_headers(send, request))

    def _principal(self, request: Request) -> Principal | None:
        """By its token, else its session, else because nobody could sign in yet."""
        secret = _bearer(request)
        if secret is not None:
            return self._of_token(secret)
        cookie = request.cookies.get(COOKIE)
        user = self._accounts.user_of_session(cookie) if cookie else None
        if cookie and user is not None:
            return Principal(user, cookie, csrf_of(cookie))
        if self._accounts.nobody and from_this_machine(request):
            return Principal(open=True)
        return None

    def _of_token(self, secret: str) -> Principal | None:
        if compare_digest(secret.encode(), self._token.encode()):
            return Principal()
        user = self._accounts.user_of_token(secret)
        return None if user is None else Principal(user)

    def _refused(self, request: Request, principal: Principal | None) -> Response | None:
        path = request.scope["path"]
        if path.startswith(OURS):
            return None if _is_ours(path, principal) else _unauthorised(_missing(path))
        if path in EVERYBODY or path.startswith(FILES):
            return None if path != SESSION else _forged(request, principal)
        if principal is None:
            return _to_sign_in(request) if path == PAGE else _unauthorised("sign in, or send the token of a program")
        return _forged(request, principal)


def _bearer(request: Request) -> str | None:
    """The token of a program. Any other kind is meant for a proxy in front of us, and a browser adds it by itself: it
    opens nothing here and proves nothing."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret if kind.lower() == "bearer" else None


def _is_ours(path: str, principal: Principal | None) -> bool:
    """Prometheus needs a sign-in that sees all, or a machine on which nobody can sign in yet: a proxy that adds no
    header to what it passes on would else show the whole provider's numbers to everybody."""
    if principal is None:
        return False
    return principal.ours or (path == PROMETHEUS and principal.tenant.organisation is None)


def _missing(path: str) -> str:
    of_provider = ", or a provider's (`pulse user token add`)," if path == PROMETHEUS else ""
    return f"the token of run.json{of_provider} is needed here"


def _forged(request: Request, principal: Principal | None) -> Response | None:
    """A change that a page of another origin makes a browser send."""
    if request.method in READING or _bearer(request) is not None:
        return None
    if from_elsewhere(request):
        return problem(403, "sent by a page of another origin")
    if principal is None or principal.cookie is None or (request.method == "POST" and request.scope["path"] == SESSION):
        return None
    sent = request.headers.get("x-csrf-token", "")
    if compare_digest(sent.encode(), principal.csrf.encode()):
        return None
    return problem(403, f"the header X-CSRF-Token is missing or wrong: it is the csrf of GET {SESSION}")


def _unauthorised(detail: str) -> Response:
    response = problem(401, detail)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


def _to_sign_in(request: Request) -> Response:
    asked = request.scope["query_string"].decode("latin1")
    query = f"?{asked}" if asked else ""
    return RedirectResponse(f"{SIGN_IN}?next={quote(PAGE + query, safe='/')}", 303)


def _with_headers(send: Send, request: Request) -> Send:
    """On every answer; what an answer says itself stays."""
    own = {**HEADERS, **(OVER_HTTPS if request.scope["scheme"] == "https" else {})}
    if request.scope["path"].startswith("/api/"):
        own |= OF_DATA

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in own.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
