"""Whose rows a question may see, whatever it asks for: the one place that keeps tenants apart. Pure.

Comes in: what the sign-in allows. Goes out: conditions that stand in every statement, a directory in which nothing else
exists, and phones and names as they may be shown. What belongs to another tenant is answered like what there is not.

An order can have come by a call of another service, so through its line: to who sees only some services such an order
is one without a gateway, a number and a call, wherever it is shown, counted or asked for.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, Final

from streams.contracts.directory import Campaign, Entities, Gateway, Line
from streams.directory import Directory

HIDDEN: Final = "•"
HIDDEN_DIGITS: Final = 5
SHOWN_FIRST: Final = 5
SHOWN_LAST: Final = 2
NOTHING_KNOWN: Final = Directory(Entities())
_IS_OWN: Final[Mapping[str, str]] = {
    "gateway": "(t.server, t.gateway) IN {tenant_gateways:Array(Tuple(String, String))}",
    "number": "t.number IN {tenant_numbers:Array(String)}",
}


@dataclass(frozen=True)
class Tenant:
    """`organisation` None sees all, also the rows of no organisation; `services` None all of the organisation.
    `known` is the directory as he sees it: the gateways and numbers that are named to who sees only some services."""

    organisation: str | None = None
    services: tuple[str, ...] | None = None
    phones: bool = False
    known: Directory = NOTHING_KNOWN

    def knowing(self, own: Directory) -> "Tenant":
        return replace(self, known=own)

    def conditions(self) -> Iterator[str]:
        """Of a statement over facts or rollups named t."""
        if self.organisation is not None:
            yield "t.organisation = {tenant:String}"
        if self.services is not None:
            yield "t.service IN {tenant_services:Array(String)}"

    def parameters(self) -> dict[str, Any]:
        limited = self.services is not None
        return {
            "tenant": self.organisation or "",
            "tenant_services": list(self.services or ()),
            "tenant_gateways": list(self.known.gateways) if limited else [],
            "tenant_numbers": sorted(self._numbers) if limited else [],
        }

    def named(self, dimension: str, value: str) -> str:
        """The SQL of a dimension's value, as it may be named."""
        if self.services is None or dimension not in _IS_OWN:
            return value
        return f"if({_IS_OWN[dimension]}, {value}, '')"

    def sought(self, dimension: str, condition: str, values: tuple[str, ...]) -> str:
        """The SQL of a filter: it finds a row by the name under which the row is shown, and by no other."""
        if self.services is None or dimension not in _IS_OWN:
            return condition
        own = _IS_OWN[dimension]
        return f"({condition} OR NOT {own})" if "" in values else f"({condition} AND {own})"

    def phone(self, text: str) -> str:
        return text if self.phones else masked(text)

    def shown(self, fact: Mapping[str, Any]) -> Mapping[str, Any]:
        """A fact with its client's phone and its names as they may be shown."""
        return {**fact, **dict(self._names(fact)), "phone": self.phone(fact["phone"])}

    def _names(self, fact: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """Those that are not told."""
        if self.services is None:
            return
        if (fact["server"], fact["gateway"]) not in self.known.gateways:
            yield from (("server", ""), ("gateway", ""))
        if fact["number"] not in self._numbers:
            yield "number", ""
        if "call" in fact and not self._has_call_of(fact):
            yield "call", ""

    @cached_property
    def _numbers(self) -> frozenset[str]:
        return numbers(self.known)

    def _has_call_of(self, order: Mapping[str, Any]) -> bool:
        """Whether the call that brought it is surely of a service seen: at level B it is of the order's own. At level A
        it is of the service that its line was for on the day of the call, which the order does not tell: it may have
        been made after midnight, or years later."""
        gateway = self.known.gateways.get((order["server"], order["gateway"]))
        always = gateway is not None and _are_for_ever(gateway.lines)
        return order["attribution"] == "B" or (order["attribution"] == "A" and always)

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
            campaigns=tuple(_campaigns(entities.campaigns, names, {gateway.id for gateway in gateways})),
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


def _are_for_ever(lines: tuple[Line, ...]) -> bool:
    """Whether there is one of these on every day."""
    ordered = sorted(lines, key=lambda line: line.start or date.min)
    return bool(ordered) and [*(line.start for line in ordered), None] == [None, *(line.until for line in ordered)]


def _campaigns(campaigns: tuple[Campaign, ...], services: set[str], gateways: set[str]) -> Iterator[Campaign]:
    for one in campaigns:
        if one.service in services:
            yield one.model_copy(update={"gateways": tuple(name for name in one.gateways if name in gateways)})


def numbers(directory: Directory) -> frozenset[str]:
    """Of all lines, also those that are forwarded to the first of a line."""
    lines = (line for gateway in directory.entities.gateways for line in gateway.lines)
    return frozenset(number for line in lines for number in line.numbers)


def masked(phone: str) -> str:
    """+7916•••••67: at least five digits hidden, and all of what is too short for that."""
    shown = len(phone) - HIDDEN_DIGITS
    last = min(SHOWN_LAST, shown)
    first = min(SHOWN_FIRST, shown - last)
    if first <= 0:
        return HIDDEN * len(phone)
    return phone[:first] + HIDDEN * (len(phone) - first - last) + phone[-last:]
