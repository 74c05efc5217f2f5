"""The JSON of the quality page. Moments are UTC; `organisation` '' is nobody's, which only the provider sees."""

from typing_extensions import TypedDict  # typing's own cannot be shown in OpenAPI before Python 3.12


class ServerFreshness(TypedDict):
    server: str
    last_call: str
    """When the newest call of the last day with calls began."""
    observed_at: str
    """When the newest record behind that day's calls was seen."""


class OrganisationFreshness(TypedDict):
    organisation: str
    last_order: str
    observed_at: str


class Freshness(TypedDict):
    servers: list[ServerFreshness]
    organisations: list[OrganisationFreshness]


class UnmappedGateway(TypedDict):
    gateway: str
    calls: int
    first_call: str
    last_call: str


class UnmappedWord(TypedDict):
    kind: str
    """organisation, service, state or source."""
    word: str
    organisation: str
    orders: int


class CallsWithoutNumber(TypedDict):
    organisation: str
    service: str
    gateway: str
    calls: int
    no_number: int


class OrdersWithoutNumber(TypedDict):
    organisation: str
    service: str
    source: str
    orders: int
    no_number: int


class NoNumber(TypedDict):
    calls: list[CallsWithoutNumber]
    orders: list[OrdersWithoutNumber]


class BridgedCall(TypedDict):
    time: str
    gateway: str
    server: str
    id: str
    organisation: str
    organisations: list[str]
    """Those to which its gateways lead."""


class Bridged(TypedDict):
    total: int
    calls: list[BridgedCall]
    """The newest ones."""


class ForeignCurrency(TypedDict):
    organisation: str
    currency: str
    orders: int
    price: int
    """Their sum, in minor units."""


class Silent(TypedDict):
    gateway: str
    organisation: str
    service: str
    number: str
    last_call: str
    """The day."""
    days: int
    """Since then."""


QualityMeta = TypedDict(
    "QualityMeta",
    {
        "from": str,
        "to": str,
        "time_zone": str | None,
        "silent_days": int,
        "definitions": int,
        "complete_until": str,
    },
)


class Quality(TypedDict):
    meta: QualityMeta
    freshness: Freshness
    unmapped_gateways: list[UnmappedGateway]
    unmapped_words: list[UnmappedWord]
    no_number: NoNumber
    bridged: Bridged
    foreign_currency: list[ForeignCurrency]
    silent_gateways: list[Silent]
    levels: dict[str, float] | None
    """Of attribution; null where operators made no order."""
