"""Two tenants in one store, an API over it, and a clock of ours: what the tests of sign-in and tenancy ask.

`north` has the services city and econom, `south` has souk; every word of south's has SOUTH in it, and so has every
word that there is not at all NOWHERE instead. Two orders of city's have come by calls of econom's, and a campaign of
city's is on a gateway of econom's too.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Final

import httpx
import orjson
from argon2 import PasswordHasher
from clickhouse_connect.driver.client import Client

from clickhouse.engine import DATABASE, Engine
from clickhouse.kept import Keeping
from clickhouse.loader.mapping import CALLS, ORDERS
from clickhouse.loader.store import FactStore
from clickhouse.migrate import migrate
from dashboard.access.accounts import Accounts
from dashboard.access.passwords import Passwords
from dashboard.access.users import new_user
from dashboard.app import create_app
from dashboard.freshness import Freshness
from dashboard.letters import Letters
from dashboard.notes import Notes
from dashboard.readers import Readers
from dashboard.sources import Sources
from streams.contracts.directory import Campaign, Entities, Gateway, Line, Organisation, Server, Service
from streams.directory import Directory
from tests.integration.fact_rows import batch, fact, order

TOKEN: Final = "the token of run.json"
PASSWORD: Final = "a long password"
NOW: Final = int(datetime(2026, 1, 10, tzinfo=UTC).timestamp() * 1_000)
NORTH_PHONE: Final = "+79161234567"
SOUTH_PHONE: Final = "+79269990000"
DIRECTORY: Final = Directory(
    Entities(
        organisations=(
            Organisation(id="north", name="North", time_zone="Europe/Moscow", region="RU"),
            Organisation(id="SOUTH", name="SOUTH Ltd", time_zone="Asia/Tokyo", region="RU", currency="USD"),
        ),
        services=(
            Service(id="city", organisation="north", name="City"),
            Service(id="econom", organisation="north", name="Econom"),
            Service(id="SOUTH-souk", organisation="SOUTH", name="SOUTH Souk", aliases=("SOUTH",)),
        ),
        servers=(
            Server(id="pbx-1", time_zone="Europe/Moscow"),
            Server(id="SOUTH-pbx", time_zone="Asia/Tokyo"),
        ),
        gateways=(
            Gateway(server="pbx-1", account="GSM1", lines=(Line(service="city", numbers=("+74950000001",)),)),
            Gateway(server="pbx-1", account="GSM2", lines=(Line(service="econom", numbers=("+74950000002",)),)),
            Gateway(server="pbx-1", account="SOUTH", lines=(Line(service="SOUTH-souk", numbers=("SOUTH-8801",)),)),
            Gateway(server="SOUTH-pbx", account="GSM1", lines=(Line(service="SOUTH-souk", numbers=("SOUTH-8800",)),)),
        ),
        campaigns=(
            Campaign(
                id="both", service="city", name="Both", gateways=("pbx-1/GSM1", "pbx-1/GSM2"), start=date(2026, 1, 1)
            ),
        ),
    ),
    3,
)
OF_CITY: Final = {
    "organisation": "north",
    "service": "city",
    "gateway": "GSM1",
    "number": "+74950000001",
    "phone": NORTH_PHONE,
}
OF_ECONOM: Final = OF_CITY | {"service": "econom", "gateway": "GSM2", "number": "+74950000002"}
OF_SOUTH: Final = {
    "organisation": "SOUTH",
    "service": "SOUTH-souk",
    "server": "SOUTH-pbx",
    "gateway": "GSM1",
    "number": "SOUTH-8800",
    "phone": SOUTH_PHONE,
}
OF_NOBODY: Final = {"organisation": "", "service": "", "gateway": "SOUTH-unmapped", "number": "", "phone": SOUTH_PHONE}
BRIDGED: Final = {
    "bridged": '["SOUTH","north"]',
    "legs": orjson.dumps(
        [
            ["r1", "inbound", "GSM1", NORTH_PHONE, "600", 0, 7_123, 90_123, "machine", None],
            ["r2", "outbound", "SOUTH", "600", SOUTH_PHONE, 8_000, 9_000, 90_123, "machine", None],
        ]
    ).decode(),
}
"""A call of city's that its PBX has led on through a gateway of SOUTH's."""
LED_ON: Final = {
    "legs": orjson.dumps(
        [
            ["r1", "inbound", "GSM1", NORTH_PHONE, "600", 0, 7_123, 90_123, "machine", None],
            ["r2", "outbound", "GSM2", "600", NORTH_PHONE, 8_000, 9_000, 90_123, "machine", None],
        ]
    ).decode()
}
"""A call of city's that went on through a gateway of econom's, in the same organisation."""
CITY, ECONOM, SOUTH = 4, 3, 5
"""How many calls each has, and one of nobody; one order each by a call of its own."""
BY_A_CALL_OF_ECONOMS: Final = (
    OF_CITY | {name: OF_ECONOM[name] for name in ("gateway", "number")} | {"call": "pbx-1/call-10"},
    OF_CITY | {"server": "", "gateway": "", "number": "", "call": "pbx-1/call-11", "attribution": "C"},
)
"""Orders of city's: one made from the card of a call of econom's, one beside such a call."""


def calls() -> Iterator[dict[str, Any]]:
    yield fact(0) | OF_CITY | BRIDGED
    yield fact(1) | OF_CITY
    yield fact(2) | OF_CITY | LED_ON
    yield from (fact(n) | OF_CITY for n in range(3, CITY))
    yield from (fact(10 + n) | OF_ECONOM for n in range(ECONOM))
    yield from (fact(20 + n, id=f"SOUTH-call-{n}") | OF_SOUTH for n in range(SOUTH))
    yield fact(30, id="SOUTH-call-of-nobody") | OF_NOBODY


def orders() -> Iterator[dict[str, Any]]:
    yield order(1) | OF_CITY
    yield order(2) | OF_ECONOM
    yield from (order(4 + nth) | brought for nth, brought in enumerate(BY_A_CALL_OF_ECONOMS))
    yield order(3, id="SOUTH-order", call="SOUTH-pbx/SOUTH-call-1", currency="USD") | OF_SOUTH


class Silent:
    """A flow in which everything is through."""

    def positions(self) -> list[Any]:
        return []


@dataclass
class Office:
    """An API over the store, asked from this machine unless an address is given."""

    sources: Sources
    writer: Client
    clock: list[int]
    loop: asyncio.AbstractEventLoop
    app: Any = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.app = create_app(self.sources)

    @property
    def accounts(self) -> Accounts:
        return self.sources.accounts

    def add(self, name: str, role: str = "provider", *places: str, phones: bool = False) -> str:
        """A bearer token of a new user. Places: the organisation, and services."""
        organisation, *services = places or ("",)
        self.accounts.add(new_user(name, role, organisation, tuple(services), phones=phones), PASSWORD)
        return self.accounts.make_token(name, "test")[1]

    def ask(
        self,
        path: str,
        token: str | None = None,
        *,
        method: str = "GET",
        peer: str = "127.0.0.1",
        base: str = "http://localhost",
        cookie: str | None = None,
        headers: Mapping[str, str] | None = None,
        **given: Any,
    ) -> httpx.Response:
        own = {"X-Request-ID": "one", **(headers or {})}
        if token is not None:
            own["Authorization"] = f"Bearer {token}"
        if cookie is not None:
            own["Cookie"] = f"pulse_session={cookie}"

        async def asking() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False, client=(peer, 50_000))
            async with httpx.AsyncClient(transport=transport, base_url=base) as client:
                return await client.request(method, path, headers=own, **given)

        return self.loop.run_until_complete(asking())

    def sign_in(self, name: str, password: str = PASSWORD, **asked: Any) -> httpx.Response:
        return self.ask("/api/v1/session", method="POST", json={"name": name, "password": password}, **asked)


@contextmanager
def office(engine: Engine) -> Iterator[Office]:
    """With a database of its own, which is dropped afterwards."""
    engine.create_database()
    with (
        closing(engine.writer()) as writer,
        closing(Readers(engine, workers=1)) as readers,
        closing(asyncio.new_event_loop()) as loop,
    ):
        migrate(writer)
        _fill(writer)
        clock = [NOW]
        keeping = Keeping(writer)
        accounts = Accounts(keeping, lambda: clock[0], Passwords(PasswordHasher(1, 8, 1)))
        notes, letters = Notes(keeping, lambda: clock[0]), Letters(lambda _: (), dict, lambda: clock[0])
        freshness = Freshness(Silent(), lambda: NOW)
        loading = {"calls": {"alive": True}, "orders": {"alive": True}}
        sources = Sources(readers, lambda: DIRECTORY, freshness, lambda: loading, TOKEN, accounts, notes, letters)
        yield Office(sources, writer, clock, loop)
        writer.command(f"DROP DATABASE {DATABASE} SYNC")


def _fill(writer: Client) -> None:
    for mapping, facts in ((CALLS, calls()), (ORDERS, orders())):
        store = FactStore(writer, mapping, 1, mapping.name)
        store.insert(batch(facts), store.clock_ms() + 60_000)
