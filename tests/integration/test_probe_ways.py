"""The ways to sites: HTTP proxies, authorities that change, IPv6."""

import shutil
import socket
import urllib.request

import pytest

from stage import wait_for_rows
from testbed.broker import SINK, has_ipv6
from testbed.ports import free_ports
from testbed.proxy import HttpProxy
from testbed.wait import wait_until

_LOGIN = ("gate", "s3cret")
_SITE = "site.hidden.invalid"  # only the proxy knows it


def probe(stage, url: str, defaults: dict | None = None, environment: dict | None = None,
          **site) -> dict:
    """The first result of an agent with that one site."""
    agent = stage.agent(
        sites=[{"name": "site", "url": url, **site}],
        defaults={"interval": "2s", "timeout": "2s", "ca_file": str(stage.servers.pki.ca),
                  **(defaults or {})})
    if environment:
        agent.process.argv = ["env", *(f"{name}={value}" for name, value in environment.items()),
                              *agent.process.argv]
    agent.start()
    wait_until(lambda: agent.acknowledged() >= 1, "acknowledged result", alive=[agent.process])
    assert agent.process.stop() == 0
    assert _LOGIN[1] not in agent.process.log()
    value = stage.values()[0]
    assert _LOGIN[1] not in str(value)
    return value


def hidden(url: str) -> str:
    return url.replace("localhost", _SITE)


def test_http_goes_through_the_proxy(stage):
    with HttpProxy(login=_LOGIN, names={_SITE: "127.0.0.1"}) as proxy:
        value = probe(stage, hidden(stage.sites.url("/good")), {"proxy": proxy.url(*_LOGIN)})
        assert value["outcome"] == "up", value
        assert "ip" not in value
        assert value["phases"]["connect"] is not None
        assert len(proxy.targets) >= 1


def test_https_goes_through_a_tunnel_and_checks_the_site(stage):
    with HttpProxy(login=_LOGIN, names={_SITE: "127.0.0.1"}) as proxy:
        url = proxy.url(*_LOGIN)
        value = probe(stage, stage.sites.url("/good", "https"), proxy=url)
        assert value["outcome"] == "up", value
        assert value["tls_version"] and value["cert_not_after"]
        assert "ip" not in value


def test_a_tunnel_hides_no_wrong_name(stage):
    with HttpProxy(names={_SITE: "127.0.0.1"}) as proxy:
        value = probe(stage, hidden(stage.sites.url("/good", "https")), {"proxy": proxy.url()})
        assert (value["outcome"], value["error"]) == ("down", "certificate"), value


def test_one_site_may_go_without_the_proxy_of_all(stage):
    with HttpProxy(refusal=403) as proxy:
        value = probe(stage, stage.sites.url("/good"), {"proxy": proxy.url()}, proxy="off")
        assert value["outcome"] == "up", value


