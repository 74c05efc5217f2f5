"""What the description of the API says of every route: that it may answer with problem details, and how one signs in.

Comes in: the app with its routes. Goes out: `/openapi.json`.
"""

from typing import Any, Final

from fastapi import FastAPI

from dashboard.problems import MEDIA_TYPE

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What was found, and what to do."},
        "parameter": {"type": "string", "description": "The one that is wrong."},
        "request_id": {"type": "string", "description": "As in the log, and in the header X-Request-ID."},
    },
}
_ANSWER: Final[dict[str, Any]] = {
    "description": "What is wrong with the request (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SIGN_IN: Final[dict[str, Any]] = {
    "token": {"type": "http", "scheme": "bearer", "description": "Of a program: `pulse user token add NAME`."},
    "session": {"type": "apiKey", "in": "cookie", "name": "pulse_session", "description": "The page's."},
}


def install(app: FastAPI) -> None:
    own = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            _complete(own())
        return own()

    setattr(app, "openapi", openapi)  # noqa: B010 - as FastAPI has it


def _complete(schema: dict[str, Any]) -> None:
    """In place."""
    components = schema.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    for unused in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(unused, None)
    components["securitySchemes"] = _SIGN_IN
    schema["security"] = [{"token": []}, {"session": []}, {}]
    for operations in schema["paths"].values():
        for operation in operations.values():
            operation["responses"] = {**operation["responses"], "422": _ANSWER, "default": _ANSWER}
