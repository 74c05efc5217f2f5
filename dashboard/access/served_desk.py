"""What `pulse user` asks for, through the routes of a running `serve`: by the address and the token of run.json.

Comes in: names, passwords, words. Goes out: users and tokens without their secrets. Raises UserError.
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from dashboard.access.users import UserError

USERS = "/-/users"
WITHIN_S = 30.0
Shown = dict[str, Any]


class ServedDesk:
    def __init__(self, address: str, token: str) -> None:
        self._client = httpx.Client(
            base_url=address,
            headers={"Authorization": f"Bearer {token}"},
            timeout=WITHIN_S,
            trust_env=False,
        )

    def close(self) -> None:
        self._client.close()

    def users(self) -> list[Shown]:
        found: list[Shown] = self._ask("GET", "")
        return found

    def add(
        self, name: str, password: str, role: str, organisation: str, services: Sequence[str], *, phones: bool
    ) -> None:
        given = {"name": name, "password": password, "role": role, "organisation": organisation}
        self._ask("POST", "", {**given, "services": list(services), "phones": phones})

    def remove(self, name: str) -> None:
        self._ask("DELETE", _part(name))

    def set_password(self, name: str, password: str) -> None:
        self._ask("PUT", f"{_part(name)}/password", {"password": password})

    def tokens(self, name: str) -> list[Shown]:
        found: list[Shown] = self._ask("GET", f"{_part(name)}/tokens")
        return found

    def make_token(self, name: str, label: str) -> Shown:
        made: Shown = self._ask("POST", f"{_part(name)}/tokens", {"label": label})
        return made

    def revoke_token(self, name: str, token: str) -> None:
        self._ask("DELETE", f"{_part(name)}/tokens{_part(token)}")

    def _ask(self, method: str, path: str, given: Shown | None = None) -> Any:
        try:
            answer = self._client.request(method, f"{USERS}{path}", json=given)
        except httpx.HTTPError as error:
            raise UserError(f"no answer from {self._client.base_url}: {error}") from error
        if not answer.is_success:
            raise UserError(answer.json()["detail"])
        return answer.json() if answer.content else None


def _part(name: str) -> str:
    return f"/{quote(name, safe='')}"