# What is wrong with the proxy, the door asked for -> the verdict.
FAULTS = {
    "login, https": ({"login": _LOGIN}, "https", "unknown", "local", "407"),
    "login, http": ({"login": _LOGIN}, "http", "unknown", "local", "407"),
    "forbidden": ({"refusal": 403}, "https", "unknown", "local", "403"),
    "cannot reach the site": ({"refusal": 502}, "https", "down", "connect", "cannot reach it: 502"),
    "silent": ({"silent": True}, "https", "down", "timeout", "trying to reach it"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_the_proxy_is_told_from_one_of_the_site(stage, fault):
    how, door, outcome, error, detail = FAULTS[fault]
    with HttpProxy(**how) as proxy:
        value = probe(stage, stage.sites.url("/good", door), {"proxy": proxy.url()})
    assert (value["outcome"], value["error"]) == (outcome, error), value
    assert detail in value["error_detail"]
    assert str(proxy.port) in value["error_detail"]
    assert outcome == "down" or value["status_code"] in (None, 407)


@pytest.mark.parametrize("address", ["127.0.0.1:{port}", "nowhere.invalid:1"])
def test_a_proxy_that_is_not_there_is_our_own_fault(stage, address):
    address = address.format(port=free_ports(1)[0])
    value = probe(stage, stage.sites.url("/good"), {"proxy": f"http://{address}"})
    assert (value["outcome"], value["error"]) == ("unknown", "local"), value
    assert address in value["error_detail"]


def test_proxies_of_the_environment_are_not_used_and_that_is_said(stage):
    with HttpProxy(refusal=403) as proxy:
        value = probe(stage, stage.sites.url("/good"),
                      environment={"http_proxy": f"http://user:{_LOGIN[1]}@127.0.0.1:{proxy.port}",
                                   "ALL_PROXY": proxy.url()})
        assert value["outcome"] == "up", value
        assert proxy.targets == []
    log = (stage.folder / "picket-1.log").read_text()
    assert log.count("http_proxy, ALL_PROXY: picket does not go by these variables; a proxy is set "
                     "with kafka.proxy, and for sites defaults.proxy") == 1


def test_no_proxy_of_the_environment_makes_no_exception(stage):
    with HttpProxy() as proxy:
        value = probe(stage, stage.sites.url("/good"), {"proxy": proxy.url()},
                      environment={"no_proxy": "*"})
        assert value["outcome"] == "up", value
        assert proxy.targets


def test_changed_authorities_are_taken_up_by_probes_and_by_kafka(stage):
    ca = stage.folder / "ca.pem"
    shutil.copy(stage.servers.pki.other_ca, ca)
    agent = stage.agent(
        sites=[{"name": "site", "url": stage.sites.url("/good", "https")}],
        kafka=stage.kafka(ca_file=str(ca)),
        defaults={"interval": "300ms", "timeout": "300ms", "ca_file": str(ca)}).start()
    wait_until(lambda: "unknown_ca" in str(agent.metrics()), "refused broker",
               alive=[agent.process])
    ca.write_text("half a file")
    wait_until(lambda: "defaults.ca_file" in agent.process.log(), "line on the broken file", 15,
               alive=[agent.process])
    shutil.copy(stage.servers.pki.ca, ca)
    wait_until(lambda: agent.probes("up") >= 1 and agent.acknowledged() >= 1,
               "probes that succeed, acknowledged results", 20, alive=[agent.process])
    assert agent.process.stop() == 0
    assert ("down", "certificate") in {(value["outcome"], value["error"])
                                       for value in stage.values()}


def test_a_folder_of_authorities(stage):
    """Not hashed, with files beside the certificates; for both programs."""
    folder = stage.folder / "cas"
    folder.mkdir()
    shutil.copy(stage.servers.pki.other_ca, folder / "a.pem")
    broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    (folder / "b.pem").write_text(broken + stage.servers.pki.ca.read_text())
    (folder / "README").write_text("no certificate\n")
    agent = stage.agent(
        sites=[{"name": "site", "url": stage.sites.url("/good", "https")}],
        kafka=stage.kafka(ca_file=str(folder)),
        defaults={"interval": "1s", "timeout": "1s", "ca_file": str(folder)}).start()
    wait_until(lambda: agent.acknowledged() >= 1, "acknowledged results", alive=[agent.process])
    assert stage.values()[0]["outcome"] == "up"
    consumer = stage.consumer(kafka=stage.kafka(
        SINK, ca_file=str(folder), group=stage.group)).start()
    wait_until(lambda: "1 certificates of" in consumer.process.log(), "count of the broken one",
               alive=[consumer.process])
    wait_for_rows(stage.connect(), 1, consumer.process)


@pytest.mark.parametrize("program", ["agent", "consumer"])
def test_authorities_that_are_none_are_refused_at_the_start(stage, program):
    empty = stage.folder / "empty.pem"
    empty.touch()
    kafka = stage.kafka(ca_file=str(empty))
    process = (stage.agent(kafka=kafka) if program == "agent" else
               stage.consumer(kafka=kafka | {"group": stage.group})).start().process
    wait_until(lambda: not process.running, "end of the program")
    assert process.returncode == 78
    assert "kafka.ca_file" in process.log()
    assert "empty.pem" in process.log()


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")
def test_metrics_are_served_on_ipv6(stage):
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as probe_socket:
        port = probe_socket.getsockname()[1]
    agent = stage.agent()
    text = agent.config_path.read_text().replace(f"127.0.0.1:{agent.port}", f"[::1]:{port}")
    agent.config_path.write_text(text)
    agent.start()
    wait_until(lambda: f"http://[::1]:{port}/metrics" in agent.process.log(), "line of the server",
               alive=[agent.process])
    with urllib.request.urlopen(f"http://[::1]:{port}/healthz", timeout=5) as answer:
        assert answer.status == 200
