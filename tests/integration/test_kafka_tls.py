"""port/kafka_tls, alone, against TLS as others write it: OpenSSL in Python's ssl, and Java's in a real broker."""

import re
import ssl
import subprocess
from pathlib import Path

import pytest

from testbed import paths
from testbed.broker import AGENT
from testbed.pki import Authority, Certificate
from testbed.wait import wait_until
from tls_peer import Handshakes, TlsPeer, answer, hang_up


class Certificates:
    def __init__(self, folder: Path):
        authority = Authority(folder / "ca", "picket test CA")
        stranger = Authority(folder / "stranger", "some other CA")
        self.ca = authority.cert
        self.other_ca = stranger.cert
        self.good = authority.issue("localhost")
        self.name_only = authority.issue("name-only", san="DNS:localhost")
        self.elsewhere = authority.issue("elsewhere", san="DNS:a.invalid,DNS:b.invalid,IP:192.0.2.7")
        self.expired = authority.issue("expired", start_days=-30, end_days=-2)
        self.future = authority.issue("future", start_days=5)
        self.client = authority.issue("client", usage="clientAuth")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Certificates:
    return Certificates(tmp_path_factory.mktemp("tls") / "pki")


def client_argv(*words, topic: str = "none", count: int = 0, seconds: int = 20) -> list[str]:
    return [str(paths.program("kafka_tls_client")), topic, str(count), str(seconds), "log_level=0", *map(str, words)]


def run_client(*words, seconds: int = 20, **more) -> str:
    """What kafka_tls_client prints. Without records to send it ends at its first error."""
    done = subprocess.run(client_argv(*words, seconds=seconds, **more), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=seconds + 20, check=False)
    assert done.returncode in (0, 1, 2), done.stdout + done.stderr
    return done.stdout


def to(peer: TlsPeer, host: str) -> list[str]:
    return [f"bootstrap.servers={host}:{peer.port}", "security.protocol=SSL"]


def connect(peer: TlsPeer, *words, host: str = "localhost") -> str:
    return run_client(*to(peer, host), *words)


def cause(output: str) -> str:
    """The cause named in the first error, "" when it names none, and all that was said when there is none."""
    found = re.search(r"^error \S+ cause=(\S*) ", output, re.MULTILINE)
    return found[1] if found else output


def shakes_hands(handshakes: Handshakes, *words, host: str = "localhost") -> bool:
    """Whether both sides accept each other."""
    with TlsPeer(handshakes) as peer:
        client = subprocess.Popen(client_argv(*to(peer, host), *words), stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, text=True)
        try:
            wait_until(lambda: handshakes.done or client.poll() is not None, "handshake")
        finally:
            client.kill()
            output = client.communicate()[0]
    assert "[tls:" not in output, output
    return bool(handshakes.done)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_name_is_verified_and_sent_as_sni(certificates, version):
    handshakes = Handshakes(certificates.good, newest=version, oldest=version)
    assert shakes_hands(handshakes, f"ssl.ca.location={certificates.ca}")
    assert set(handshakes.server_names) == {"localhost"}


def test_an_address_is_verified_and_not_sent_as_sni(certificates):
    handshakes = Handshakes(certificates.good)
    assert shakes_hands(handshakes, f"ssl.ca.location={certificates.ca}", host="127.0.0.1")
    assert set(handshakes.server_names) == {None}


@pytest.mark.parametrize(
    ("shown", "host", "expected", "told"),
    [
        ("elsewhere", "localhost", "wrong_host", "but for a.invalid, b.invalid, 192.0.2.7"),
        ("name_only", "127.0.0.1", "wrong_host", "certificate of 127.0.0.1:[0-9]+ is not for that host"),
        ("expired", "localhost", "expired", "expired 20[0-9-]+T"),
        ("future", "localhost", "not_yet_valid", "is not valid before 20[0-9-]+T"),
    ],
)
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_bad_certificate_is_refused_and_told_why(certificates, version, shown, host, expected, told):
    handshakes = Handshakes(getattr(certificates, shown), newest=version, oldest=version)
    with TlsPeer(handshakes) as peer:
        output = connect(peer, f"ssl.ca.location={certificates.ca}", host=host)
    assert cause(output) == expected, output
    assert re.search(told, output), output
    assert handshakes.done == []


def test_an_unknown_ca_is_named(certificates):
    with TlsPeer(Handshakes(certificates.good)) as peer:
        output = connect(peer, f"ssl.ca.location={certificates.other_ca}")
    assert cause(output) == "unknown_ca", output
    assert "(issuer CN=picket test CA): set kafka.ca_file" in output


