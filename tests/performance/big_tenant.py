"""A store in which one tenant has had a billion calls in three years, among fifty smaller ones.

Comes in: a writer, a scale. Goes out: rollups as the facts of such calls would have filled them. The hourly rows are
made by the store itself and go on into days, weeks and months by the production views, so all tables agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clickhouse_connect.driver.client import Client

from clickhouse.families import CALLS
from clickhouse.histogram import bucket
from streams.contracts.directory import Entities, Gateway, Line, Organisation, Server, Service
from streams.directory import Directory

FIRST = datetime(2023, 1, 1)  # noqa: DTZ001 - of wall clocks
HOURS = 3 * 365 * 24
SERVICES = 4
ZONE = "Europe/Berlin"
"""A zone whose clock repeats an hour, which an hourly series has to tell apart."""
HOURS_AT_ONCE = 14 * 24


@dataclass(frozen=True)
class Office:
    """`calls` of a gateway in an hour, in the mean."""

    name: str
    gateways: int
    calls: int


BIG = Office("big", 800, 74)
SMALL = tuple(Office(f"small-{n:02}", 2, 6) for n in range(50))
_FILL = """
INSERT INTO calls_hourly_g1 (organisation, service, time, server, gateway, number, utc_offset_min, {measures},
    wait_answered_histogram, wait_missed_histogram, talk_histogram)
WITH number DIV {gateways:UInt32} AS hour, number % {gateways:UInt32} AS line,
    cityHash64(number, {first:UInt32}) AS dice,
    toInt64({calls:Int64} * (0.6 + 0.4 * sin(hour * 0.2618)) + dice % 9) AS made,
    intDiv(made * 4, 5) AS answered, intDiv(made, 6) AS missed
SELECT {organisation:String}, concat({organisation:String}, '-', toString(line % {services:UInt32})),
    toDateTime({first:UInt32}, 'UTC') + 3600 * hour, concat({organisation:String}, '-pbx-', toString(line % 4)),
    concat('GSM', toString(line)), concat('+7495', leftPad(toString(line), 7, '0')), 180,
    SUMS,
    HISTOGRAMS
FROM numbers({rows:UInt64})
"""
_EDGES = sorted({bucket(ms) for ms in range(1_024, 65_536, 64)})
_KEYS = 3
_SPREAD = (
    "mapFromArrays(arraySlice({{edges:Array(UInt64)}}, 1 + (dice + {first}) % {starts}, {keys}), "
    "arrayMap(n -> toInt64(intDiv({count} + n, {keys})), range({keys})))"
)
"""`count` calls over some neighbouring buckets, others in each hour: a day of a gateway has most of those from a second
to a minute."""
_MADE = {
    "calls": "made",
    "calls_answered": "answered",
    "calls_missed": "missed",
    "calls_short": "made - answered - missed",
    "wait_answered_ms": "answered * 6000",
    "wait_missed_ms": "missed * 15000",
    "talk_ms": "answered * 70000",
    "new_callers_service": "intDiv(made, 12)",
    "new_callers_organisation": "intDiv(made, 15)",
    "contacts": "intDiv(made * 5, 6)",
    "contacts_missed": "intDiv(made, 8)",
    "contacts_recovered": "intDiv(made, 16)",
    "contacts_lost": "intDiv(made, 8) - intDiv(made, 16)",
}


def fill(writer: Client, scale: float, tell: Callable[[str], None]) -> None:
    """`scale` 1 is three years; less of it is as much less time, up to the same last day.
    Merged, as a store is that has had time to settle."""
    hours = max(HOURS_AT_ONCE, int(HOURS * scale))
    for office in (*SMALL, BIG):
        for begin in range(HOURS - hours, HOURS, HOURS_AT_ONCE if office is BIG else 365 * 24):
            end = min(HOURS, begin + (HOURS_AT_ONCE if office is BIG else 365 * 24))
            _fill(writer, office, begin, end - begin)
            if office is BIG:
                tell(f"{(end - HOURS + hours) / hours:.0%} of the big one")
    for table in CALLS.starts:
        writer.command(f"OPTIMIZE TABLE {table}_g1 FINAL")


def _fill(writer: Client, office: Office, begin: int, hours: int) -> None:
    sums = ", ".join(f"{_MADE.get(measure, '0')} AS {measure}_" for measure in CALLS.measures)
    histograms = ", ".join(_spread(count, n) for n, count in enumerate(("answered", "missed", "answered")))
    sql = _FILL.replace("{measures}", ", ".join(CALLS.measures)).replace("SUMS", sums).replace("HISTOGRAMS", histograms)
    first = int((FIRST + timedelta(hours=begin) - datetime(1970, 1, 1)).total_seconds())  # noqa: DTZ001
    parameters = {"organisation": office.name, "gateways": office.gateways, "calls": office.calls, "first": first}
    parameters |= {"services": SERVICES, "rows": hours * office.gateways, "edges": _EDGES}
    writer.command(sql, parameters=parameters)


def _spread(count: str, first: int) -> str:
    return _SPREAD.format(count=count, first=29 * first, keys=_KEYS, starts=len(_EDGES) - _KEYS)


def directory() -> Directory:
    offices = (BIG, *SMALL)
    return Directory(
        Entities(
            organisations=tuple(Organisation(id=o.name, name=o.name, time_zone=ZONE, region="RU") for o in offices),
            services=tuple(
                Service(id=f"{o.name}-{n}", organisation=o.name, name="S") for o in offices for n in range(SERVICES)
            ),
            servers=tuple(Server(id=f"{o.name}-pbx-{n}", time_zone=ZONE) for o in offices for n in range(4)),
            gateways=tuple(_gateway(o, line) for o in offices for line in range(o.gateways)),
        )
    )


def _gateway(office: Office, line: int) -> Gateway:
    leads_to = Line(service=f"{office.name}-{line % SERVICES}", numbers=(f"+7495{line:07}",))
    return Gateway(server=f"{office.name}-pbx-{line % 4}", account=f"GSM{line}", lines=(leads_to,))
