"""The keys of the rules' state: identifiers in, bytes of at most 511 out, ordered where a rule reads ranges.

`deduplicate_calls` (per server)                 `classify_clients` (per organisation)
r  record_id           -> its call_id            c  phone, service, start, server, id -> counted call of a phone
l  call_id, record_id  -> the leg                n  phone, service, start, server, id -> any other call
h  channel_id          -> call_ids mentioning it i  server/id      -> key of the call
e  id of a call        -> trace of its image     m  server/call_id -> id of the call it is a member of
                                                 p  phone          -> header of the phone
"""

from functools import lru_cache
from hashlib import sha256

END = b"\xff"
"""Never occurs in UTF-8 and begins no time: prefix + END is behind every key with that prefix."""

_LONGEST_PLAIN = 40


def record(server: str, record_id: str) -> bytes:
    return f"r{server}/{record_id}".encode()


def legs(server: str, call_id: str) -> bytes:
    """The prefix of all legs with this call_id; its length keeps it apart from longer ones."""
    return f"l{server}/{len(call_id)}:{call_id}/".encode()


def leg(server: str, call_id: str, record_id: str) -> bytes:
    return f"l{server}/{len(call_id)}:{call_id}/{record_id}".encode()


def channel(server: str, channel_id: str) -> bytes:
    return f"h{server}/{channel_id}".encode()


def emitted(server: str, call_id: str) -> bytes:
    return f"e{server}/{call_id}".encode()


def calls(organisation: str, phone: str, service: str) -> bytes:
    """The prefix of the counted calls of a phone to a service, in the order of (start, server, id)."""
    return b"c" + _name(organisation) + phone.encode() + _name(service)


def other_calls(organisation: str, phone: str, service: str) -> bytes:
    return b"n" + _name(organisation) + phone.encode() + _name(service)


def moment(start: int, server: str, call: str) -> bytes:
    """Sorts as (start, server, id) do, so servers and ids stand in full; a NUL in a server is escaped."""
    return start.to_bytes(8, "big") + _ordered(server) + call.encode()


def call(organisation: str, activity_id: str) -> bytes:
    return b"i" + _name(organisation) + activity_id.encode()


def member(organisation: str, server: str, call_id: str) -> bytes:
    return b"m" + _name(organisation) + f"{server}/{call_id}".encode()


def phone(organisation: str, number: str) -> bytes:
    return b"p" + _name(organisation) + number.encode()


@lru_cache(maxsize=4_096)
def _name(text: str) -> bytes:
    """What is compared for equality only, with its length; long ones as a digest, so that every key fits."""
    raw = text.encode()
    return b"/%d:%b/" % (len(raw), raw) if len(raw) <= _LONGEST_PLAIN else b"/#%b/" % sha256(raw).digest()


@lru_cache(maxsize=4_096)
def _ordered(text: str) -> bytes:
    return text.encode().replace(b"\0", b"\0\xff") + b"\0"
