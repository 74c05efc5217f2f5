"""Valid calls and orders beside the rubbish, all of them different: so their number must come out of the report.

Comes in: a number. Goes out: a message; the directory that counts it. They share their partitions with the rubbish.
"""

from streams.contracts.times import DAY_MS, format_time, parse_time
from streams.contracts.topics import CALL_RECORDS, ORDER_EVENTS
from tests.bad_input.rubbish import TAKEN, Message, text

DIRECTORY = """\
organisations:
  - id: honest
    name: Honest
    time_zone: Europe/Moscow
    region: RU
    services: [{id: honest-city, name: Honest City}]
  - id: orbita
    name: Орбита
    time_zone: Europe/Moscow
    region: RU
    area_code: "495"
    services: [{id: orbita-city, name: Орбита Город, aliases: [город]}]
servers:
  - {id: pbx-1, time_zone: Europe/Moscow}
  - {id: honest-0, time_zone: Europe/Moscow}
  - {id: honest-1, time_zone: Europe/Moscow}
  - {id: honest-2, time_zone: Europe/Moscow}
  - {id: honest-3, time_zone: Europe/Moscow}
gateways:
  - {server: pbx-1, account: GSM1, lines: [{service: orbita-city, numbers: ["+74951110001"]}]}
  - {server: honest-0, account: GSM1, lines: [{service: honest-city, numbers: ["+74951110002"]}]}
  - {server: honest-1, account: GSM1, lines: [{service: honest-city, numbers: ["+74951110003"]}]}
  - {server: honest-2, account: GSM1, lines: [{service: honest-city, numbers: ["+74951110004"]}]}
  - {server: honest-3, account: GSM1, lines: [{service: honest-city, numbers: ["+74951110005"]}]}
"""
FIRST_MS = parse_time("2026-02-01T00:00:00Z")
SPREAD_MS = 60 * DAY_MS
CALLERS = 9_000


def honest(number: int) -> Message:
    return _order(number) if number % 3 == 0 else _call(number)


def _call(number: int) -> Message:
    start = FIRST_MS + number * 7_919_000 % SPREAD_MS
    server = f"honest-{number % 4}"
    record = {
        "v": 1,
        "server": server,
        "record_id": f"r{number}",
        "call_id": f"c{number}",
        "direction": "inbound",
        "gateway": "GSM1",
        "caller": f"+7916{number % CALLERS:07d}",
        "callee": "",
        "started_at": format_time(start),
        "ended_at": format_time(start + 30_000),
        "observed_at": format_time(start + 30_000),
    }
    return Message(CALL_RECORDS.name, server.encode(), text(record), "honest call", TAKEN)


def _order(number: int) -> Message:
    created = format_time(FIRST_MS + number * 7_919_000 % SPREAD_MS)
    record = {
        "v": 1,
        "organisation": "honest",
        "order_id": f"o{number}",
        "revision": 1,
        "occurred_at": created,
        "created_at": created,
        "state": "completed",
        "source": "website",
        "service": "honest-city",
        "phone": f"+7916{number % CALLERS:07d}",
        "observed_at": created,
    }
    return Message(ORDER_EVENTS.name, f"honest/o{number}".encode(), text(record), "honest order", TAKEN)
