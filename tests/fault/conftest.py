"""How often a fault comes, at which moments, and the line that is bad.

./run torture sets rounds and seed, and prints the seed; a test that fails shows it.
"""

import os
import random
from collections.abc import Iterator

import pytest

from testbed.servers import Servers
from testbed.tcp_proxy import TcpProxy


@pytest.fixture(autouse=True)
def _needs_the_testbed(servers):
    if not isinstance(servers, Servers):
        pytest.skip("tests/.env: the servers are the user's, and are not to be harmed")


@pytest.fixture
def rounds() -> int:
    """PICKET_ROUNDS; 3 in ./run test."""
    return int(os.environ.get("PICKET_ROUNDS", "3"))


@pytest.fixture
def dice(request) -> random.Random:
    """Random moments of this test, the same ones for the same PICKET_SEED."""
    seed = os.environ.get("PICKET_SEED", "0")
    print(f"PICKET_SEED={seed}")
    return random.Random(f"{seed} {request.node.name}")


@pytest.fixture
def proxy(servers) -> Iterator[TcpProxy]:
    """Between the broker and who uses its listener `proxied`."""
    outside, inside = servers.broker.proxy_ports("proxied")
    with TcpProxy(("127.0.0.1", outside), ("127.0.0.1", inside)) as running:
        yield running
