"""A dispatch office with known facts, served in a process of its own: an embedded ClickHouse belongs to one process.

`python office.py FOLDER PORT`: three taxi services of one owner over fifteen months, an advert in March 2026 on one
number, and a second organisation in another zone. The clock stands at NOW; the same facts each time.
"""

import random
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import orjson
import uvicorn

from clickhouse.engine import Engine, open_embedded
from clickhouse.kept import Keeping
from clickhouse.loader.batch import Batch, Entry
from clickhouse.loader.mapping import CALLS, ORDERS, FactsMapping
from clickhouse.loader.store import FactStore
from clickhouse.migrate import migrate
from dashboard.access.accounts import Accounts
from dashboard.access.users import new_user
from dashboard.app import create_app
from dashboard.freshness import Freshness
from dashboard.letters import Letters
from dashboard.notes import Notes
from dashboard.readers import Readers
from dashboard.sources import Sources
from streams.contracts.directory import Campaign, Entities, Gateway, Line, Organisation, Server, Service
from streams.contracts.facts import CallFact, OrderFact
from streams.dead_letters import Letter
from streams.directory import Directory

NOW: Final = datetime(2026, 4, 14, 9, 41, tzinfo=UTC)
BEGAN: Final = datetime(2025, 1, 10, tzinfo=UTC)
ADVERT: Final = (date(2026, 3, 2), date(2026, 3, 29))
USERS: Final = (
    new_user("provider", "provider", "", (), phones=True),
    new_user("orlov", "admin", "orbita", (), phones=True),
    new_user("vera", "viewer", "orbita", ("city",), phones=False),
)
PASSWORD: Final = "of the office"
OFFSET_MIN: Final = 180
LINES: Final = (
    ("pbx-1", "GSM1", "city", "+74952000001", 10),
    ("pbx-1", "GSM2", "city", "+74952000002", 6),
    ("pbx-1", "GSM3", "econom", "+74952000003", 8),
    ("pbx-1", "GSM4", "econom", "+74952000004", 3),
    ("pbx-2", "GSM1", "comfort", "+74952000005", 4),
    ("pbx-2", "GSM2", "comfort", "+74952000006", 2),
    ("pbx-2", "GSM3", "city", "+74952000007", 2),
)
ADVERTISED: Final = LINES[4]
OF_THE_DAY: Final = (2, 1, 1, 1, 1, 3, 6, 9, 10, 8, 6, 5, 6, 6, 6, 7, 8, 10, 10, 8, 7, 6, 5, 4)
SOURCES: Final = (("operator", 60), ("handheld", 18), ("website", 12), ("app", 8), ("partner", 2))
STATES: Final = (("completed", 84), ("cancelled", 9), ("no_car", 4), ("no_show", 3))
DIRECTORY: Final = Directory(
    Entities(
        organisations=(
            Organisation(id="orbita", name="Орбита", time_zone="Europe/Moscow", region="RU", history_from=BEGAN.date()),
            Organisation(id="vektor", name="Вектор", time_zone="Asia/Yekaterinburg", region="RU"),
        ),
        services=(
            Service(id="city", organisation="orbita", name="Орбита Город"),
            Service(id="econom", organisation="orbita", name="Орбита Эконом"),
            Service(id="comfort", organisation="orbita", name="Орбита Комфорт"),
            Service(id="vektor-city", organisation="vektor", name="Вектор <b>Город</b>"),
        ),
        servers=tuple(Server(id=f"pbx-{n}", time_zone="Europe/Moscow") for n in (1, 2, 3)),
        gateways=(
            *(
                Gateway(server=server, account=account, lines=(Line(service=service, numbers=(number,)),))
                for server, account, service, number, _ in LINES
            ),
            Gateway(server="pbx-3", account="GSM1", lines=(Line(service="vektor-city", numbers=("+73432000001",)),)),
            Gateway(server="pbx-3", account="GSM2", lines=(Line(service="vektor-city", numbers=("+73432000002",)),)),
        ),
        campaigns=(
            Campaign(
                id="march",
                service="comfort",
                name="Радио, март",
                gateways=("pbx-2/GSM1",),
                start=ADVERT[0],
                until=ADVERT[1] + timedelta(days=1),
                spend=12_000_000,
            ),
        ),
    ),
    1,
)


