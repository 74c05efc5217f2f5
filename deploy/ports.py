"""Free ports of this machine's loopback.

Goes out: a port that nobody listens on. It is drawn from below the range from which the system takes the local ends of
connections: a client that keeps dialling a broker that is down could else be given the broker's own port, connect to
itself, and keep the broker from coming back.
"""

import random
import socket

LISTENING = range(20_000, 32_000)


def free_port() -> int:
    return next(port for port in iter(lambda: random.choice(LISTENING), None) if _can_listen(port))  # noqa: S311


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Does nobody listen there?"""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return True
    return False


def _can_listen(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
