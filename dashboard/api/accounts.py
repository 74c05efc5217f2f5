"""Routes of `pulse user`, for our own commands only: who may sign in, and the tokens of programs."""

from typing import Annotated

from fastapi import APIRouter, Body
from pydantic import BaseModel

from dashboard.access.desk import OwnDesk, Shown
from dashboard.sources import Sources


class NewUser(BaseModel):
    name: str
    password: str
    role: str
    organisation: str
    services: list[str]
    phones: bool


Text = Annotated[str, Body(embed=True)]


def routes(sources: Sources) -> APIRouter:
    router = APIRouter(prefix="/-/users", include_in_schema=False)
    desk = OwnDesk(sources.accounts, sources.directory_now)

    @router.get("")
    def users() -> list[Shown]:
        return desk.users()

    @router.post("", status_code=201)
    def add(given: NewUser) -> None:
        desk.add(**given.model_dump())

    @router.delete("/{name}", status_code=204)
    def remove(name: str) -> None:
        desk.remove(name)

    @router.put("/{name}/password", status_code=204)
    def set_password(name: str, password: Text) -> None:
        desk.set_password(name, password)

    @router.get("/{name}/tokens")
    def tokens(name: str) -> list[Shown]:
        return desk.tokens(name)

    @router.post("/{name}/tokens", status_code=201)
    def make_token(name: str, label: Text) -> Shown:
        return desk.make_token(name, label)

    @router.delete("/{name}/tokens/{token}", status_code=204)
    def revoke_token(name: str, token: str) -> None:
        desk.revoke_token(name, token)

    return router
