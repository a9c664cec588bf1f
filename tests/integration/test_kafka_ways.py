"""Every way to the brokers that is documented, walked by both programs: logins, keys, CAs, proxies, IPv6."""

import re
from pathlib import Path

import pytest

from stage import Stage, run_to_end, wait_for_rows
from testbed.broker import AGENT, HIDDEN, SINK, User, has_ipv6
from testbed.pki import Certificate, encrypt_key
from testbed.process import Process
from testbed.proxy import HttpProxy
from testbed.wait import wait_until

_LOGIN = ("gate", "k:e/y@1")  # the password must be percent-encoded in a URL
_URL_LOGIN = ("gate", "k%3Ae%2Fy%401")


def _certificate(stage: Stage, user: User) -> Certificate:
    return stage.servers.pki.agent if user is AGENT else stage.servers.pki.sink


def _certificate_alone(stage: Stage, user: User, key: Path | None = None, **more) -> dict:
    """No user, no password: the certificate's name is the user."""
    own = _certificate(stage, user)
    kafka = stage.kafka(user, "certificate", security_protocol="SSL", cert_file=str(own.cert),
                        key_file=str(key or own.key), **more)
    return {key: value for key, value in kafka.items()
            if key not in ("username", "password", "sasl_mechanism")}


def _with_passphrase(stage: Stage, user: User, traditional: bool) -> dict:
    key = encrypt_key(_certificate(stage, user).key, stage.folder / f"{user.name}.key", "open it",
                      traditional)
    secret = stage.folder / "passphrase"
    secret.write_text("open it\n")
    secret.chmod(0o600)
    return _certificate_alone(stage, user, key, key_password_file=str(secret))


def _mutual(stage: Stage, user: User) -> dict:
    own = _certificate(stage, user)
    return stage.kafka(user, "mutual", cert_file=str(own.cert), key_file=str(own.key))


def _ipv6(stage: Stage, user: User) -> dict:
    if not has_ipv6():
        pytest.skip("this machine has no ::1")
    return stage.kafka(user, "ipv6")


WAYS = {
    "plain": lambda stage, user: stage.kafka(user, sasl_mechanism="PLAIN"),
    "certificate and scram": _mutual,
    "certificate alone": _certificate_alone,
    "pkcs8 passphrase": lambda stage, user: _with_passphrase(stage, user, False),
    "traditional passphrase": lambda stage, user: _with_passphrase(stage, user, True),
    "ipv6": _ipv6,
}


@pytest.mark.parametrize("way", WAYS)
def test_both_programs_get_in(stage, way):
    agent = stage.agent(kafka=WAYS[way](stage, AGENT)).start()
    flows(stage, agent, {**WAYS[way](stage, SINK), "group": stage.group})


def test_both_programs_get_out_through_a_proxy_that_alone_knows_the_name(stage):
    with HttpProxy(login=_LOGIN, names={HIDDEN: "127.0.0.1"}) as proxy:
        url = proxy.url(*_URL_LOGIN)
        agent = stage.agent(kafka=stage.kafka(AGENT, "hidden", proxy=url)).start()
        consumer = flows(stage, agent, stage.kafka(SINK, "hidden", proxy=url, group=stage.group))
        assert set(proxy.targets) == {stage.broker.address("hidden")}
    for process in (agent.process, consumer):
        assert _LOGIN[1] not in process.log()
        assert _URL_LOGIN[1] not in process.log()


# What is wrong with the proxy -> what both programs say.
PROXY_FAULTS = {
    "login": (lambda proxy: setattr(proxy, "login", _LOGIN),
              r"407 Refused: set user and password in kafka\.proxy"),
    "forbidden": (lambda proxy: setattr(proxy, "refusal", 403),
                  r"403 Refused: allow CONNECT to that port on the proxy"),
    "no way on": (lambda proxy: setattr(proxy, "names", {HIDDEN: "192.0.2.1.invalid"}),
                  r"502 Bad Gateway: it cannot reach that host"),
}


