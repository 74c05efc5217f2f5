"""Where a request comes from, and how: from this machine, from a page of ours, from which network. Pure.

Only what the server has read itself is believed: an address put together from the Host header can say anything.
"""

from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

from starlette.requests import HTTPConnection

FORWARDED: Final = frozenset(
    {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"}
)
"""What a proxy adds to a request; one that adds none of them cannot be told from this machine."""
NEIGHBOURS = 64
"""Bits of an IPv6 address that one customer has all of."""


def is_loopback(host: str) -> bool:
    """An address, or a name of this machine."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def reached_at(host: str, port: int) -> str:
    """The address by which this machine itself reaches what listens there."""
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not what is listened on
    return f"http://[{name}]:{port}" if ":" in name else f"http://{name}:{port}"


def from_this_machine(request: HTTPConnection) -> bool:
    """Asked here, by a name of this machine: a page from elsewhere can have its own name lead here, and a proxy in
    front passes on what others ask."""
    return not FORWARDED & set(request.headers) and is_loopback(_peer(request)) and is_loopback(_host(request))


def from_elsewhere(request: HTTPConnection) -> bool:
    """Whether a browser says that a page of another origin sends this."""
    origin = request.headers.get("origin")
    if origin is None:
        return request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}
    return origin.rpartition("//")[2] != request.headers.get("host")


def network(request: HTTPConnection) -> str:
    """Whose attempts are counted together."""
    try:
        address = ip_address(_peer(request))
    except ValueError:
        return _peer(request)
    return str(ip_network((address, NEIGHBOURS), strict=False) if isinstance(address, IPv6Address) else address)


def _peer(request: HTTPConnection) -> str:
    return request.client.host if request.client else ""


def _host(request: HTTPConnection) -> str:
    """Without the port."""
    given = request.headers.get("host", "")
    return given[1:].partition("]")[0] if given.startswith("[") else given.partition(":")[0]
