"""The keys of the rules' state: identifiers in, bytes of at most 511 out, ordered where a rule reads ranges.

`deduplicate_calls` (per server)                 `classify_clients` (per organisation)
r  record_id        -> its leg's call_id         i  server/id      -> the call
l  call_id, page    -> legs, trace of its image  m  server/call_id -> id of the call it is a member of
h  channel_id, page -> call_ids that mention it  q  id             -> the order
                                                 d  server/call_id, id -> order with that card
`deduplicate_orders` (per organisation)          p  phone          -> header of the client; what lies behind it:
v  order, revision  -> the revision                 a  start, server, id -> answered outbound call to it
e  order            -> trace of its image           c  service, run, start, server, id -> end of its counted call
                                                    g  service, start, server, id of its first call -> contact
`announce_clients` (per organisation)               o  service, run, created, id -> end of its order
b  phone, service   -> the earliest date            t  service, level, start, id -> order tied to a call of it
"""

from functools import lru_cache
from hashlib import sha256

END = b"\xff"
"""Never occurs in UTF-8 and begins no time: prefix + END is behind every key with that prefix."""

_LONGEST_PLAIN = 40


def record(server: str, record_id: str) -> bytes:
    return f"r{server}/{record_id}".encode()


def legs(server: str, call_id: str) -> bytes:
    """The prefix of the pages of the legs with this call_id; its length keeps it apart from longer ones."""
    return f"l{server}/{len(call_id)}:{call_id}/".encode()


def links(server: str, channel_id: str) -> bytes:
    """The prefix of the pages of the call_ids that mention this channel."""
    return f"h{server}/{len(channel_id)}:{channel_id}/".encode()


def page(prefix: bytes, number: int) -> bytes:
    """The first page is under the prefix itself."""
    return prefix + number.to_bytes(4, "big") if number else prefix


def revisions(organisation: str, order: str) -> bytes:
    """The prefix of the revisions of an order, in their order."""
    return b"v" + _name(organisation) + _named(order)


def revision(organisation: str, order: str, number: int) -> bytes:
    return revisions(organisation, order) + number.to_bytes(8, "big")


def emitted_order(organisation: str, order: str) -> bytes:
    return b"e" + _name(organisation) + _named(order)


def known_client(organisation: str, phone: str, service: str) -> bytes:
    return b"b" + _name(organisation) + phone.encode() + _name(service)


def client(organisation: str, phone: str) -> bytes:
    """The key of a client's header, and the prefix of all that is kept for searches among its calls and orders."""
    return b"p" + _name(organisation) + phone.encode() + b"/"


OUTBOUND = b"a"
"""Behind the client: the prefix of the answered outbound calls to it; what follows is a moment."""


@lru_cache(maxsize=4_096)
def calls(service: str) -> bytes:
    """Behind the client: the prefix of its counted calls to a service; what follows is a run and a moment."""
    return b"c" + _name(service)


@lru_cache(maxsize=4_096)
def contacts(service: str) -> bytes:
    """Behind the client: the prefix of its contacts with a service; what follows is the moment of the first call."""
    return b"g" + _name(service)


@lru_cache(maxsize=4_096)
def orders(service: str) -> bytes:
    """Behind the client: the prefix of its orders in a service; what follows is a run and a creation."""
    return b"o" + _name(service)


@lru_cache(maxsize=4_096)
def ties(service: str) -> bytes:
    """Behind the client: the prefix of the orders tied to its calls to a service; what follows: level, start, id."""
    return b"t" + _name(service)


def moment(start: int, server: str, call: str) -> bytes:
    """Sorts as (start, server, id) do, so servers and ids stand in full; a NUL in a server is escaped."""
    return start.to_bytes(8, "big") + _ordered(server) + call.encode()


def moment_parts(raw: bytes) -> tuple[int, str, str]:
    """(start, server, id) of a moment."""
    end = raw.index(b"\0", 8)
    while raw[end + 1 : end + 2] == b"\xff":
        end = raw.index(b"\0", end + 2)
    server = raw[8:end].replace(b"\0\xff", b"\0")
    return int.from_bytes(raw[:8], "big"), server.decode(), raw[end + 1 :].decode()


def call(organisation: str, activity_id: str) -> bytes:
    return b"i" + _name(organisation) + activity_id.encode()


def member(organisation: str, server: str, call_id: str) -> bytes:
    return b"m" + _name(organisation) + f"{server}/{call_id}".encode()


def creation(created: int, order: str) -> bytes:
    """Sorts as (created, id) do."""
    return created.to_bytes(8, "big") + order.encode()


def creation_parts(raw: bytes) -> tuple[int, str]:
    """(created, id) of a creation."""
    return int.from_bytes(raw[:8], "big"), raw[8:].decode()


def order(organisation: str, order_id: str) -> bytes:
    return b"q" + _name(organisation) + order_id.encode()


def all_cards(organisation: str) -> bytes:
    return b"d" + _name(organisation)


def cards(organisation: str, card: str) -> bytes:
    """The prefix of the orders with this card, `<server>/<call_id>`."""
    return all_cards(organisation) + _named(card)


def card(organisation: str, server_and_call_id: str, order_id: str) -> bytes:
    return cards(organisation, server_and_call_id) + order_id.encode()


def _named(text: str) -> bytes:
    """What is compared for equality only, with its length; long ones as a digest, so that every key fits."""
    raw = text.encode()
    return b"/%d:%b/" % (len(raw), raw) if len(raw) <= _LONGEST_PLAIN else b"/#%b/" % sha256(raw).digest()


_name = lru_cache(maxsize=4_096)(_named)
"""Of organisations and services, which come again and again."""


@lru_cache(maxsize=4_096)
def _ordered(text: str) -> bytes:
    return text.encode().replace(b"\0", b"\0\xff") + b"\0"
