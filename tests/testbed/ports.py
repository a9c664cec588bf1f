"""Free TCP ports for servers that are stopped and started again on the same port."""

import random
import socket

# Below the kernel's usual range for outgoing connections (from 32768): while a server is down, no
# client's own end can take its port, and no client can connect to itself.
_FIRST, _LAST = 20000, 32000


def free_ports(count: int) -> list[int]:
    """`count` different ports of 127.0.0.1 that nothing listens on now."""
    found: list[int] = []
    for port in random.SystemRandom().sample(range(_FIRST, _LAST), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError(f"no {count} free ports between {_FIRST} and {_LAST}")
