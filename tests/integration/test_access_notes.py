"""Who sees and changes which incidents, saved views, legs and quality figures."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import httpx
import pytest

from clickhouse.engine import Engine
from clickhouse.kept import Keeping
from dashboard.notes import Notes
from tests.integration.access_rig import TOKEN, Office, office

NOTE: Final = {"title": "what happened", "from": "2026-01-01", "until": None, "service": None}
VIEW: Final = {"name": "mine", "state": "metric=calls", "shared": False}
NOTES: Final = "/api/v1/annotations"
VIEWS: Final = "/api/v1/views"
QUALITY: Final = "/api/v1/quality?from=2026-01-01&to=2026-01-03"
WHO: Final[Mapping[str, tuple[str, ...]]] = {
    "provider": ("provider",),
    "admin": ("admin", "north"),
    "ann": ("viewer", "north"),
    "bob": ("viewer", "north", "city"),
    "stranger": ("admin", "SOUTH"),
}


@pytest.fixture(scope="module")
def opened(engine: Engine) -> Iterator[Office]:
    with office(engine) as found:
        yield found


@pytest.fixture(scope="module")
def tokens(opened: Office) -> Mapping[str, str]:
    return {name: opened.add(name, *places) for name, places in WHO.items()}


class Desk:
    def __init__(self, opened: Office, tokens: Mapping[str, str]) -> None:
        self._opened = opened
        self._tokens = tokens

    def ask(self, who: str, path: str, method: str = "GET", **given: Any) -> httpx.Response:
        return self._opened.ask(path, self._tokens[who], method=method, **given)

    def make(self, who: str, path: str, body: Mapping[str, Any]) -> str:
        made = self.ask(who, path, "POST", json=body)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def seeing(self, path: str, identity: str) -> set[str]:
        return {who for who in WHO if identity in self.ask(who, path).text}

    def may(self, path: str, identity: str, body: Mapping[str, Any]) -> dict[str, int]:
        return {who: self.ask(who, f"{path}/{identity}", "PUT", json=body).status_code for who in WHO}


@pytest.fixture
def desk(opened: Office, tokens: Mapping[str, str]) -> Desk:
    return Desk(opened, tokens)


def test_an_incident_is_seen_in_its_organisation_and_changed_by_its_author_and_admins(desk: Desk) -> None:
    noted = desk.make("ann", NOTES, NOTE)
    assert desk.seeing(NOTES, noted) == {"provider", "admin", "ann", "bob"}
    codes = {"provider": 200, "admin": 200, "ann": 200, "bob": 403, "stranger": 404}
    assert desk.may(NOTES, noted, NOTE) == codes
    assert desk.ask("stranger", f"{NOTES}/{noted}", "DELETE").status_code == 404
    assert desk.ask("ann", f"{NOTES}/{noted}", "DELETE").status_code == 204


def test_of_another_service_a_limited_viewer_hears_nothing(desk: Desk) -> None:
    noted = desk.make("ann", NOTES, {**NOTE, "service": "econom"})
    assert desk.seeing(NOTES, noted) == {"provider", "admin", "ann"}
    refused = desk.ask("bob", NOTES, "POST", json={**NOTE, "service": "econom"})
    assert (refused.status_code, refused.json()["parameter"]) == (422, "service")


def test_the_providers_incidents_are_everybodys_to_see_and_his_to_change(desk: Desk) -> None:
    noted = desk.make("provider", NOTES, NOTE)
    assert desk.seeing(NOTES, noted) == set(WHO)
    codes = desk.may(NOTES, noted, NOTE)
    assert codes == {who: 200 if who == "provider" else 403 for who in WHO}


@pytest.mark.parametrize("named", ["SOUTH", "nowhere"])
def test_nothing_can_be_noted_for_another_organisation(desk: Desk, named: str) -> None:
    for given in ({"json": {**NOTE, "organisation": named}}, {"json": NOTE, "params": {"organisation": named}}):
        refused = desk.ask("admin", NOTES, "POST", **given)
        assert (refused.status_code, refused.json()["parameter"]) == (422, "organisation")


def test_a_view_is_its_owners_alone_until_it_is_shared(desk: Desk) -> None:
    saved = desk.make("ann", VIEWS, VIEW)
    assert desk.seeing(VIEWS, saved) == {"ann"}
    assert desk.may(VIEWS, saved, VIEW) == {"provider": 404, "admin": 404, "ann": 200, "bob": 404, "stranger": 404}
    shared = {**VIEW, "shared": True}
    assert desk.ask("ann", f"{VIEWS}/{saved}", "PUT", json=shared).json()["owner"] == "ann"
    assert desk.seeing(VIEWS, saved) == {"admin", "ann", "bob"}
    assert desk.may(VIEWS, saved, shared) == {"provider": 404, "admin": 200, "ann": 200, "bob": 403, "stranger": 404}


def test_what_another_dashboard_has_taken_away_meanwhile_is_not_changed(
    opened: Office, tokens: Mapping[str, str]
) -> None:
    def dashboard() -> Notes:
        return Notes(Keeping(opened.writer, shared=True), lambda: 0)

    here = Desk(Office(replace(opened.sources, notes=dashboard()), opened.writer, opened.clock, opened.loop), tokens)
    note, view = here.make("ann", NOTES, NOTE), here.make("ann", VIEWS, VIEW)
    there = dashboard()
    assert there.incidents.remove(note)
    assert there.views.remove(view)
    for address, body in ((f"{NOTES}/{note}", NOTE), (f"{VIEWS}/{view}", VIEW)):
        assert here.ask("ann", address, "PUT", json=body).status_code == 404
    assert (here.seeing(NOTES, note), here.seeing(VIEWS, view)) == (set(), set())


def test_phones_in_legs_are_shown_to_those_who_may_see_them(desk: Desk) -> None:
    for who, shown in (("admin", "+79161234567"), ("ann", "+7916•••••67")):
        [leg] = desk.ask(who, "/api/v1/calls/pbx-1/call-1").json()["legs"]
        assert (leg["caller"], leg["callee"]) == (shown, "600" if who == "admin" else "•••")
    assert desk.ask("stranger", "/api/v1/calls/pbx-1/call-1").status_code == 404


def test_of_a_call_that_joins_two_tenants_each_is_told_what_came_through_its_own_gateways(desk: Desk) -> None:
    legs = {who: desk.ask(who, "/api/v1/calls/pbx-1/call-0").json().get("legs") for who in WHO}
    seen = {who: found and [leg["gateway"] for leg in found] for who, found in legs.items()}
    own = ["GSM1"]
    assert seen == {"provider": [*own, "SOUTH"], "admin": own, "ann": own, "bob": own, "stranger": None}
    told = {who: desk.ask(who, QUALITY).json()["bridged"] for who in WHO}
    assert [one["organisations"] for one in told["provider"]["calls"]] == [["SOUTH", "north"]]
    assert [one["organisations"] for one in told["bob"]["calls"]] == [["north"]]
    assert told["stranger"] == {"total": 0, "calls": []}


def test_of_a_verification_only_the_provider_hears_how_much_there_is(opened: Office, desk: Desk) -> None:
    left = {
        "kind": "quick",
        "finished_at": 0,
        "generation": 1,
        "records": 7,
        "rows": 9,
        "differences": 0,
        "undecided": 0,
    }
    assert opened.ask("/-/verification", TOKEN, method="POST", json=left).status_code == 204
    for who in WHO:
        [told] = desk.ask(who, QUALITY).json()["verifications"]
        assert (told["records"], told["rows"]) == ((7, 9) if who == "provider" else (None, None))
        assert told["differences"] == 0


def test_of_quality_one_sees_ones_own(desk: Desk) -> None:
    assert desk.ask("provider", QUALITY).json()["dead_letters"] == {
        "counted_at": desk.ask("provider", QUALITY).json()["dead_letters"]["counted_at"],
        "letters": 0,
        "kinds": [],
    }
    for who in ("admin", "ann", "bob"):
        found = desk.ask(who, QUALITY)
        assert "SOUTH" not in found.text
        assert found.json()["dead_letters"] is None
        assert {one["organisation"] for one in found.json()["freshness"]["organisations"]} == {"north"}
