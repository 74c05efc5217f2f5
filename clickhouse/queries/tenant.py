"""Whose rows a question may see, whatever it asks for: the one place that keeps tenants apart. Pure.

Comes in: what the sign-in allows. Goes out: conditions that stand in every statement, a directory in which nothing else
exists, and phones as they may be shown. What belongs to another tenant is answered like what there is not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from streams.contracts.directory import Entities, Gateway
from streams.directory import Directory

HIDDEN: Final = "•"
HIDDEN_DIGITS: Final = 5
SHOWN_FIRST: Final = 5
SHOWN_LAST: Final = 2


@dataclass(frozen=True)
class Tenant:
    """`organisation` None sees all, also the rows of no organisation; `services` None all of the organisation."""

    organisation: str | None = None
    services: tuple[str, ...] | None = None
    phones: bool = False

    def conditions(self) -> Iterator[str]:
        """Of a statement over facts or rollups named t."""
        if self.organisation is not None:
            yield "t.organisation = {tenant:String}"
        if self.services is not None:
            yield "t.service IN {tenant_services:Array(String)}"

    def parameters(self) -> dict[str, Any]:
        return {"tenant": self.organisation or "", "tenant_services": list(self.services or ())}

    def phone(self, text: str) -> str:
        return text if self.phones else masked(text)

    def shown(self, fact: Mapping[str, Any]) -> Mapping[str, Any]:
        """A fact with its client's phone as it may be shown."""
        return {**fact, "phone": self.phone(fact["phone"])}

    def directory(self, whole: Directory) -> Directory:
        """What there is for this tenant; the version is that of the whole."""
        if self.organisation is None:
            return whole
        entities = whole.entities
        services = tuple(one for one in entities.services if self._owns(one.organisation, one.id))
        names = {service.id for service in services}
        gateways = tuple(_gateways(entities.gateways, names))
        servers = {gateway.server for gateway in gateways}
        own = Entities.model_construct(
            organisations=tuple(one for one in entities.organisations if one.id == self.organisation),
            services=services,
            servers=tuple(one for one in entities.servers if one.id in servers),
            gateways=gateways,
            campaigns=tuple(one for one in entities.campaigns if one.service in names),
        )
        return Directory(own, whole.version)

    def _owns(self, organisation: str, service: str) -> bool:
        return organisation == self.organisation and (self.services is None or service in self.services)


PROVIDER: Final = Tenant(phones=True)


def _gateways(gateways: tuple[Gateway, ...], services: set[str]) -> Iterator[Gateway]:
    """Those that lead to one of the services, with the lines that do."""
    for gateway in gateways:
        lines = tuple(line for line in gateway.lines if line.service in services)
        if lines:
            yield gateway.model_copy(update={"lines": lines})


def masked(phone: str) -> str:
    """+7916•••••67: at least five digits hidden, and all of what is too short for that."""
    shown = len(phone) - HIDDEN_DIGITS
    last = min(SHOWN_LAST, shown)
    first = min(SHOWN_FIRST, shown - last)
    if first <= 0:
        return HIDDEN * len(phone)
    return phone[:first] + HIDDEN * (len(phone) - first - last) + phone[-last:]
