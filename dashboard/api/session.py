"""`/api/v1/session`: who is signed in, signing in with a password, and signing out."""

from typing import Any, Final

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from dashboard.access.gate import COOKIE, SESSION
from dashboard.access.principal import Principal, asking
from dashboard.access.sessions import LONGEST_MS, csrf_of
from dashboard.access.signing_in import SigningIn, TooOftenError
from dashboard.access.users import Role
from dashboard.access.where import network
from dashboard.sources import Sources

NOT_STORED: Final = "no-store"


class SignedIn(BaseModel):
    """`name` and `organisation` are null where this machine itself asks, and where all organisations are seen."""

    name: str | None
    role: Role
    organisation: str | None
    services: list[str]
    phones: bool


class Told(BaseModel):
    """`csrf` goes into X-CSRF-Token with every change; `open`: nobody can sign in yet, so this machine sees all."""

    user: SignedIn
    csrf: str
    open: bool


class Given(BaseModel):
    name: str = Field(max_length=256)
    password: str = Field(max_length=1_024)


def routes(sources: Sources) -> APIRouter:
    router = APIRouter()
    signing_in = SigningIn(sources.accounts)
    no_entry: dict[int | str, dict[str, Any]] = {401: {"description": "Not signed in, or name and password do not fit"}}

    @router.get(SESSION, summary="Who is signed in", response_model=Told, responses=no_entry)
    def told(response: Response) -> dict[str, Any]:
        response.headers["Cache-Control"] = NOT_STORED
        return _signed_in().told()

    @router.post(SESSION, summary="Sign in", response_model=Told, responses=no_entry)
    def begin(given: Given, request: Request, response: Response) -> dict[str, Any]:
        try:
            found = signing_in(given.name, given.password, network(request))
        except TooOftenError as error:
            raise HTTPException(429, str(error), {"Retry-After": str(error.wait_s)}) from error
        if found is None:
            raise HTTPException(401, "name and password do not fit")
        user, cookie = found
        if former := request.cookies.get(COOKIE):
            sources.accounts.sessions.end(former)
        _set(response, request, cookie)
        response.headers["Cache-Control"] = NOT_STORED
        return Principal(user, cookie, csrf_of(cookie)).told()

    @router.delete(SESSION, summary="Sign out", status_code=204, responses=no_entry)
    def end(request: Request, response: Response) -> None:
        cookie = _signed_in().cookie
        if cookie is not None:
            sources.accounts.sessions.end(cookie)
        response.delete_cookie(COOKIE, secure=request.scope["scheme"] == "https", httponly=True, samesite="lax")

    return router


def _signed_in() -> Principal:
    found = asking()
    if found is None:
        raise HTTPException(401, "not signed in", {"WWW-Authenticate": "Bearer"})
    return found


def _set(response: Response, request: Request, cookie: str) -> None:
    """Scripts never see it, and no page of another origin sends it along with a change."""
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=LONGEST_MS // 1_000,
        secure=request.scope["scheme"] == "https",
        httponly=True,
        samesite="lax",
    )
