"""Sign-in: who is let in from where, for how long, and what every answer carries."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import OperationalError

from clickhouse.engine import Engine
from dashboard.access.attempts import MINUTE_MS, PER_NAME, WINDOW_MS
from dashboard.access.sessions import IDLE_MS, LONGEST_MS, SEEN_EVERY_MS
from dashboard.access.users import UserError
from dashboard.bodies import MOST_BYTES
from tests.integration.access_rig import PASSWORD, TOKEN, Office, office

METRICS = "/api/v1/metrics"
SESSION = "/api/v1/session"
ELSEWHERE = "203.0.113.5"


@pytest.fixture(scope="module")
def opened(engine: Engine) -> Iterator[Office]:
    with office(engine) as found:
        yield found


@pytest.fixture
def asked(opened: Office) -> Iterator[Office]:
    """Without a user, before and after."""
    opened.restart()
    yield opened
    for user in opened.accounts.users():
        opened.accounts.remove(user.name)


def test_until_there_is_a_user_this_machine_alone_is_let_in(asked: Office) -> None:
    told = asked.ask(SESSION).json()
    assert (told["open"], told["user"]["role"], told["user"]["name"]) == (True, "provider", None)
    assert asked.ask(METRICS).status_code == 200
    assert asked.ask("/").status_code == 200
    assert asked.ask(METRICS, peer=ELSEWHERE).status_code == 401
    assert asked.ask(METRICS, base="http://rebound.example").status_code == 401
    for header in ("X-Forwarded-For", "X-Forwarded-Proto", "X-Real-IP", "Via", "Forwarded"):
        assert asked.ask(METRICS, headers={header: ELSEWHERE}).status_code == 401
    asked.add("ann")
    assert asked.ask(METRICS).status_code == 401
    assert asked.ask(SESSION).json()["title"] == "Unauthorized"


def test_the_page_leads_to_the_sign_in_and_back(asked: Office) -> None:
    asked.add("ann")
    answer = asked.ask("/?org=north&m=calls")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in?next=/%3Forg%3Dnorth%26m%3Dcalls")
    assert asked.ask("/sign-in").status_code == 200
    cookie = asked.sign_in("Ann ").cookies["pulse_session"]
    assert asked.ask("/", cookie=cookie).status_code == 200


def test_a_session_says_who_one_is_and_its_cookie_is_closed_to_scripts_and_other_pages(asked: Office) -> None:
    asked.add("ann", "viewer", "north", "city")
    answer = asked.sign_in("ann", base="https://localhost")
    user = {"name": "ann", "role": "viewer", "organisation": "north", "services": ["city"], "phones": False}
    assert answer.json() == {"user": user, "csrf": answer.json()["csrf"], "open": False}
    flags = answer.headers["set-cookie"].lower()
    assert all(flag in flags for flag in ("httponly", "samesite=lax", "secure", "path=/"))
    assert "max-age" in answer.headers["strict-transport-security"]
    assert "secure" not in asked.sign_in("ann").headers["set-cookie"].lower()
    assert asked.ask(SESSION, cookie=answer.cookies["pulse_session"]).json() == answer.json()
    assert answer.headers["cache-control"] == "no-store"


def test_a_wrong_password_and_a_name_that_there_is_not_are_answered_alike(asked: Office) -> None:
    asked.add("ann")
    wrong, unknown = asked.sign_in("ann", "not this one"), asked.sign_in("bob", "not this one")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() | {"request_id": ""} == unknown.json() | {"request_id": ""}
    assert wrong.status_code == 401
    assert "set-cookie" not in wrong.headers


def test_too_many_attempts_have_to_wait_for_names_and_for_addresses(asked: Office) -> None:
    asked.add("ann")
    for name in ("ann", "nobody"):
        codes = {asked.sign_in(name, "wrong").status_code for _ in range(PER_NAME)}
        answer = asked.sign_in(name, peer=ELSEWHERE)
        assert (codes, answer.status_code, answer.headers["retry-after"]) == ({401}, 429, str(WINDOW_MS // 1_000))
    asked.clock[0] += WINDOW_MS - MINUTE_MS
    assert asked.sign_in("ann").json()["detail"].endswith("wait 1 minute")
    asked.clock[0] += MINUTE_MS
    assert asked.sign_in("ann").status_code == 200
    of_names = [asked.sign_in(f"name {n}", "wrong", peer=ELSEWHERE).status_code for n in range(51)]
    assert (of_names[-1], asked.sign_in("ann").status_code) == (429, 200)
    assert {asked.sign_in("ann", "wrong", peer=ELSEWHERE).status_code for _ in range(PER_NAME)} == {429}
    assert asked.sign_in("ann").status_code == 200


def test_a_change_needs_the_csrf_of_the_session_and_a_page_of_ours(asked: Office) -> None:
    asked.add("ann")
    answer = asked.sign_in("ann")
    cookie, good = answer.cookies["pulse_session"], {"X-CSRF-Token": answer.json()["csrf"]}
    for headers in ({}, {"X-CSRF-Token": "x"}, {**good, "Origin": "http://evil.example"}):
        assert asked.ask(SESSION, method="DELETE", cookie=cookie, headers=headers).status_code == 403
    assert asked.sign_in("ann", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert asked.ask(SESSION, method="DELETE", cookie=cookie, headers=good).status_code == 204
    assert asked.ask(METRICS, cookie=cookie).status_code == 401


def test_behind_a_proxy_with_a_password_of_its_own_one_signs_in_as_ever(asked: Office) -> None:
    """The browser adds that password to each request by itself, also to one that another page makes it send."""
    asked.add("ann")
    proxy = {"Authorization": "Basic YW5uOmEgbG9uZyBwYXNzd29yZA==", "X-Forwarded-For": ELSEWHERE}
    assert asked.ask(METRICS, headers=proxy).status_code == 401
    answer = asked.sign_in("ann", headers=proxy)
    cookie, csrf = answer.cookies["pulse_session"], answer.json()["csrf"]
    assert asked.ask(METRICS, cookie=cookie, headers=proxy).status_code == 200
    for forged in ({}, {"X-CSRF-Token": csrf, "Origin": "http://evil.example"}):
        assert asked.ask(SESSION, method="DELETE", cookie=cookie, headers={**proxy, **forged}).status_code == 403
    assert asked.sign_in("ann", headers={**proxy, "Sec-Fetch-Site": "cross-site"}).status_code == 403
    good = {**proxy, "X-CSRF-Token": csrf}
    assert asked.ask(SESSION, method="DELETE", cookie=cookie, headers=good).status_code == 204


def test_sessions_end_when_idle_and_in_the_end_and_outlive_a_restart(asked: Office) -> None:
    asked.add("ann")
    idle, used = (asked.sign_in("ann").cookies["pulse_session"] for _ in range(2))
    asked.restart()
    began = asked.clock[0]
    while asked.clock[0] < began + LONGEST_MS:
        assert asked.ask(METRICS, cookie=used).status_code == 200
        asked.clock[0] += IDLE_MS - 1
    assert asked.ask(METRICS, cookie=idle).status_code == 401
    assert asked.ask(METRICS, cookie=used).status_code == 401


def test_a_new_password_and_a_removal_end_what_was_begun(asked: Office) -> None:
    token, cookie = asked.add("ann"), asked.sign_in("ann").cookies["pulse_session"]
    asked.accounts.set_password("ann", "another password")
    assert asked.ask(METRICS, cookie=cookie).status_code == 401
    assert asked.ask(METRICS, token).status_code == 200
    assert asked.sign_in("ann").status_code == 401
    asked.add("bob")
    asked.accounts.remove("ann")
    assert asked.ask(METRICS, token).status_code == 401


def test_signing_in_over_a_session_ends_it(asked: Office) -> None:
    """Whoever has copied the former cookie has nothing of it."""
    asked.add("ann")
    former = asked.sign_in("ann").cookies["pulse_session"]
    assert asked.sign_in("ann", "not hers", cookie=former).status_code == 401
    assert asked.ask(METRICS, cookie=former).status_code == 200
    assert asked.ask(METRICS, cookie=asked.sign_in("ann", cookie=former).cookies["pulse_session"]).status_code == 200
    assert asked.ask(METRICS, cookie=former).status_code == 401


def test_a_token_is_good_until_it_is_revoked(asked: Office) -> None:
    token = asked.add("ann")
    assert asked.ask(METRICS, token, peer=ELSEWHERE).status_code == 200
    [kept] = asked.accounts.tokens("ann")
    assert token not in repr(kept)
    asked.accounts.revoke_token("ann", kept.id)
    assert asked.ask(METRICS, token).status_code == 401


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", METRICS, "/api/v1/none", "/static/none", "/static/js/main.js", "/-/x"]
)
def test_every_answer_has_the_headers_that_close_it(asked: Office, path: str) -> None:
    for answer in (asked.ask(path), asked.ask(path, peer=ELSEWHERE), asked.ask(path, method="PUT")):
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "unsafe" not in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "DENY"


def test_what_is_ours_is_for_our_own_commands(asked: Office) -> None:
    token = asked.add("ann")
    for path in ("/-/state", "/-/users", "/-/tables/call_facts"):
        assert asked.ask(path, TOKEN, peer=ELSEWHERE).status_code == 200
        assert asked.ask(path, token).status_code == 401
        assert asked.ask(path, peer=ELSEWHERE).status_code == 401
    assert asked.ask("/-/state").status_code == 401
    assert asked.ask(METRICS, "").status_code == 401
    assert asked.ask(SESSION, TOKEN).json()["user"]["role"] == "provider"


def test_prometheus_needs_a_token_that_sees_all_as_soon_as_there_is_a_user(asked: Office) -> None:
    """Also from this machine: a proxy on it may add no header to what it passes on."""
    path = "/-/metrics"
    assert asked.ask(path).status_code == 200
    assert asked.ask(path, peer=ELSEWHERE).status_code == 401
    provider, admin = asked.add("ann"), asked.add("bob", "admin", "north")
    assert [asked.ask(path, token).status_code for token in (None, "", admin)] == [401, 401, 401]
    assert [asked.ask(path, token, peer=ELSEWHERE).status_code for token in (provider, TOKEN)] == [200, 200]


def test_a_host_header_opens_nothing(asked: Office) -> None:
    asked.add("ann")
    for host in ("localhost/static/?", "localhost/sign-in?", "localhost#"):
        assert asked.ask(METRICS, headers={"Host": host}).status_code == 401
    assert "location" not in asked.ask(f"{METRICS}/", TOKEN, headers={"Host": "evil.example"}).headers


def test_users_are_added_over_the_routes_of_our_commands(asked: Office) -> None:
    given = {"name": "bob", "password": PASSWORD, "role": "viewer", "organisation": "north"}
    whole = {**given, "services": ["city"], "phones": False}
    assert asked.ask("/-/users", TOKEN, method="POST", json=whole).status_code == 201
    again = asked.ask("/-/users", TOKEN, method="POST", json=whole)
    assert (again.status_code, "already" in again.json()["detail"]) == (422, True)
    for wrong in ({"organisation": "nrth"}, {"services": ["SOUTH-souk"]}, {"role": "admin"}, {"password": "short"}):
        refused = asked.ask("/-/users", TOKEN, method="POST", json={**whole, "name": "eve", **wrong})
        assert (refused.status_code, bool(refused.json()["detail"])) == (422, True)
    made = asked.ask("/-/users/bob/tokens", TOKEN, method="POST", json={"label": "reports"}).json()
    assert asked.ask(METRICS, made["secret"]).status_code == 200
    assert asked.ask(f"/-/users/bob/tokens/{made['id']}", TOKEN, method="DELETE").status_code == 204
    assert asked.ask("/-/users/bob", TOKEN, method="DELETE").status_code == 204
    assert asked.ask("/-/users", TOKEN).json() == []


def test_of_a_user_no_hash_is_shown_and_a_password_has_its_length(asked: Office) -> None:
    asked.add("ann")
    [kept] = asked.accounts.users()
    assert kept.password.startswith("$argon2id$")
    assert "argon2" not in asked.ask("/-/users", TOKEN).text
    with pytest.raises(UserError, match="10 to 256"):
        asked.accounts.set_password("ann", "short")


def test_nobody_fills_the_memory_with_what_he_sends_along(asked: Office) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(1_000):
            sent.append(1)
            yield b" " * MOST_BYTES

    for given in ({"content": endless()}, {"content": b" " * (MOST_BYTES + 1)}):
        sent: list[int] = []
        answer = asked.ask(
            SESSION, method="POST", peer=ELSEWHERE, headers={"Content-Type": "application/json"}, **given
        )
        assert (answer.status_code, len(sent) < 10) == (413, True)


def test_while_the_store_is_away_a_session_goes_on_and_a_change_is_asked_for_again(
    asked: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked.add("ann")
    answer = asked.sign_in("ann")
    session: dict[str, Any] = {
        "cookie": answer.cookies["pulse_session"],
        "headers": {"X-CSRF-Token": answer.json()["csrf"]},
    }

    def away(*_: Any, **__: Any) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(asked.writer, "insert", away)
    asked.clock[0] += SEEN_EVERY_MS
    assert asked.ask(METRICS, **session).status_code == 200
    view = {"name": "mine", "state": "", "shared": False}
    assert asked.ask("/api/v1/views", method="POST", json=view, **session).status_code == 503
