"""Tenancy: every route, every parameter, another tenant's names: answered like names that there are not.

Every word of the other tenant has SOUTH in it. What there is not has NOWHERE instead; an answer to the one must be the
answer to the other, word by word, and neither may have a SOUTH that was not in the question. The same holds of another
service of one's own organisation, for who sees only some.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any, Final
from urllib.parse import quote
from zipfile import ZipFile

import httpx
import pytest
from fastapi.routing import APIRoute
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.routing import Mount

from clickhouse.engine import Engine
from tests.integration.access_rig import CITY, ECONOM, NORTH_PHONE, SOUTH, SOUTH_PHONE, Office, office

OTHERS: Final = ("SOUTH", "SOUTH-souk", "SOUTH-pbx", "SOUTH-pbx/GSM1", "SOUTH-8800", "SOUTH-call-1", "SOUTH-order")
OTHERS_TOO: Final = ("pbx-1/SOUTH-unmapped", "SOUTH-call-of-nobody", SOUTH_PHONE)
OWN: Final = ("north", "city", "econom", "pbx-1/GSM1", "pbx-1/GSM2", "+74950000001", "+74950000002", "pbx-1", "call-1")
OF_ECONOM: Final = re.compile(r"[Ee]conom|GSM2|74950000002|call-1\d")
"""Whatever could tell a viewer of city alone of the other service."""
ECONOM_ONLY: Final = {"econom": "nowhere", "GSM2": "GSM8", "+74950000002": "+74950000008", "call-10": "call-98"}
"""Names of econom's, and such that there are not."""
DIMENSIONS: Final = ("organisation", "service", "gateway", "number", "source")
RANGE: Final = {"from": "2026-01-01", "to": "2026-01-03"}
SIGN_INS: Final[Mapping[str, tuple[str, ...]]] = {
    "admin": ("admin", "north"),
    "viewer": ("viewer", "north"),
    "limited": ("viewer", "north", "city"),
}
SHARED: Final = (
    "m=orders&service=econom",
    "?m=orders&by=gateway&gateway=pbx-1/GSM2",
    "m=orders&by=number&number=%2B74950000002",
    "m=orders&by=gateway&off=orders|pbx-1/GSM2",
)
SEEN: Final = {"admin": CITY + ECONOM, "viewer": CITY + ECONOM, "limited": CITY}
PUBLIC: Final = {"/", "/sign-in", "/static", "/healthz", "/readyz", "/openapi.json"}


@pytest.fixture(scope="module")
def opened(engine: Engine) -> Iterator[Office]:
    with office(engine) as found:
        yield found


@pytest.fixture(scope="module")
def tokens(opened: Office) -> Mapping[str, str]:
    """With them, views that the admin has shared."""
    made = {name: opened.add(name, *places) for name, places in {**SIGN_INS, "provider": ()}.items()}
    for state in SHARED:
        share(opened, made["admin"], state)
    return made


def share(opened: Office, token: str, state: str) -> str:
    saving = {"name": "shared", "state": state, "shared": True}
    return str(opened.ask("/api/v1/views", token, method="POST", json=saving).json()["id"])


@pytest.fixture(scope="module")
def routes(opened: Office) -> Mapping[str, list[dict[str, Any]]]:
    """Every path that can be read, with its parameters as OpenAPI shows them."""
    paths = opened.ask("/openapi.json").json()["paths"]
    return {
        path: route["get"].get("parameters", [])
        for path, route in paths.items()
        if "get" in route and path.startswith("/api/") and not path.endswith("/session")
    }


