"""Rules of sign-in without a server: what is hidden of a phone, what a user may be, how often somebody may try."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from clickhouse.queries.tenant import Tenant, masked
from dashboard.access.attempts import MOST_KEYS, Attempts
from dashboard.access.users import UserError, new_user
from dashboard.access.where import is_loopback, reached_at
from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service
from streams.directory import Directory


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("+79161234567", "+7916•••••67"),
        ("+3725123456", "+372•••••56"),
        ("89161", "•••••"),
        ("1234567", "•••••••"),
        ("+1234567", "+•••••67"),
        ("", ""),
    ],
)
def test_at_least_five_digits_of_a_phone_are_hidden(phone: str, shown: str) -> None:
    assert masked(phone) == shown


MOVED = date(2026, 3, 1)
LINES = (
    Line(service="econom", numbers=("+72",), until=MOVED),
    Line(service="city", numbers=("+71", "+73"), start=MOVED),
)
WHOLE = Directory(
    Entities(
        organisations=(Organisation(id="o", name="O", time_zone="Europe/Moscow", region="RU"),),
        services=tuple(Service(id=name, organisation="o", name=name) for name in ("city", "econom")),
        servers=(Server(id="pbx", time_zone="Europe/Moscow"),),
        gateways=(Gateway(server="pbx", account="GSM1", lines=LINES),),
    )
)


@pytest.mark.parametrize(
    ("day", "number", "level", "shown"),
    [
        (date(2026, 3, 1), "+71", "B", ("pbx", "GSM1", "+71", "pbx/call-1")),
        (date(2026, 3, 1), "+73", "B", ("pbx", "GSM1", "+73", "pbx/call-1")),
        (date(2026, 3, 1), "+71", "A", ("pbx", "GSM1", "+71", "")),
        (date(2026, 2, 28), "+72", "A", ("pbx", "GSM1", "", "")),
        (date(2026, 2, 28), "+72", "B", ("pbx", "GSM1", "", "pbx/call-1")),
        (date(2026, 3, 1), "+71", "C", ("pbx", "GSM1", "+71", "")),
    ],
)
def test_of_a_gateway_that_went_from_service_to_service_each_is_named_its_own_days(
    day: date, number: str, level: str, shown: tuple[str, ...]
) -> None:
    noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1_000)
    fact: dict[str, Any] = {"server": "pbx", "gateway": "GSM1", "number": number, "phone": "", "created_at": noon}
    viewer = Tenant("o", ("city",))
    told = viewer.knowing(viewer.directory(WHOLE)).shown({**fact, "call": "pbx/call-1", "attribution": level})
    assert tuple(told[name] for name in ("server", "gateway", "number", "call")) == shown
    assert Tenant("o").shown({**fact, "call": "pbx/call-1", "attribution": level})["number"] == number


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ((Line(service="city", numbers=("+71",)),), "pbx/call-1"),
        ((Line(service="city", numbers=("+71",), until=MOVED), LINES[1]), "pbx/call-1"),
        ((LINES[1],), ""),
        ((Line(service="city", numbers=("+71",), until=MOVED),), ""),
        ((Line(service="city", numbers=("+71",), until=date(2026, 2, 27)), LINES[1]), ""),
        (LINES, ""),
        ((LINES[0],), ""),
        ((), ""),
    ],
)
def test_the_call_of_a_card_is_named_where_on_no_day_it_could_have_been_anothers(
    lines: tuple[Line, ...], shown: str
) -> None:
    """The order is made two minutes after midnight, the call may have come before it."""
    gateway = WHOLE.entities.gateways[0].model_copy(update={"lines": lines})
    whole = Directory(WHOLE.entities.model_copy(update={"gateways": (gateway,)}))
    made = int(datetime(2026, 2, 28, 21, 2, tzinfo=UTC).timestamp() * 1_000)
    fact: dict[str, Any] = {"server": "pbx", "gateway": "GSM1", "number": "", "phone": "", "created_at": made}
    viewer = Tenant("o", ("city",))
    told = viewer.knowing(viewer.directory(whole)).shown({**fact, "call": "pbx/call-1", "attribution": "A"})
    assert told["call"] == shown


def test_a_name_is_the_same_however_it_is_written() -> None:
    assert new_user(" Анна.К ", "provider", "", (), phones=False).name == "анна.к"


@pytest.mark.parametrize(
    ("name", "role", "organisation", "services", "why"),
    [
        ("a b", "provider", "", (), "is no name"),
        ("a", "owner", "", (), "no role"),
        ("a", "provider", "o", (), "every organisation"),
        ("a", "viewer", "", (), "belongs to an organisation"),
        ("a", "admin", "o", ("city",), "only a viewer"),
    ],
)
def test_parts_of_a_user_that_do_not_fit_are_refused(
    name: str, role: str, organisation: str, services: tuple[str, ...], why: str
) -> None:
    with pytest.raises(UserError, match=why):
        new_user(name, role, organisation, services, phones=False)


def test_attempts_are_counted_within_a_window_that_moves() -> None:
    now = [0]
    attempts = Attempts(2, lambda: now[0], window_ms=100)
    assert [attempts.wait_ms("a"), attempts.wait_ms("a"), attempts.wait_ms("a"), attempts.wait_ms("b")] == [
        0,
        0,
        100,
        0,
    ]
    now[0] = 60
    assert attempts.wait_ms("a") == 40
    now[0] = 100
    assert attempts.wait_ms("a") == 0
    attempts.forgive("a")
    assert [attempts.wait_ms("a"), attempts.wait_ms("a"), attempts.wait_ms("a")] == [0, 0, 100]


def test_of_very_many_names_the_oldest_attempts_are_forgotten() -> None:
    attempts = Attempts(1, lambda: 0)
    for number in range(MOST_KEYS + 1):
        assert attempts.wait_ms(str(number)) == 0
    assert attempts.wait_ms("0") == 0
    assert attempts.wait_ms(str(MOST_KEYS)) > 0


def test_what_leads_to_this_machine() -> None:
    assert [is_loopback(one) for one in ("127.0.0.1", "127.9.9.9", "::1", "localhost")] == [True] * 4
    assert [is_loopback(one) for one in ("10.0.0.1", "::2", "192.168.0.2", "localhost.example", "")] == [False] * 5
    assert reached_at("0.0.0.0", 80) == "http://127.0.0.1:80"  # noqa: S104
    assert reached_at("::", 80) == "http://[::1]:80"
    assert reached_at("192.168.0.2", 80) == "http://192.168.0.2:80"
