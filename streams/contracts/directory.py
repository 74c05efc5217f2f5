"""The directory: who works for whom, and on which line. Entities as in directory.yaml and in `provider.directory`.

Each message of `provider.directory` is one entity under the key `<kind>/<id>`; null removes it; one apply is one
transaction that ends with the `version` record, and readers switch only on that.
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

import phonenumbers
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

from streams.contracts.records import Id, ServerId

OrderState = Literal[
    "created",
    "waiting",
    "searching",
    "assigned",
    "arrived",
    "on_board",
    "completed",
    "cancelled",
    "no_car",
    "no_show",
    "other",
]
OrderSource = Literal["operator", "handheld", "website", "app", "partner", "messenger", "corporate", "other", "unknown"]

MINUTE = 60_000
DAY = 86_400_000


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise PydanticCustomError("unknown_zone", "no such time zone; use a name like Europe/Moscow")
    return name


def _known_region(code: str) -> str:
    if code not in phonenumbers.SUPPORTED_REGIONS:
        raise PydanticCustomError("unknown_region", "no such region; use two letters like RU")
    return code


Zone = Annotated[str, AfterValidator(_known_zone)]
Region = Annotated[str, AfterValidator(_known_region)]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,8}$")]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Milliseconds = Annotated[int, Field(ge=0, le=20 * 366 * DAY)]
Account = Id
Text = Annotated[str, StringConstraints(min_length=1, max_length=256)]
Day = Annotated[date, Field(ge=date(1970, 1, 1), le=date(2100, 1, 1))]
"""What the store can hold as a date; records have times in [2000, 2100)."""


class Entity(BaseModel):
    """Strict about unknown fields: a misspelt setting would else be ignored in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Settings(Entity):
    """Thresholds of an organisation, in milliseconds; the defaults are those of the definitions."""

    short_call_ms: Milliseconds = 5_000
    contact_gap_ms: Milliseconds = 15 * MINUTE
    recovery_ms: Milliseconds = 30 * MINUTE
    open_order_ms: Milliseconds = DAY
    attribution_ms: Milliseconds = 15 * MINUTE
    reactivation_ms: Milliseconds = 180 * DAY
    unknown_age_ms: Milliseconds = 28 * DAY
    local_digits: Annotated[int, Field(ge=1, le=15)] = 7


class Organisation(Entity):
    """A tenant. `history_from` is where its records begin: midnight of its zone."""

    id: Id
    name: Text
    time_zone: Zone
    region: Region
    area_code: AreaCode | None = None
    currency: Currency = "RUB"
    history_from: Day | None = None
    settings: Settings = Settings()
    staff_numbers: tuple[Text, ...] = ()
    order_states: dict[Text, OrderState] = Field(default_factory=dict)
    order_sources: dict[Text, OrderSource] = Field(default_factory=dict)


class Service(Entity):
    """A taxi service: a brand, or an advertising campaign. Absent zone, region, area code: the organisation's."""

    id: Id
    organisation: Id
    name: Text
    aliases: tuple[Text, ...] = ()
    time_zone: Zone | None = None
    region: Region | None = None
    area_code: AreaCode | None = None


class Server(Entity):
    """A telephony server; `internal_peers` are accounts that lead to another own PBX, not to a customer."""

    id: ServerId
    time_zone: Zone
    internal_peers: tuple[Text, ...] = ()


class Line(Entity):
    """What a gateway is for, in days of its server's zone, half-open; an absent end is open."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    service: Id
    numbers: Annotated[tuple[Text, ...], Field(min_length=1)]
    start: Annotated[Day | None, Field(alias="from")] = None
    until: Day | None = None

    def covers(self, day: date) -> bool:
        return (self.start is None or self.start <= day) and (self.until is None or day < self.until)


class Gateway(Entity):
    """One account on one server; account names are unique only within a server."""

    server: ServerId
    account: Account
    lines: tuple[Line, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.server}/{self.account}"


class Campaign(Entity):
    """An advertising campaign: its days in the service's zone, its gateways, its spend in minor units."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    id: Id
    service: Id
    name: Text
    gateways: tuple[Text, ...] = ()
    start: Annotated[Day, Field(alias="from")]
    until: Day | None = None
    spend: Annotated[int, Field(ge=0)] = 0


class Version(Entity):
    """The last record of an apply. `digest` covers all that can change a number, so not the names."""

    number: Annotated[int, Field(ge=1)]
    digest: str


KINDS: dict[str, type[Entity]] = {
    "organisation": Organisation,
    "service": Service,
    "server": Server,
    "gateway": Gateway,
    "campaign": Campaign,
}
VERSION_KEY = b"version/current"


class Entities(Entity):
    """The whole directory, entity by entity, as it is published and read back."""

    organisations: tuple[Organisation, ...] = ()
    services: tuple[Service, ...] = ()
    servers: tuple[Server, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    campaigns: tuple[Campaign, ...] = ()

    def keyed(self) -> Iterator[tuple[str, Entity]]:
        """(`<kind>/<id>`, entity) in the order of the kinds."""
        for kind, entities in zip(KINDS, self._by_kind(), strict=True):
            for entity in entities:
                yield f"{kind}/{entity.id}", entity

    def _by_kind(self) -> tuple[tuple[Any, ...], ...]:
        return (self.organisations, self.services, self.servers, self.gateways, self.campaigns)