def flat(routes: Iterable[Any]) -> Iterator[Any]:
    """FastAPI keeps the routes of each router together."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        yield from [route] if inner is None else flat(inner.routes)


def test_every_route_is_one_that_is_asked_below_or_known_to_be_open(opened: Office, routes: Mapping[str, Any]) -> None:
    found = list(flat(opened.app.routes))
    assert len(found) > len(routes)
    for route in found:
        path = getattr(route, "path", "")
        readable = isinstance(route, Mount) or (isinstance(route, APIRoute) and "GET" in (route.methods or ()))
        if readable and not path.startswith("/-/"):
            assert path.replace(":path", "") in {*PUBLIC, *routes, "/api/v1/session"}, path
        if isinstance(route, APIRoute) and path not in PUBLIC | {"/api/v1/session"}:
            for method in route.methods or ():
                assert opened.ask(path, method=method, peer="203.0.113.5").status_code == 401


def value_of(parameter: Mapping[str, Any]) -> st.SearchStrategy[str]:
    """Words that the parameter takes, and names: our own, another's."""
    schema = parameter["schema"].get("items", parameter["schema"])
    words = [*schema.get("enum", []), *(RANGE[one] for one in RANGE if one == parameter["name"])]
    names = st.sampled_from([*OTHERS, *OTHERS_TOO, *OTHERS, *OWN, "call-10", ""])
    return st.one_of(st.sampled_from(words), names) if words else names


@st.composite
def question(draw: st.DrawFn, routes: Mapping[str, list[dict[str, Any]]]) -> tuple[str, list[tuple[str, str]]]:
    """What is required is mostly good, or all would be refused for one reason."""
    path = draw(st.sampled_from(sorted(routes, key=lambda one: ("{" not in one, one))))
    asked: list[tuple[str, str]] = []
    for parameter in routes[path]:
        name, required = parameter["name"], parameter.get("required", False)
        if parameter["in"] == "path":
            words = st.sampled_from(DIMENSIONS if name == "name" else [*OTHERS, *OWN, "call-10"])
            path = path.replace(f"{{{name}}}", quote(draw(words), safe=""))
        elif name in RANGE and draw(st.integers(0, 9)):
            asked.append((name, RANGE[name]))
        elif name == "metric" and draw(st.integers(0, 9)):
            asked.append((name, draw(st.sampled_from(parameter["schema"].get("items", parameter["schema"])["enum"]))))
        elif required or draw(st.integers(0, 3)) == 0:
            asked.append((name, draw(value_of(parameter))))
    return path, asked


def nowhere(text: str, who: str = "admin") -> str:
    for name, other in (ECONOM_ONLY if who == "limited" else {}).items():
        text = text.replace(name, other)
    return text.replace("SOUTH", "NOWHERE").replace(SOUTH_PHONE, "+79269991111")


def answer(opened: Office, token: str, path: str, asked: list[tuple[str, str]]) -> tuple[int, str]:
    found: httpx.Response = opened.ask(path, token, params=asked)
    return found.status_code, re.sub(r'"request_id":"\w+"', "", _words(found))


def _words(found: httpx.Response) -> str:
    """Of a sheet what is packed in it, but for when it was made."""
    if not found.content.startswith(b"PK"):
        return found.text
    with ZipFile(BytesIO(found.content)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist() if not name.startswith("docProps"))