@pytest.mark.parametrize(
    ("behave", "expected"),
    [
        (hang_up, "plaintext_port"),
        (answer(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "plaintext_port"),
        (answer(b"\x16\x03\x03\x00\x7a\x02\x00"), "closed"),  # the beginning of a ServerHello
        (answer(b"\x15\x03\x03\x00\x02\x02\x50"), "peer_alert"),  # fatal, internal_error
        (answer(b"\x16\x03\x03\x00\x04\x02\x00\x00\x00"), "protocol"),  # an empty ServerHello
    ],
    ids=["hangs up", "http", "breaks off", "alert", "nonsense"],
)
def test_what_is_no_tls_server_is_told_apart(certificates, behave, expected):
    with TlsPeer(behave) as peer:
        output = connect(peer, f"ssl.ca.location={certificates.ca}")
    assert cause(output) == expected, output


def test_verification_goes_off_only_as_far_as_asked(certificates):
    ca, other_ca = f"ssl.ca.location={certificates.ca}", f"ssl.ca.location={certificates.other_ca}"
    no_host = "ssl.endpoint.identification.algorithm=none"
    assert shakes_hands(Handshakes(certificates.elsewhere), ca, no_host)
    assert shakes_hands(Handshakes(certificates.elsewhere), ca, no_host, host="127.0.0.1")
    with TlsPeer(Handshakes(certificates.elsewhere)) as peer:
        assert cause(connect(peer, other_ca, no_host)) == "unknown_ca"
    nothing = "enable.ssl.certificate.verification=false"
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert shakes_hands(Handshakes(certificates.expired, newest=version, oldest=version), other_ca, nothing)


def test_dates_are_judged_by_the_clock_that_was_set(certificates):
    ca = f"ssl.ca.location={certificates.ca}"
    with TlsPeer(Handshakes(certificates.good)) as peer:
        output = connect(peer, ca, "--now=86400")
    assert cause(output) == "not_yet_valid"
    assert "the clock here says 1970-01-02" in output


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_mutual_tls(certificates, version):
    handshakes = Handshakes(certificates.good, client_ca=certificates.ca, newest=version, oldest=version)
    ours = (f"ssl.certificate.location={certificates.client.cert}", f"ssl.key.location={certificates.client.key}")
    assert shakes_hands(handshakes, f"ssl.ca.location={certificates.ca}", *ours)
    with TlsPeer(Handshakes(certificates.good, client_ca=certificates.ca, newest=version, oldest=version)) as peer:
        output = connect(peer, f"ssl.ca.location={certificates.ca}")
    assert cause(output) == "peer_alert", output
    assert "kafka.cert_file" in output


def _key_of(other: Certificate) -> str:
    return f"ssl.key.location={other.key}"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (lambda c: ["ssl.ca.location=/nowhere/ca.pem"], r"/nowhere/ca\.pem: No such file"),
        (lambda c: [f"ssl.ca.location={c.good.key}"], r"ssl\.ca\.location\) failed: .*localhost\.key"),
        (lambda c: ["ssl.ca.pem=nonsense"], r"ssl\.ca\.pem failed"),
        (lambda c: [f"ssl.certificate.location={c.client.cert}"], "set both"),
        (lambda c: [f"ssl.certificate.location={c.client.cert}", _key_of(c.good)], "does not belong to"),
        (lambda c: ["ssl.cipher.suites=ALL"], r"ssl\.cipher\.suites is not supported"),
        (lambda c: ["ssl.crl.location=/nowhere"], r"ssl\.crl\.location is not supported"),
        (lambda c: ["ssl.keystore.location=/nowhere", "ssl.keystore.password=x"], "convert it to PEM"),
        (lambda c: ["ssl.curves.list=P-256"], r"ssl\.curves\.list is not supported"),
        (lambda c: ["ssl.sigalgs.list=ed25519"], r"ssl\.sigalgs\.list is not supported"),
        (lambda c: ["ssl.providers=legacy"], r"ssl\.providers.* not supported"),
        (lambda c: ["ssl.engine.location=/nowhere"], r"ssl\.engine\.location.* not supported"),
    ],
)
def test_what_cannot_be_honoured_is_refused_at_once(certificates, words, told):
    output = run_client("bootstrap.servers=localhost:1", "security.protocol=SSL", *words(certificates))
    assert output.startswith("refused "), output
    assert re.search(told, output), output


@pytest.mark.parametrize("listener", ["tls12", "tls13"])
def test_large_records_through_a_small_socket_arrive_whole(stage, listener):
    """1,000 records of 100 kB through a send buffer of 8 kB: most writes block with a record half sent."""
    count, size = 1000, 100_000
    output = run_client(
        f"bootstrap.servers={stage.broker.address(listener)}", "security.protocol=SASL_SSL",
        "sasl.mechanism=SCRAM-SHA-512", f"sasl.username={AGENT.name}", f"sasl.password={AGENT.password}",
        f"ssl.ca.location={stage.servers.pki.ca}", "enable.idempotence=true", "socket.send.buffer.bytes=8192",
        f"--size={size}", topic=stage.topic, count=count, seconds=60)
    assert f"delivered {count} failed 0" in output, output
    values = [message.value() for message in stage.messages()]
    assert sorted(int(value.rstrip(b".")) for value in values) == list(range(count))
    assert {len(value) for value in values} == {size}
