"""The servers of these tests are what they say: a fault that is not there would prove nothing."""

import socket
import ssl

import pytest
from confluent_kafka import KafkaError, KafkaException, Producer

from testbed.broker import AGENT, SINK, STRANGER, User
from testbed.servers import Servers


@pytest.fixture(autouse=True)
def _needs_the_testbed(servers):
    if not isinstance(servers, Servers):
        pytest.skip("tests/.env: the servers are the user's")


def _client(stage, user: User, **more) -> dict:
    return {
        "bootstrap.servers": stage.broker.address(), "security.protocol": "SASL_SSL",
        "sasl.mechanism": "SCRAM-SHA-512", "sasl.username": user.name,
        "sasl.password": user.password, "ssl.ca.location": str(stage.servers.pki.ca), **more}


def _produce(stage, user: User) -> KafkaError | None:
    """The error that a record of `user` ends with."""
    errors: list = []
    producer = Producer(_client(stage, user))
    producer.produce(stage.topic, b"{}", on_delivery=lambda error, _: errors.append(error))
    assert producer.flush(20) == 0
    return errors[0]


def test_broker_lets_agent_write_and_sink_read_and_nobody_else(stage):
    assert _produce(stage, AGENT) is None
    for user in (SINK, STRANGER):
        assert _produce(stage, user).code() == KafkaError.TOPIC_AUTHORIZATION_FAILED
    assert len(stage.admin.read(stage.topic, _client(stage, SINK))) == 1
    with pytest.raises(KafkaException):
        stage.admin.read(stage.topic, _client(stage, AGENT))


@pytest.mark.parametrize("listener, spoken, refused", [
    ("tls12", ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3),
    ("tls13", ssl.TLSVersion.TLSv1_3, ssl.TLSVersion.TLSv1_2),
])
def test_listener_speaks_one_tls_version(stage, listener, spoken, refused):
    assert _handshake(stage, listener, spoken) == spoken.name.replace("_", ".")
    with pytest.raises(OSError):
        _handshake(stage, listener, refused)


@pytest.mark.parametrize("listener, reason", [
    ("stranger", "self-signed certificate in certificate chain"),
    ("wrongname", "Hostname mismatch"),
    ("expired", "certificate has expired"),
])
def test_listener_has_a_certificate_to_refuse(stage, listener, reason):
    with pytest.raises(ssl.SSLCertVerificationError, match=reason):
        _handshake(stage, listener)


def _handshake(stage, listener: str, version: ssl.TLSVersion | None = None) -> str:
    """The TLS version agreed on."""
    context = ssl.create_default_context(cafile=stage.servers.pki.ca)
    if version:
        context.minimum_version = context.maximum_version = version
    host, port = stage.broker.address(listener).split(":")
    with (socket.create_connection((host, int(port)), 10) as raw,
          context.wrap_socket(raw, server_hostname=host) as secure):
        return secure.version()