def test_what_is_anothers_is_answered_like_what_there_is_not(
    opened: Office, tokens: Mapping[str, str], routes: Mapping[str, list[dict[str, Any]]]
) -> None:
    @settings(max_examples=100, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(question(routes), st.sampled_from(sorted(SIGN_INS)))
    def hold(asked: tuple[str, list[tuple[str, str]]], who: str) -> None:
        path, parameters = asked
        code, text = answer(opened, tokens[who], path, parameters)
        elsewhere = [(name, nowhere(value, who)) for name, value in parameters]
        assert (code, nowhere(text, who)) == answer(opened, tokens[who], nowhere(path, who), elsewhere)
        assert code < 500
        if "SOUTH" not in f"{path}{parameters}":
            assert "SOUTH" not in text
        if SOUTH_PHONE not in f"{path}{parameters}":
            assert SOUTH_PHONE not in text
        if who != "admin":
            assert NORTH_PHONE not in text
        if who == "limited" and not OF_ECONOM.search(f"{path}{parameters}"):
            assert not OF_ECONOM.search(text)

    hold()


def totals(opened: Office, token: str, **asked: str) -> list[Any]:
    metrics = ["calls", "orders", "unique_callers", "contacts"]
    found = opened.ask("/api/v1/timeseries", token, params={"metric": metrics, **RANGE, **asked}).json()
    return [series["total"] for series in found["series"]]


@pytest.mark.parametrize("who", SIGN_INS)
def test_one_sees_ones_own_without_naming_it(opened: Office, tokens: Mapping[str, str], who: str) -> None:
    seen = SEEN[who]
    orders = 3 if who == "limited" else 4
    assert totals(opened, tokens[who]) == totals(opened, tokens[who], organisation="north") == [seen, orders, 1, seen]
    page = opened.ask("/api/v1/calls", tokens[who], params=RANGE).json()
    assert (page["total"], len(page["rows"])) == (seen, seen)
    services = opened.ask("/api/v1/dimensions/service", tokens[who]).json()["values"]
    assert [one["value"] for one in services] == (["city"] if who == "limited" else ["city", "econom"])
    chart = opened.ask("/api/v1/timeseries", tokens[who], params={"metric": "calls", **RANGE}).json()
    assert chart["meta"]["time_zone"] == "Europe/Moscow"


def test_a_provider_sees_all_also_what_belongs_to_nobody(opened: Office, tokens: Mapping[str, str]) -> None:
    assert totals(opened, tokens["provider"])[0] == CITY + ECONOM + SOUTH + 1
    assert totals(opened, tokens["provider"], organisation="SOUTH")[0] == SOUTH
    named = opened.ask("/api/v1/dimensions/organisation", tokens["provider"]).json()["values"]
    assert {one["value"] for one in named} == {"north", "SOUTH"}


def test_another_service_of_ones_organisation_is_as_good_as_none(opened: Office, tokens: Mapping[str, str]) -> None:
    params = {"metric": "calls", **RANGE}
    refused = opened.ask("/api/v1/timeseries", tokens["limited"], params={**params, "service": "econom"})
    assert (refused.status_code, refused.json()["parameter"]) == (422, "service")
    assert totals(opened, tokens["limited"], gateway="pbx-1/GSM2") == [0, 0, 0, 0]
    groups = opened.ask("/api/v1/timeseries", tokens["limited"], params={**params, "by": "gateway"}).json()["series"]
    assert [one["group"] for one in groups] == [{"gateway": "pbx-1/GSM1"}]


ORDERS: Final = {"metric": "orders", **RANGE}
TELLING: Final[tuple[tuple[str, Mapping[str, str]], ...]] = (
    *(("/api/v1/timeseries", {**ORDERS, "by": by}) for by in ("service", "gateway", "number")),
    *((f"/api/v1/timeseries.{kind}", {**ORDERS, "by": "gateway"}) for kind in ("csv", "xlsx")),
    ("/api/v1/timeseries", {**ORDERS, "by": "gateway", "top": "1", "compare": "previous"}),
    ("/api/v1/orders", RANGE),
    ("/api/v1/orders.csv", RANGE),
    ("/api/v1/calls", RANGE),
    ("/api/v1/contacts", RANGE),
    *((f"/api/v1/dimensions/{name}", {}) for name in ("service", "gateway", "number")),
    ("/api/v1/annotations", {}),
    ("/api/v1/views", {}),
    ("/api/v1/calls/pbx-1/call-2", {}),
)


@pytest.mark.parametrize(("path", "asked"), TELLING)
def test_who_sees_only_some_services_hears_no_name_of_the_others(
    opened: Office, tokens: Mapping[str, str], path: str, asked: Mapping[str, str]
) -> None:
    code, text = answer(opened, tokens["limited"], path, [*asked.items()])
    assert (code, OF_ECONOM.search(text)) == (200, None)
    assert OF_ECONOM.search(answer(opened, tokens["admin"], path, [*asked.items()])[1])


@pytest.mark.parametrize(("by", "own"), [("gateway", "pbx-1/GSM1"), ("number", "+74950000001")])
def test_an_order_by_a_call_of_another_service_is_one_without_a_call_to_who_does_not_see_that_service(
    opened: Office, tokens: Mapping[str, str], by: str, own: str
) -> None:
    token = tokens["limited"]
    series = opened.ask("/api/v1/timeseries", token, params={**ORDERS, "by": by}).json()["series"]
    assert {one["group"][by]: one["total"] for one in series} == {"": 2, own: 1}
    listed = {value: opened.ask("/api/v1/orders", token, params={**RANGE, by: value}).json() for value in ("", own)}
    assert [(page["total"], [row[by] for row in page["rows"]]) for page in listed.values()] == [
        (2, [""] * 2),
        (1, [own]),
    ]
    assert [row["call"] for page in listed.values() for row in page["rows"]] == ["", "", "pbx-1/call-1"]


def test_a_view_is_shared_with_who_sees_only_some_services_if_it_names_no_other(
    opened: Office, tokens: Mapping[str, str]
) -> None:
    own = "m=orders,calls&org=north&service=city&number=%2B74950000001&source=operator&off=orders|pbx-1/GSM1&by=gateway"
    seen = {share(opened, tokens["admin"], state) for state in (own, "", "by=gateway&off=calls&off=calls|*&gateway=")}
    hidden = share(opened, tokens["admin"], SHARED[0])
    ids = {one["id"] for one in opened.ask("/api/v1/views", tokens["limited"]).json()["views"]}
    assert (seen <= ids, hidden in ids) == (True, False)
    refused = opened.ask(f"/api/v1/views/{hidden}", tokens["limited"], method="DELETE")
    assert refused.status_code == 404
    another = opened.add("another", "viewer", "north", "city")
    saved = share(opened, another, SHARED[0])
    assert saved in opened.ask("/api/v1/views", another).text, "what he has saved himself he sees"
    assert saved not in opened.ask("/api/v1/views", tokens["limited"]).text


@pytest.mark.parametrize("who", SIGN_INS)
def test_a_call_of_anothers_is_not_there(opened: Office, tokens: Mapping[str, str], who: str) -> None:
    hidden = ["SOUTH-pbx/SOUTH-call-1", "pbx-1/SOUTH-call-of-nobody", *(["pbx-1/call-10"] if who == "limited" else [])]
    for call in hidden:
        code, text = answer(opened, tokens[who], f"/api/v1/calls/{call}", [])
        assert code == 404
        assert nowhere(text) == answer(opened, tokens[who], f"/api/v1/calls/{nowhere(call)}", [])[1]


@pytest.mark.parametrize(("who", "seen"), [("admin", ["GSM1", "GSM2"]), ("limited", ["GSM1"])])
def test_legs_through_another_services_gateway_are_not_told_to_who_sees_only_some(
    opened: Office, tokens: Mapping[str, str], who: str, seen: list[str]
) -> None:
    found = opened.ask("/api/v1/calls/pbx-1/call-2", tokens[who]).json()
    assert [leg["gateway"] for leg in found["legs"]] == seen


def test_phones_are_shown_to_those_who_may_see_them(opened: Office, tokens: Mapping[str, str]) -> None:
    for path in ("/api/v1/calls", "/api/v1/contacts", "/api/v1/orders"):
        for token, phone in ((tokens["admin"], NORTH_PHONE), (tokens["viewer"], "+7916•••••67")):
            rows = opened.ask(path, token, params=RANGE).json()["rows"]
            assert {row["phone"] for row in rows} == {phone}
    allowed = opened.add("ear", "viewer", "north", phones=True)
    assert opened.ask("/api/v1/calls", allowed, params=RANGE).json()["rows"][0]["phone"] == NORTH_PHONE