@pytest.mark.parametrize("fault", PROXY_FAULTS)
def test_a_proxy_that_refuses_is_told_and_cured(stage, fault):
    spoil, told = PROXY_FAULTS[fault]
    with HttpProxy(names={HIDDEN: "127.0.0.1"}) as proxy:
        spoil(proxy)
        kafka = stage.kafka(AGENT, "hidden", proxy=proxy.url())
        agent = stage.agent(kafka=kafka).start()
        consumer = stage.consumer(
            kafka=stage.kafka(SINK, "hidden", proxy=proxy.url(), group=stage.group)).start()
        line = rf"no tunnel through the proxy 127\.0\.0\.1:{proxy.port}: .*{told}"
        for process in (agent.process, consumer.process):
            wait_until(lambda process=process: re.search(line, process.log()), f"line {line!r}", 20,
                       alive=[process])
        wait_until(lambda: (agent.metrics() or {}).get(
            'picket_kafka_errors_total{kind="proxy"}', 0) > 0, "metric", alive=[agent.process])
        proxy.login, proxy.refusal, proxy.names = None, 0, {HIDDEN: "127.0.0.1"}
        wait_until(lambda: agent.acknowledged() >= 3, "acknowledged results", 30,
                   alive=[agent.process])


def test_a_proxy_that_is_not_there_is_told(stage):
    with HttpProxy() as gone:
        url = gone.url()
    agent = stage.agent(kafka=stage.kafka(proxy=url)).start()
    wait_until(lambda: re.search(r"Connection refused: is it running, is kafka\.proxy right\?",
                                 agent.process.log()), "line", alive=[agent.process])
    assert agent.process.stop() == 0


def test_a_silent_proxy_holds_up_no_stop(stage):
    with HttpProxy(silent=True) as proxy:
        agent = stage.agent(kafka=stage.kafka(proxy=proxy.url())).start()
        wait_until(lambda: agent.metric("picket_buffer_records") >= 3, "records in the buffer",
                   alive=[agent.process])
        assert agent.process.stop(5) == 0


@pytest.mark.parametrize("program", ["agent", "consumer"])
@pytest.mark.parametrize(("passphrase", "told"), [
    ("wrong", r"kafka\.key_password"), ("", r"kafka\.key_password")], ids=["wrong", "missing"])
def test_a_passphrase_that_does_not_fit_is_told_at_the_start(stage, program, passphrase, told):
    user = AGENT if program == "agent" else SINK
    key = encrypt_key(_certificate(stage, user).key, stage.folder / "locked.key", "open it")
    kafka = _certificate_alone(stage, user, key)
    if passphrase:
        kafka["key_password"] = passphrase
    if program == "agent":
        process = stage.agent(kafka=kafka).start().process
    else:
        process = stage.consumer(kafka=kafka | {"group": stage.group}).start().process
    wait_until(lambda: not process.running, "end of the program")
    assert process.returncode == 78
    assert re.search(told, process.log()), process.log()


def flows(stage: Stage, agent, sink: dict) -> Process:
    """Results go from the agent to the database."""
    wait_until(lambda: agent.acknowledged() >= 3, "acknowledged results", alive=[agent.process])
    consumer = stage.consumer(kafka=sink).start()
    connection = stage.connect()
    wait_for_rows(connection, 3, consumer.process)
    return consumer.process


@pytest.mark.parametrize("program", ["picket", "picket-consumer"])
def test_the_doctors_go_through_the_proxy_as_well(stage, program):
    with HttpProxy(names={HIDDEN: "127.0.0.1"}) as proxy:
        if program == "picket":
            made = stage.agent(kafka=stage.kafka(AGENT, "hidden", proxy=proxy.url()))
        else:
            made = stage.consumer(
                kafka=stage.kafka(SINK, "hidden", proxy=proxy.url(), group=stage.group))
        said = run_to_end(program, ["doctor", "--config", made.config_path], stage.folder, 60).stdout
        assert f"a tunnel through 127.0.0.1:{proxy.port}" in said, said
        assert proxy.targets
        proxy.refusal = 403
        said = run_to_end(program, ["doctor", "--config", made.config_path], stage.folder, 60).stdout
        assert "403 Refused: allow CONNECT" in said, said
