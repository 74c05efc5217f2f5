"""Who there is: organisations, services, servers, gateways and their lines, staff, clients; and the matching directory.

Comes in: a plan (seed, days, size). Goes out: a city, always the same for the same plan, and directory.yaml text.
Account names repeat on every server, gateways of several organisations share one, one line moves, one gateway is in
nobody's directory.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any

import yaml

from producers.simulator.dialects import dialect
from producers.simulator.dice import digest
from streams.contracts.directory import Campaign, Entities, Gateway, Line, Organisation, Server, Service, Settings
from streams.contracts.times import DAY_MS, HOUR_MS, MINUTE_MS

NAMES = ("Орбита", "Вектор", "Сокол", "Маяк", "Волна", "Метеор", "Лидер", "Пилот", "Заря", "Комета")
LATIN = ("orbita", "vektor", "sokol", "mayak", "volna", "meteor", "lider", "pilot", "zarya", "kometa")
ZONES = (("Europe/Moscow", "495"), ("Asia/Yekaterinburg", "343"))
HALF_HOUR_ZONE = ("Asia/Kolkata", "495")
UNMAPPED = "GSM9"
MOBILE = (
    "903",
    "905",
    "906",
    "909",
    "910",
    "915",
    "916",
    "917",
    "919",
    "921",
    "925",
    "926",
    "929",
    "963",
    "965",
    "985",
)
KNOWN_BEFORE_DAYS = 60
SETTINGS = (
    Settings(),
    Settings(unknown_age_ms=3 * DAY_MS),
    Settings(
        short_call_ms=4_000,
        contact_gap_ms=10 * MINUTE_MS,
        recovery_ms=20 * MINUTE_MS,
        open_order_ms=6 * HOUR_MS,
        attribution_ms=20 * MINUTE_MS,
        reactivation_ms=5 * DAY_MS,
    ),
)
"""Of every third organisation; the last one's thresholds are so short that a history of two weeks crosses them."""


@dataclass(frozen=True)
class Plan:
    """What is asked for. The history is `days` days from midnight UTC of `start`."""

    seed: int
    start: date
    days: int
    organisations: int = 3
    calls_per_day: int = 2_000
    half_hour_zone: bool = False

    @property
    def start_ms(self) -> int:
        return int(datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC).timestamp()) * 1_000

    @property
    def end_ms(self) -> int:
        return self.start_ms + self.days * DAY_MS

    def day(self, share: float) -> date:
        """The day at this share of the history."""
        return self.start + timedelta(days=int(self.days * share))


@dataclass(frozen=True)
class Gate:
    """A line of a service: the account it is reached on, in days of the server's zone."""

    server: str
    account: str
    number: str
    start: date | None = None
    until: date | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.until is None or day < self.until)


@dataclass(frozen=True)
class Brand:
    """A taxi service as the simulator sees it: how busy, where, on which lines."""

    number: int
    organisation: str
    service: str
    zone: str
    area_code: str
    weight: int
    queued: bool
    gates: tuple[Gate, ...]
    advertised: tuple[date, date] | None = None

    @property
    def alias(self) -> str:
        return "эконом" if self.number % 2 else "город"


@dataclass(frozen=True)
class City:
    plan: Plan
    brands: tuple[Brand, ...]
    servers: dict[str, str]
    """Name to zone."""

    @cached_property
    def entities(self) -> Entities:
        return _entities(self)

    def peer(self, server: str, step: int = 1) -> str:
        """The server that the trunk of this one leads to; -1: whose trunk leads here."""
        names = list(self.servers)
        return names[(names.index(server) + step) % len(names)]

    def staff(self, organisation: str) -> tuple[str, ...]:
        return tuple(f"7{mobile(self.plan.seed, organisation, 'staff', index)}" for index in range(2))


def build(plan: Plan) -> City:
    zones = [ZONES[index % 2] for index in range(plan.organisations)]
    if plan.half_hour_zone:
        zones[-1] = HALF_HOUR_ZONE
    servers = {f"pbx-{index + 1}": zone for index, (zone, _) in enumerate(zones)}
    brands = [brand for index in range(plan.organisations) for brand in _brands(plan, index, zones)]
    return City(plan, tuple(brands), servers)