def days(until: datetime = NOW) -> Iterator[datetime]:
    day = BEGAN
    while day < until:
        yield day
        day += timedelta(days=1)


def city() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Calls, and the orders that came of some of them or by themselves."""
    rng = random.Random(7)
    calls: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for day in days():
        growth = 1 + (day - BEGAN).days / 900 + (0.35 if day.weekday() in {4, 5} else 0)
        for _ in range(int(rng.gauss(34, 4) * growth)):
            started = day + timedelta(hours=rng.choices(range(24), OF_THE_DAY)[0] - 3, seconds=rng.randrange(3_600))
            if started < NOW:
                calls.append(_call(rng, len(calls), started))
                orders.extend(_orders(rng, len(orders), calls[-1]))
    return calls, orders


def _call(rng: random.Random, nth: int, started: datetime) -> dict[str, Any]:
    advert = ADVERT[0] <= started.date() <= ADVERT[1] and rng.random() < 0.22
    server, gateway, service, number, _ = ADVERTISED if advert else rng.choices(LINES, [one[-1] for one in LINES])[0]
    new = rng.random() < (0.8 if advert else 0.16)
    young = (started - BEGAN).days < 28
    wait = int(rng.lognormvariate(2.1, 0.7) * 1_000)
    answered = rng.random() < 0.84
    short = not answered and rng.random() < 0.3
    missed = not answered and not short
    talk = int(rng.lognormvariate(3.9, 0.5) * 1_000) if answered else 0
    start = int(started.timestamp() * 1_000)
    lasted = wait + talk if answered else rng.randrange(1_000, 4_999) if short else 5_000 + wait
    recovered = missed and rng.random() < 0.55
    demand = rng.random() < 0.8
    return _stated(
        dict.fromkeys(CallFact.__annotations__, 0),
        organisation="orbita",
        service=service,
        server=server,
        gateway=gateway,
        number=number,
        id=f"c{nth:07d}",
        phone=f"+7916{nth if new else rng.randrange(4_000):07d}",
        direction="inbound",
        reason="",
        counted=1,
        started_at=start,
        ended_at=start + lasted,
        answered_at=start + wait if answered else None,
        local_time=start // 1_000 + OFFSET_MIN * 60,
        utc_offset_min=OFFSET_MIN,
        legs=_legs(gateway, lasted, wait if answered else None),
        bridged="",
        calls=1,
        calls_answered=answered,
        calls_missed=missed,
        calls_short=short,
        wait_answered_ms=wait if answered else 0,
        wait_missed_ms=lasted if missed else 0,
        talk_ms=talk,
        new_callers_service=new and not young,
        new_callers_organisation=new and not young,
        unknown_callers_service=new and young,
        unknown_callers_organisation=new and young,
        contacts=1,
        contacts_missed=missed,
        contacts_recovered=recovered,
        contacts_lost=missed and not recovered,
        contacts_demand=demand,
        contacts_converted=demand and answered and rng.random() < 0.7,
    )


def _legs(gateway: str, lasted: int, answered: int | None) -> str:
    """The menu that the caller hears, and the phone that rings for him."""
    menu = ["1.1", "inbound", gateway, "89161234567", "100", 0, 0, lasted, "machine", None]
    phone = ["1.2", "internal", None, "100", "201", 500, answered, lasted, None if answered is None else "agent", "201"]
    return orjson.dumps([menu, phone]).decode()


def _orders(rng: random.Random, nth: int, call: dict[str, Any]) -> Iterator[dict[str, Any]]:
    if rng.random() > 0.85:
        return
    source = rng.choices([name for name, _ in SOURCES], [weight for _, weight in SOURCES])[0]
    state = rng.choices([name for name, _ in STATES], [weight for _, weight in STATES])[0]
    level = rng.choices("ABCD", (62, 26, 4, 8))[0] if source == "operator" else ""
    tied = level in {"A", "B"}
    created = call["started_at"] + 40_000
    price = rng.randrange(150, 900) * 100
    new = bool(call["new_callers_organisation"]) and state == "completed"
    unknown = bool(call["unknown_callers_organisation"]) and state == "completed"
    yield _stated(
        dict.fromkeys(OrderFact.__annotations__, 0),
        organisation="orbita",
        service=call["service"],
        server=call["server"] if tied else "",
        gateway=call["gateway"] if tied else "",
        number=call["number"] if tied else "",
        id=f"o{nth:07d}",
        phone=call["phone"],
        source=source,
        state=state,
        created_at=created,
        closed_at=created + 1_500_000,
        pickup_at=None,
        local_time=created // 1_000 + OFFSET_MIN * 60,
        utc_offset_min=OFFSET_MIN,
        unmapped="",
        price=price,
        currency="RUB",
        attribution=level,
        call=f"{call['server']}/{call['id']}" if level in {"A", "B", "C"} else "",
        orders=1,
        **{f"orders_{one}": state == one for one, _ in STATES},
        new_clients_service=new,
        new_clients_organisation=new,
        unknown_clients_service=unknown,
        unknown_clients_organisation=unknown,
        new_ordering_clients_service=new,
        new_ordering_clients_organisation=new,
        revenue=price if state == "completed" else 0,
        **{f"attributed_{one.lower()}": level == one for one in "ABCD"},
    )


def _stated(plain: dict[str, Any], **facts: Any) -> dict[str, Any]:
    """Yes and no are measures: 1 and 0."""
    return plain | {name: int(value) if isinstance(value, bool) else value for name, value in facts.items()}


def elsewhere(calls: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """A few of them again, as those of the other organisation."""
    given = {"organisation": "vektor", "service": "vektor-city", "server": "pbx-3", "gateway": "GSM1"}
    return [
        {**one, **given, "number": "+73432000001", "local_time": one["local_time"] + 7_200, "utc_offset_min": 300}
        for one in calls[::60]
    ]


class Silent:
    """A flow in which everything is through."""

    def positions(self) -> list[Any]:
        return []


def load(engine: Engine) -> None:
    engine.create_database()
    writer = engine.writer()
    migrate(writer)
    calls, orders = city()
    for mapping, facts in ((CALLS, [*calls, *elsewhere(calls)]), (ORDERS, orders)):
        _insert(FactStore(writer, mapping, 1, mapping.name), mapping, facts)
    writer.close()


def _insert(store: FactStore, mapping: FactsMapping, facts: list[dict[str, Any]], at_once: int = 20_000) -> None:
    months: dict[int, list[dict[str, Any]]] = {}
    for fact in facts:
        months.setdefault(mapping.month(fact), []).append(fact)
    offset = 0
    for found in months.values():
        for begin in range(0, len(found), at_once):
            part = found[begin : begin + at_once]
            entries = [Entry(offset + n, {**one, "sign": 1, "observed_at": 0}) for n, one in enumerate(part)]
            store.insert(Batch(0, offset, entries[-1].offset, entries), store.clock_ms() + 60_000)
            offset += len(part)


def clock() -> int:
    return int(NOW.timestamp() * 1_000)


def refused(begin: int) -> list[Letter]:
    headers = {"reason": "bad_time", "source_topic": "telephony.call-records"}
    return [Letter(0, None, b"{}", headers)][begin:]


def main(folder: Path, port: int) -> None:
    with open_embedded(folder) as engine:
        load(engine)
        freshness = Freshness(Silent(), clock)
        readers = Readers(engine)
        keeping = Keeping(engine.writer())
        accounts, notes = Accounts(keeping, clock), Notes(keeping, clock)
        for user in USERS:
            accounts.add(user, PASSWORD)
        letters = Letters(refused, dict, clock)
        sources = Sources(readers, lambda: DIRECTORY, freshness, dict, "a token", accounts, notes, letters)
        uvicorn.run(create_app(sources), host="127.0.0.1", port=port, log_level="warning")
        readers.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
