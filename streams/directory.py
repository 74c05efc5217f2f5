"""The directory as the rules ask it: which line, which service, which zone, whose staff. Pure and immutable.

Comes in: the published entities. Goes out: answers, with the defaults applied (service, organisation, server).
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo
from functools import cached_property
from hashlib import sha256

import orjson

from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service, Settings
from streams.contracts.times import local_day, zone

NO_SETTINGS = Settings()
Numbering = tuple[str | None, str | None]


@dataclass(frozen=True)
class Directory:
    entities: Entities
    version: int = 0

    @cached_property
    def organisations(self) -> dict[str, Organisation]:
        return {entity.id: entity for entity in self.entities.organisations}

    @cached_property
    def services(self) -> dict[str, Service]:
        return {entity.id: entity for entity in self.entities.services}

    @cached_property
    def servers(self) -> dict[str, Server]:
        return {entity.id: entity for entity in self.entities.servers}

    @cached_property
    def gateways(self) -> dict[tuple[str, str], Gateway]:
        return {(entity.server, entity.account): entity for entity in self.entities.gateways}

    def line(self, server: str, account: str, at_ms: int) -> Line | None:
        """The gateway's line on that day of its server's zone; None where nobody has mapped it."""
        gateway = self.gateways.get((server, account))
        if gateway is None:
            return None
        day = local_day(at_ms, self.server_zone(server))
        return next((line for line in gateway.lines if line.covers(day)), None)

    def is_internal_peer(self, server: str, account: str) -> bool:
        known = self.servers.get(server)
        return known is not None and account in known.internal_peers

    def server_zone(self, server: str) -> tzinfo:
        known = self.servers.get(server)
        return UTC if known is None else zone(known.time_zone)

    def zone_of(self, organisation: str, service: str, server: str) -> tzinfo:
        """The service's wall clock, else its organisation's, else the server's, else UTC."""
        known = self.services.get(service)
        if known is not None and known.time_zone is not None:
            return zone(known.time_zone)
        owner = self.organisations.get(organisation)
        return self.server_zone(server) if owner is None else zone(owner.time_zone)

    def settings(self, organisation: str) -> Settings:
        owner = self.organisations.get(organisation)
        return NO_SETTINGS if owner is None else owner.settings

    def numbering(self, organisation: str, service: str) -> Numbering:
        """(region, area code) in which the service reads phones; None where there is none."""
        return self._numberings.get((organisation, service)) or self._numbering(organisation, service)

    def _numbering(self, organisation: str, service: str) -> Numbering:
        given = [e for e in (self.services.get(service), self.organisations.get(organisation)) if e is not None]
        region = next((entity.region for entity in given if entity.region), None)
        return region, next((entity.area_code for entity in given if entity.area_code), None)

    @cached_property
    def _numberings(self) -> dict[tuple[str, str], Numbering]:
        """Of all services and organisations there are."""
        owners = [(each.organisation, each.id) for each in self.entities.services]
        owners += [(each.id, "") for each in self.entities.organisations]
        return {owner: self._numbering(*owner) for owner in owners}

    def service_called(self, organisation: str, word: str) -> str | None:
        """The service of the organisation with that id, else with that alias; None where it has none."""
        return self._service_words.get((organisation, word))

    def is_staff(self, organisation: str, *spellings: str) -> bool:
        return not self._staff.get(organisation, frozenset()).isdisjoint(spellings)

    def history_from_ms(self, organisation: str) -> int | None:
        """Midnight of `history_from` in the organisation's zone; None where the directory gives no day."""
        owner = self.organisations.get(organisation)
        if owner is None or owner.history_from is None:
            return None
        return midnight_ms(owner.history_from, zone(owner.time_zone))

    @cached_property
    def digest(self) -> str:
        """Over everything that can change a number: so names and campaigns are left out."""
        without = {"name": True}
        meaning = {
            key: entity.model_dump(mode="json", exclude=without)
            for key, entity in self.entities.keyed()
            if not key.startswith("campaign/")
        }
        return sha256(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]

    @cached_property
    def _service_words(self) -> dict[tuple[str, str], str]:
        services = self.entities.services
        aliases = {(each.organisation, word): each.id for each in services for word in each.aliases}
        return aliases | {(each.organisation, each.id): each.id for each in services}

    @cached_property
    def _staff(self) -> dict[str, frozenset[str]]:
        return {entity.id: frozenset(entity.staff_numbers) for entity in self.entities.organisations}


def midnight_ms(day: date, at: tzinfo) -> int:
    """The first moment of a day in a zone, also where midnight itself is skipped by a change of clocks."""
    return int(datetime(day.year, day.month, day.day, tzinfo=at).timestamp()) * 1_000
