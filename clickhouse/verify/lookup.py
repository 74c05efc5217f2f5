"""What the reference reads in the directory: whose line, which wall clock, which phone. Written from the definitions.

Comes in: the entities of the directory. Goes out: answers about one call or order. It shares no code with the stream
rules, so that two independent readings of the definitions meet.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import NamedTuple, get_args
from zoneinfo import ZoneInfo

import phonenumbers

from streams.contracts.directory import (
    Entities,
    Gateway,
    Line,
    OrderSource,
    OrderState,
    Organisation,
    Service,
    Settings,
)

STATES: dict[str, OrderState] = {word: word for word in get_args(OrderState)}
SOURCES: dict[str, OrderSource] = {word: word for word in get_args(OrderSource)}
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Owner(NamedTuple):
    """Whose call or order it is; all empty where the directory does not know it."""

    organisation: str = ""
    service: str = ""
    number: str = ""


NOBODY = Owner()


class Lookup:
    def __init__(self, entities: Entities) -> None:
        self._organisations: dict[str, Organisation] = {each.id: each for each in entities.organisations}
        self._services: dict[str, Service] = {each.id: each for each in entities.services}
        self._zones = {each.id: ZoneInfo(each.time_zone) for each in entities.servers}
        self._trunks = {(each.id, peer) for each in entities.servers for peer in each.internal_peers}
        self._gateways: dict[tuple[str, str], Gateway] = {
            (each.server, each.account): each for each in entities.gateways
        }

    def is_trunk(self, server: str, gateway: str) -> bool:
        return (server, gateway) in self._trunks

    def owner(self, server: str, gateway: str, at: int) -> Owner:
        """By the gateway's line on that day of the server's zone; the first of its numbers is the one shown."""
        line = self._line(server, gateway, at)
        if line is None:
            return NOBODY
        return Owner(self._services[line.service].organisation, line.service, line.numbers[0])

    def owner_named(self, organisation: str, service: str) -> Owner:
        """As an order or a known client names it: the service by its id, or by an alias, in that organisation only."""
        if organisation not in self._organisations:
            return NOBODY
        own = [each for each in self._services.values() if each.organisation == organisation]
        by_id = [each.id for each in own if each.id == service]
        by_alias = [each.id for each in own if service in each.aliases]
        return Owner(organisation, [*by_id, *by_alias, ""][0])

    def state(self, owner: Owner, word: str) -> OrderState:
        """The organisation's word first, then a fixed word for itself; all others are `other`."""
        return self._states(owner).get(word, "other")

    def source(self, owner: Owner, word: str | None) -> OrderSource:
        return "unknown" if word is None else self._sources(owner).get(word, "other")

    def knows_state(self, owner: Owner, word: str) -> bool:
        return word in self._states(owner)

    def knows_source(self, owner: Owner, word: str | None) -> bool:
        return word is None or word in self._sources(owner)

    def currency(self, owner: Owner) -> str | None:
        organisation = self._organisations.get(owner.organisation)
        return None if organisation is None else organisation.currency

    def wall_clock(self, owner: Owner, server: str, at: int) -> tuple[int, int]:
        """(seconds since 1970-01-01T00:00 of the service's own clock, minutes of its offset)."""
        offset = _moment(at).astimezone(self._zone(owner, server)).utcoffset() or timedelta()
        seconds = int(offset.total_seconds())
        return at // 1_000 + seconds, seconds // 60

    def phone(self, owner: Owner, text: str) -> str:
        """E.164, or '' where the text is no valid number."""
        service, organisation = self._services.get(owner.service), self._organisations.get(owner.organisation)
        if organisation is None:
            return _e164(text, None) or ""
        area_code = (service and service.area_code) or organisation.area_code
        region = (service and service.region) or organisation.region
        if area_code and re.fullmatch(rf"[0-9]{{{organisation.settings.local_digits}}}", text):
            return _e164(area_code + text, region) or _e164(text, region) or ""
        return _e164(text, region) or ""

    def is_staff(self, owner: Owner, text: str, phone: str) -> bool:
        organisation = self._organisations.get(owner.organisation)
        return organisation is not None and bool({text, phone} & set(organisation.staff_numbers))

    def settings(self, owner: Owner) -> Settings:
        organisation = self._organisations.get(owner.organisation)
        return Settings() if organisation is None else organisation.settings

    def unknown_before(self, organisation: str) -> int | None:
        """A phone first seen before this moment may be an old client; None where the directory says no beginning."""
        known = self._organisations[organisation]
        if known.history_from is None:
            return None
        midnight = datetime.combine(known.history_from, datetime.min.time(), ZoneInfo(known.time_zone))
        return int(midnight.timestamp()) * 1_000 + known.settings.unknown_age_ms

    def _states(self, owner: Owner) -> dict[str, OrderState]:
        organisation = self._organisations.get(owner.organisation)
        return STATES | (organisation.order_states if organisation else {})

    def _sources(self, owner: Owner) -> dict[str, OrderSource]:
        organisation = self._organisations.get(owner.organisation)
        return SOURCES | (organisation.order_sources if organisation else {})

    def _line(self, server: str, gateway: str, at: int) -> Line | None:
        known = self._gateways.get((server, gateway))
        day = _moment(at).astimezone(self._zones.get(server, UTC)).date()
        lines = known.lines if known else ()
        in_force = [
            line
            for line in lines
            if (line.start is None or line.start <= day) and (line.until is None or day < line.until)
        ]
        return in_force[0] if in_force else None

    def _zone(self, owner: Owner, server: str) -> tzinfo:
        service, organisation = self._services.get(owner.service), self._organisations.get(owner.organisation)
        name = (service and service.time_zone) or (organisation and organisation.time_zone)
        return ZoneInfo(name) if name else self._zones.get(server, UTC)


def _moment(at: int) -> datetime:
    return EPOCH + timedelta(milliseconds=at)


@lru_cache(maxsize=100_000)
def _e164(text: str, region: str | None) -> str | None:
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
