"""The cable is pulled: the agent lives in a network namespace of its own."""

from collections.abc import Iterator

import pytest

from proof import acknowledges, buffers, many_sites, settle
from testbed import uplink
from testbed.tcp_proxy import TcpProxy
from testbed.uplink import Uplink

# A connection into a pulled cable is given up after this, instead of librdkafka's minute.
IMPATIENT = {"socket.timeout.ms": "5000", "request.timeout.ms": "4000"}


@pytest.fixture
def line(stage) -> Iterator[Uplink]:
    reason = uplink.why_not()
    if reason:
        pytest.skip(reason)
    with Uplink(stage.folder) as made:
        yield made


def test_a_cable_pulled_and_put_back(stage, line):
    outside, inside = stage.broker.proxy_ports("proxied")
    web = ("127.0.0.1", stage.sites.port("http"))
    consumer = stage.consumer().start()
    sites = [{**site, "url": site["url"].replace("localhost", "127.0.0.1")}
             for site in many_sites(stage)]
    agent = stage.agent(sites, defaults={"interval": "200ms", "timeout": "200ms"},
                        kafka=stage.kafka(listener="proxied", librdkafka=IMPATIENT))
    agent.process.argv = line.wrap(agent.process.argv)
    metrics = ("127.0.0.1", agent.port)
    with (TcpProxy((line.world_address, outside), ("127.0.0.1", inside), listener=line.in_world),
          TcpProxy(web, web, listener=line.in_agent),
          TcpProxy(metrics, metrics, dialler=line.in_agent)):
        agent.start()
        acknowledges(agent)
        line.cut()
        buffers(agent, 100)
        line.mend()
        acknowledges(agent, 50, 60)
        line.cut()  # and shorter than anybody's time-out
        buffers(agent, 20)
        line.mend()
        acknowledges(agent, 50, 60)
        settle(stage, agent, consumer)
