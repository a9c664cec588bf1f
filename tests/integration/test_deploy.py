"""deploy/ says what docs/install.md promises.

Containers are not run here: nothing of this proves that they start.
"""

import re
import subprocess

import pytest
import yaml

from testbed import paths

_DEPLOY = paths.ROOT / "deploy"
_COMPOSE = _DEPLOY / "compose.yaml"
_PASSWORDS = {"KAFKA_PASSWORD", "SINK_PASSWORD", "DATABASE_PASSWORD"}


@pytest.fixture(scope="module")
def services() -> dict:
    return yaml.safe_load(_COMPOSE.read_text())["services"]


def test_images_have_a_version(services):
    images = {service["image"] for service in services.values()}
    assert {image.split(":")[0] for image in images} == {"apache/kafka", "postgres"}
    assert all(re.search(r":\d", image) for image in images)


def test_no_password_has_a_default_and_the_database_is_not_on_the_network(services):
    text = _COMPOSE.read_text()
    named = dict(re.findall(r"\$\{([A-Z_]+)(:\?|[^:?])", text))
    assert set(named) == _PASSWORDS | {"KAFKA_HOST"}
    assert set(named.values()) == {":?"}, "a variable that is not set must stop it"
    assert services["postgres"]["ports"] == ["127.0.0.1:5432:5432"]
    assert services["kafka"]["ports"] == ["9094:9094"]


def test_kafka_takes_only_users_over_tls_and_stamps_its_own_time(services):
    lines = (_DEPLOY / "kafka" / "server.properties").read_text().splitlines()
    properties = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    protocols = dict(pair.split(":") for pair in
                     properties["listener.security.protocol.map"].split(","))
    for listener in properties["listeners"].split(","):
        name, host = listener.split("://")
        assert protocols[name] == "SASL_SSL" or host.startswith("127.0.0.1:")
    assert "message.timestamp.type=LogAppendTime" in (_DEPLOY / "kafka" / "topics").read_text()
    mounted = {volume.split(":")[0] for service in services.values()
               for volume in service.get("volumes", []) if volume.startswith("./")}
    assert mounted == {"./pki/broker.pem", "./kafka"}, "the CA's key stays outside"


def test_scripts_are_shell(services):
    scripts = {service["entrypoint"][1].rpartition("/")[2] for service in services.values()
               if "entrypoint" in service}
    assert scripts == {"format", "start", "topics"}
    for script in [*(_DEPLOY / "kafka" / name for name in scripts), _DEPLOY / "certificates"]:
        subprocess.run(["sh", "-n", script], check=True)


def test_certificates_are_for_the_names_given(tmp_path):
    def make(*names: str) -> subprocess.CompletedProcess:
        return subprocess.run([_DEPLOY / "certificates", *names], capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "PICKET_PKI": str(tmp_path / "pki")},
                              check=False)

    assert make().returncode == make("no name").returncode == 64
    assert make("kafka.example", "kafka.lan").returncode == 0
    pki = tmp_path / "pki"
    verify = ["openssl", "verify", "-CAfile", pki / "ca.pem", "-purpose", "sslserver"]
    for name, code in {"kafka.example": 0, "kafka.lan": 0, "other.example": 2}.items():
        done = subprocess.run([*verify, "-verify_hostname", name, pki / "broker.pem"],
                              capture_output=True, check=False)
        assert done.returncode == code, name
    assert (pki / "ca.key").stat().st_mode & 0o077 == 0
    assert (pki / "broker.pem").stat().st_mode & 0o077 == 0
    assert make("kafka.example").returncode == 73, "what agents trust is not replaced"
