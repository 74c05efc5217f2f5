"""The keys of the rules' state: identifiers in, bytes of at most 511 out, ordered where a rule reads ranges.

`deduplicate_calls` (per server)           `classify_clients` (per organisation)
r  record_id           -> its call_id      c  phone, service, start, server, id -> counted call of a phone
l  call_id, record_id  -> the leg          n  phone, service, start, server, id -> any other call
h  channel_id          -> call_ids         i  server/id                         -> key of the call
e  id of a call        -> image emitted    m  server/call_id                    -> id of the call it is a member of
                                           p  phone                             -> header of the phone
"""

from hashlib import sha256

END = b"\xff"
"""Never occurs in UTF-8 and begins no time: prefix + END is behind every key with that prefix."""

_LONGEST_PLAIN = 40
_DIGEST_MARK = b"\xfe"


def record(server: str, record_id: str) -> bytes:
    return f"r{server}/{record_id}".encode()


def legs(server: str, call_id: str) -> bytes:
    """The prefix of all legs with this call_id; the rest of their keys is the record_id."""
    return f"l{server}/".encode() + _sized(call_id)


def channel(server: str, channel_id: str) -> bytes:
    return f"h{server}/{channel_id}".encode()


def emitted(server: str, call_id: str) -> bytes:
    return f"e{server}/{call_id}".encode()


def calls(organisation: str, phone: str, service: str) -> bytes:
    """The prefix of the counted calls of a phone to a service, in the order of (start, server, id)."""
    return b"c" + _name(organisation) + _name(phone) + _name(service)


def other_calls(organisation: str, phone: str, service: str) -> bytes:
    return b"n" + _name(organisation) + _name(phone) + _name(service)


def moment(start: int, server: str, call: str) -> bytes:
    """Sorts as (start, server, id) do: servers and ids stand in full, a NUL in a server is escaped."""
    return start.to_bytes(8, "big") + server.encode().replace(b"\0", b"\0\xff") + b"\0" + call.encode()


def call(organisation: str, activity_id: str) -> bytes:
    return b"i" + _name(organisation) + activity_id.encode()


def member(organisation: str, server: str, call_id: str) -> bytes:
    return b"m" + _name(organisation) + f"{server}/{call_id}".encode()


def phone(organisation: str, number: str) -> bytes:
    return b"p" + _name(organisation) + number.encode()


def _name(text: str) -> bytes:
    """Something compared for equality only: long ones as a digest, so that every key fits."""
    raw = text.encode()
    return _sized(text) if len(raw) <= _LONGEST_PLAIN else _DIGEST_MARK + sha256(raw).digest()


def _sized(text: str) -> bytes:
    raw = text.encode()
    return bytes((len(raw),)) + raw
