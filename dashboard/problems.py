"""What is wrong with a request, as problem details (RFC 9457): what was found, which parameter, what to do.

Every answer of 400 and above has this shape and names its request, as the log does.
"""

import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from clickhouse.errors import StoreAwayError
from clickhouse.queries.query import BadParameter
from dashboard.access.headers import HEADERS
from dashboard.access.users import UserError

log = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="")
"""Of the request that is being answered; '' outside of one."""
MEDIA_TYPE = "application/problem+json"
Answering = Callable[[Request, Any], Awaitable[Response]]


class NotReady(RuntimeError):  # noqa: N818
    """Something the answer needs is not there yet; the message says what and what to do."""


def problem(status: int, detail: str, **members: object) -> Response:
    body = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail, **members}
    if asked := request_id.get():
        body["request_id"] = asked
    return Response(orjson.dumps(body), status, HEADERS, MEDIA_TYPE)


def install(app: FastAPI) -> None:
    answers: dict[type[Exception], Answering] = {
        BadParameter: _bad_parameter,
        UserError: _refused,
        NotReady: _not_ready,
        StoreAwayError: _store_away,
        RequestValidationError: _invalid,
        HTTPException: _http,
    }
    for kind, answer in answers.items():
        app.add_exception_handler(kind, answer)


async def _bad_parameter(_request: Request, error: BadParameter) -> Response:
    return problem(422, error.message, parameter=error.parameter)


async def _refused(_request: Request, error: UserError) -> Response:
    return problem(422, str(error))


async def _not_ready(_request: Request, error: NotReady) -> Response:
    response = problem(503, str(error))
    response.headers["Retry-After"] = "1"
    return response


async def _store_away(request: Request, error: StoreAwayError) -> Response:
    log.warning("%s: %s", request.url.path, error)
    return await _not_ready(request, NotReady("the store does not answer now; ask again in a moment"))


async def _invalid(_request: Request, error: RequestValidationError) -> Response:
    """Where it is wrong is told by places and positions too: only a name is a parameter."""
    first = error.errors()[0]
    names = [part for part in first["loc"][1:] if isinstance(part, str)]
    if names:
        return problem(422, first["msg"], parameter=names[-1])
    if first["type"] == "json_invalid":
        return problem(422, f"what was sent is no JSON: {first['ctx']['error']} (character {first['loc'][-1]})")
    return problem(422, f"what was sent along: {first['msg']}")


async def _http(request: Request, error: HTTPException) -> Response:
    detail = f"there is nothing at {request.url.path}" if error.detail == "Not Found" else error.detail
    response = problem(error.status_code, detail)
    response.headers.update(error.headers or {})
    return response
