"""What a query means in a directory: whose wall clocks, which range in them, and from when anything is known.

Comes in: a Query, and the directory of who asks: what is not his is not in it. Goes out: a Scope. A local time that
occurs twice is the first; a bound with an offset is one moment, and becomes a local time where that says the same.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from functools import cached_property

from clickhouse.queries.calendar import HOUR, Bucket, buckets, extent, moment_of
from clickhouse.queries.query import BadParameter, Bound, Query
from clickhouse.queries.tenant import PROVIDER, Tenant
from streams.contracts.directory import Organisation, Service, Settings
from streams.contracts.times import instant, zone
from streams.directory import Directory


@dataclass(frozen=True)
class Scope:
    """`start` and `end` keep an offset only where they must be compared as moments; `first` and `last` are the
    earliest and latest wall clock between them; `zone` is None where the services asked for have several."""

    query: Query
    start: Bound
    end: Bound
    first: datetime
    last: datetime
    zones: tuple[tzinfo, ...]
    organisations: tuple[Organisation, ...]
    history_from: datetime | None
    tenant: Tenant

    @property
    def zone(self) -> tzinfo | None:
        return self.zones[0] if len(self.zones) == 1 else None

    @property
    def currency(self) -> str | None:
        """None where no organisation is there."""
        return next(iter(sorted(_currencies(self.organisations))), None)

    @property
    def settling(self) -> timedelta:
        """How long after its last call a contact may still be joined, recovered or converted, in any organisation."""
        return timedelta(milliseconds=max((_settling_ms(one.settings) for one in self.organisations), default=0))

    @property
    def length(self) -> timedelta:
        """Of the range, on the clock that has it longest."""
        return max(self._length_on(at) for at in self.zones)

    def _length_on(self, at: tzinfo) -> timedelta:
        """What the clock shows; where a bound is a moment, no shorter than it lasts."""
        shown = _wall(self.end, at) - _wall(self.start, at)
        if self.start.offset_min is None and self.end.offset_min is None:
            return shown
        return max(shown, _moment(self.end, at) - _moment(self.start, at))

    @cached_property
    def buckets(self) -> list[Bucket]:
        found = buckets(self.first, self.last, self.query.step, self.zone)
        moments = self.zone is not None and {self.start.offset_min, self.end.offset_min} != {None}
        return [bucket for bucket in found if self._touches(bucket)] if moments else found

    def _touches(self, bucket: Bucket) -> bool:
        """Of an hour that occurs twice a bound that is a moment may leave one out."""
        start, end = extent(bucket, self.query.step, self.zones[0])
        after_start = self.start.offset_min is None or end > self.start.moment
        return after_start and (self.end.offset_min is None or start < self.end.moment)


def scope(query: Query, directory: Directory, tenant: Tenant) -> Scope:
    """Raises `BadParameter` for an organisation or a service that the directory does not have, and for sums of money in
    several currencies."""
    query = _of_the_tenant(query, directory, tenant)
    services = _services(query, directory)
    organisations = tuple(_organisations(query, directory, services))
    _refuse_mixed_money(query, organisations)
    zones = tuple(zone(name) for name in sorted(_zone_names(query, directory, services)))
    start, end = _resolve("from", query.start, zones), _resolve("to", query.end, zones)
    first, last = min(_wall(start, at) for at in zones), max(_wall(end, at) for at in zones)
    if len(zones) == 1 and end.offset_min is not None:
        last += HOUR  # the second of two hours: the first of them lies before it under the same name
    if last <= first:
        raise BadParameter("to", f"{query.end} is not after from ({query.start})")
    begun = _history_from(query, directory, services)
    return Scope(query, start, end, first, last, zones, organisations, begun, tenant.knowing(directory))


def _of_the_tenant(query: Query, directory: Directory, tenant: Tenant) -> Query:
    """Who belongs to an organisation asks for it without naming it, and for no other."""
    if tenant.organisation is None:
        return query
    if query.organisation is None:
        return replace(query, organisation=tenant.organisation)
    check_organisation(query.organisation, directory, tenant)
    return query


def check_organisation(name: str | None, directory: Directory, tenant: Tenant) -> None:
    """Only who sees all may ask for the rows of no organisation."""
    if name is None or name in directory.organisations or (name == "" and tenant.organisation is None):
        return
    raise BadParameter("organisation", f"the directory has no organisation {name!r}")


def _services(query: Query, directory: Directory) -> list[Service]:
    """The services asked for: those of the filter, else all, of the organisation."""
    check_organisation(query.organisation, directory, PROVIDER)
    own = [s for s in directory.entities.services if query.organisation in (None, s.organisation)]
    wanted = query.filters.get("service")
    if wanted is None:
        return own
    for name in wanted:
        if name and name not in {service.id for service in own}:
            raise BadParameter("service", f"the directory has no service {name!r}")
    return [service for service in own if service.id in wanted]


def _zone_names(query: Query, directory: Directory, services: list[Service]) -> set[str]:
    """Those of the services asked for. Where there are none, rows without a service are in their organisation's zone,
    rows without an organisation in their server's."""
    names = {service.time_zone or directory.organisations[service.organisation].time_zone for service in services}
    if names:
        return names
    if query.organisation:
        return {directory.organisations[query.organisation].time_zone}
    return {server.time_zone for server in directory.entities.servers} or {"UTC"}


