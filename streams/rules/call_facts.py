"""From the image of a call to its row of `call_facts`, without what depends on other calls and orders of the phone."""

from streams.contracts.activity import CallImage
from streams.contracts.facts import CallFact

FIELDS = tuple(CallFact.__annotations__)


def call_fact(image: CallImage) -> CallFact:
    """Each measure is 0, 1 or milliseconds; answered, missed and short add up to calls."""
    counted = int(image["counted"])
    answered = counted and int(image["answered_at"] is not None)
    short = counted and int(image["short"])
    missed = counted - answered - short
    return {
        "organisation": image["organisation"],
        "service": image["service"],
        "server": image["server"],
        "gateway": image["gateway"],
        "number": image["number"],
        "id": image["id"],
        "phone": image["phone"],
        "direction": image["direction"],
        "counted": counted,
        "reason": image["reason"],
        "started_at": image["started_at"],
        "ended_at": image["ended_at"],
        "answered_at": image["answered_at"],
        "local_time": image["local_time"],
        "utc_offset_min": image["utc_offset_min"],
        "legs": image["legs"],
        "bridged": image["bridged"],
        "calls": counted,
        "calls_answered": answered,
        "calls_missed": missed,
        "calls_short": short,
        "calls_no_number": counted and int(not image["phone"]),
        "calls_outbound": int(image["direction"] == "outbound" and image["reason"] != "trunk"),
        "calls_staff": int(image["reason"] == "staff"),
        "wait_answered_ms": image["wait_ms"] if answered else 0,
        "wait_missed_ms": image["wait_ms"] if missed else 0,
        "talk_ms": image["talk_ms"] if answered else 0,
        "new_callers_service": 0,
        "new_callers_organisation": 0,
        "unknown_callers_service": 0,
        "unknown_callers_organisation": 0,
        "contacts": 0,
        "contacts_missed": 0,
        "contacts_recovered": 0,
        "contacts_lost": 0,
        "contacts_demand": 0,
        "contacts_converted": 0,
    }
