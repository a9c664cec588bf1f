"""Names are looked up again after /etc/resolv.conf has changed, and may have IPv6 addresses alone."""

import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from testbed.broker import HIDDEN, HIDDEN6, has_ipv6
from testbed.name_server import NameServer
from testbed.wait import wait_until

_SITE = "site.hidden.invalid"


class Resolver:
    """An /etc/resolv.conf of the agent's own, in a mount namespace of its own."""

    def __init__(self, folder: Path):
        self._file = folder / "resolv.conf"
        self._file.touch()

    def use(self, address: str) -> None:
        self._file.write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n")

    def within(self, argv: list[str]) -> list[str]:
        script = f'mount --bind {self._file} /etc/resolv.conf && exec "$@"'
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, "sh", *argv]


@pytest.fixture
def resolver(tmp_path) -> Resolver:
    made = Resolver(tmp_path)
    tried = subprocess.run(made.within(["true"]), capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"no mount namespace of our own: {tried.stderr.strip()}")
    return made


@pytest.fixture
def name_server() -> Iterator:
    with ExitStack() as stack:
        def made(address: str, names: dict[str, list[str]]) -> NameServer:
            try:
                return stack.enter_context(NameServer(address, names))
            except PermissionError:
                pytest.skip("port 53 is not ours")
        yield made


def test_a_changed_resolv_conf_is_seen_by_probes_and_by_kafka(stage, resolver, name_server):
    name_server("127.0.0.71", {})
    outside = name_server("127.0.0.72", {_SITE: ["127.0.0.1"], HIDDEN: ["127.0.0.1"]})
    resolver.use("127.0.0.71")
    agent = stage.agent(
        sites=[{"name": "moving", "url": stage.sites.url("/good").replace("localhost", _SITE)}],
        kafka=stage.kafka(listener="hidden"), defaults={"interval": "200ms", "timeout": "200ms"})
    agent.process.argv = resolver.within(agent.process.argv)
    agent.start()
    wait_until(lambda: agent.metric("picket_buffer_records") >= 3, "buffered results",
               alive=[agent.process])
    wait_until(lambda: 'kind="dns"' in str(agent.metrics()), "errors of kind dns",
               alive=[agent.process])
    resolver.use(outside.address)
    wait_until(lambda: agent.probes("up") >= 1 and agent.acknowledged() >= 1,
               "probes that succeed, acknowledged results", 30, alive=[agent.process])
    assert agent.process.stop() == 0
    assert {(value["outcome"], value["error"]) for value in stage.values()} >= {("down", "dns")}
    assert {_SITE, HIDDEN} <= set(outside.asked)


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
def test_names_with_ipv6_addresses_alone(stage, resolver, name_server):
    with open("/proc/net/if_inet6") as addresses:
        if all(line.split()[5] == "lo" for line in addresses):
            pytest.skip("getaddrinfo(3) asks for no AAAA where only the loopback has IPv6")
    server = name_server("127.0.0.73", {HIDDEN6: ["::1"]})
    resolver.use(server.address)
    port = stage.broker.port("hidden6")
    agent = stage.agent(
        sites=[{"name": "v6", "url": f"https://{HIDDEN6}:{port}/", "timeout": "1s",
                "interval": "1s"}],
        kafka=stage.kafka(listener="hidden6"), defaults={"ca_file": str(stage.servers.pki.ca)})
    agent.process.argv = resolver.within(agent.process.argv)
    agent.start()
    wait_until(lambda: agent.acknowledged() >= 1, "acknowledged results", alive=[agent.process])
    # A Kafka broker is no web site, but its address and its certificate are those of one.
    value = stage.values()[0]
    assert value["ip"] == "::1"
    assert value["tls_version"] is not None