def _brands(plan: Plan, index: int, zones: list[tuple[str, str]]) -> list[Brand]:
    """Two services an organisation; the second one of every third organisation lies in another zone."""
    name = organisation_id(index)
    zone, area = zones[index]
    away, away_area = ZONES[1] if index % 3 == 0 and zone == ZONES[0][0] else (zone, area)
    home, guest = f"pbx-{index + 1}", f"pbx-{(index + 1) % plan.organisations + 1}"
    moves = plan.day(0.5)
    first = (
        Gate(home, "GSM1", _number(area, index, 1)),
        Gate(home, "GSM2", _number(area, index, 2), until=moves),
        Gate(guest, "GSM4", _number(area, index, 4)),
    )
    second = (
        Gate(home, "GSM3", _number(away_area, index, 3)),
        Gate(home, "GSM2", _number(away_area, index, 5), start=moves),
    )
    campaign = (plan.day(0.35), plan.day(0.7)) if index == 0 and plan.days >= 3 else None
    return [
        Brand(2 * index, name, f"{name}-city", zone, area, 6 - index % 3, True, first, campaign),
        Brand(2 * index + 1, name, f"{name}-econom", away, away_area, 3, index % 2 == 0, second),
    ]


def organisation_id(index: int) -> str:
    turn, place = divmod(index, len(LATIN))
    return LATIN[place] + (f"-{turn + 1}" if turn else "")


def _number(area: str, index: int, line: int) -> str:
    return f"+7{area}2{index % 100:02d}{line:04d}"


def mobile(seed: int, *who: object) -> str:
    """Ten digits of a mobile number that belong to these names."""
    chance = digest(seed, *who)
    return MOBILE[chance % len(MOBILE)] + f"{chance // 1_000 % 10_000_000:07d}"


def _entities(city: City) -> Entities:
    plan = city.plan
    return Entities(
        organisations=tuple(_organisation(city, index) for index in range(plan.organisations)),
        services=tuple(_service(city, brand) for brand in city.brands),
        servers=tuple(
            Server(id=name, time_zone=zone, internal_peers=(f"to-{city.peer(name)}", f"from-{city.peer(name, -1)}"))
            for name, zone in city.servers.items()
        ),
        gateways=_gateways(city),
        campaigns=tuple(
            Campaign(
                id=f"{brand.service}-spring",
                service=brand.service,
                name="Реклама на радио",
                gateways=tuple(sorted({f"{gate.server}/{gate.account}" for gate in brand.gates})),
                start=brand.advertised[0],
                until=brand.advertised[1],
                spend=12_000_000,
            )
            for brand in city.brands
            if brand.advertised and brand.advertised[0] < brand.advertised[1]
        ),
    )


def _organisation(city: City, index: int) -> Organisation:
    """Records of most began long ago; of every second organisation only now, so that its clients' age is unknown."""
    name, brand = organisation_id(index), city.brands[2 * index]
    began = city.plan.start - timedelta(days=0 if index % 2 else KNOWN_BEFORE_DAYS)
    return Organisation(
        id=name,
        name=NAMES[index % len(NAMES)] + (f" {index // len(NAMES) + 1}" if index >= len(NAMES) else ""),
        time_zone=brand.zone,
        region="RU",
        area_code=brand.area_code,
        history_from=began,
        settings=SETTINGS[index % len(SETTINGS)],
        staff_numbers=(*(f"+{number}" for number in city.staff(name)), "101"),
        order_states=dialect(index).state_mapping,
        order_sources=dialect(index).source_mapping,
    )


def _service(city: City, brand: Brand) -> Service:
    home = city.brands[brand.number // 2 * 2]
    return Service(
        id=brand.service,
        organisation=brand.organisation,
        name=f"{NAMES[brand.number // 2 % len(NAMES)]} {'Эконом' if brand.number % 2 else 'Город'}",
        aliases=(brand.alias,),
        time_zone=None if brand.zone == home.zone else brand.zone,
        area_code=None if brand.area_code == home.area_code else brand.area_code,
    )


def _gateways(city: City) -> tuple[Gateway, ...]:
    lines: dict[tuple[str, str], list[Line]] = {}
    for brand in city.brands:
        for gate in brand.gates:
            line = Line(service=brand.service, numbers=(gate.number,), start=gate.start, until=gate.until)
            lines.setdefault((gate.server, gate.account), []).append(line)
    return tuple(
        Gateway(server=server, account=account, lines=tuple(given))
        for (server, account), given in sorted(lines.items())
    )


def directory_text(city: City) -> str:
    """directory.yaml, as `pulse directory apply` takes it."""
    entities = city.entities
    organisations = [
        _plain(organisation)
        | {"services": [_plain(s, "organisation") for s in entities.services if s.organisation == organisation.id]}
        for organisation in entities.organisations
    ]
    content = {
        "organisations": organisations,
        "servers": [_plain(server) for server in entities.servers],
        "gateways": [_plain(gateway) for gateway in entities.gateways],
        "campaigns": [_plain(campaign) for campaign in entities.campaigns],
    }
    return yaml.safe_dump(content, allow_unicode=True, sort_keys=False, width=120)


def _plain(entity: Any, *without: str) -> dict[str, Any]:
    plain: dict[str, Any] = entity.model_dump(mode="json", by_alias=True, exclude_none=True, exclude=set(without))
    return plain