def _resolve(name: str, bound: Bound, zones: tuple[tzinfo, ...]) -> Bound:
    if bound.offset_min is None:
        return bound
    local = [bound.moment.astimezone(at) for at in zones]
    if len(zones) == 1 and _occurs_twice(local[0]):
        return bound if local[0].fold or local[0].minute else Bound(local[0].replace(tzinfo=None))
    for found in local:
        if found.minute:
            raise BadParameter(name, f"{bound} is {found:%H:%M} in {found.tzinfo}; times are whole hours")
    return bound if len(zones) > 1 else Bound(local[0].replace(tzinfo=None))


def _occurs_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()


def _wall(bound: Bound, at: tzinfo) -> datetime:
    return bound.wall if bound.offset_min is None else bound.moment.astimezone(at).replace(tzinfo=None, fold=0)


def _moment(bound: Bound, at: tzinfo) -> datetime:
    return moment_of(bound.wall, at) if bound.offset_min is None else bound.moment


def _organisations(query: Query, directory: Directory, services: list[Service]) -> Iterator[Organisation]:
    """Those asked for: the one named, else the owners of the services named, else all."""
    owners = {service.organisation for service in services}
    everybody = query.organisation is None and "" in query.filters.get("service", ("",))
    for one in directory.organisations.values():
        if one.id == query.organisation or everybody or one.id in owners:
            yield one


def _settling_ms(settings: Settings) -> int:
    return max(settings.recovery_ms, settings.contact_gap_ms, settings.attribution_ms)


def _currencies(organisations: tuple[Organisation, ...]) -> set[str]:
    return {one.currency for one in organisations}


def _refuse_mixed_money(query: Query, organisations: tuple[Organisation, ...]) -> None:
    currencies = _currencies(organisations)
    for metric in query.metrics:
        if metric.unit == "money" and len(currencies) > 1:
            raise BadParameter(
                "metric",
                f"{metric.name} would be over several currencies ({', '.join(sorted(currencies))}); ask for an "
                "organisation, or for services of one currency",
            )


def _history_from(query: Query, directory: Directory, services: list[Service]) -> datetime | None:
    """The earliest beginning of records among the organisations asked for; None where one of them gives none."""
    owners = {query.organisation} if query.organisation else {service.organisation for service in services}
    known = [directory.history_from_ms(owner) for owner in owners]
    begun = [ms for ms in known if ms is not None]
    return instant(min(begun)) if begun and len(begun) == len(known) else None
