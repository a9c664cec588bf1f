"""What can be wrong between a program and its brokers, made for real, and what both programs say of it."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from stage import Stage
from testbed import mounts
from testbed.name_server import NameServer
from testbed.ports import free_ports
from testbed.process import Process
from tls_peer import Handshakes, TlsPeer


@dataclass(frozen=True)
class Fault:
    """`changes(stage)`: the members of the kafka section that make it; `listener`: another door of the
    broker. `told`: a regular expression of the line's cause and cure; `kind`: what it is counted by."""

    kind: str
    told: str
    listener: str = "client"
    changes: Callable[[Stage], dict] = lambda stage: {}


def _unknown_ca(stage: Stage) -> dict:
    return {"ca_file": str(stage.servers.pki.other_ca)}


FAULTS = {
    "unknown CA": Fault(
        "unknown_ca", r"certificate of localhost:\d+ is signed by an unknown CA \(issuer CN ?= ?picket test "
        r"CA\): set kafka\.ca_file", changes=_unknown_ca),
    "expired": Fault(
        "expired", r"certificate of localhost:\d+ expired 20\S+Z, the clock here says 20\d\d-\d\d-\d\d: "
        r"renew the broker's certificate, or check this machine's clock", "expired"),
    "not yet valid": Fault(
        "not_yet_valid", r"certificate of localhost:\d+ is not valid before 20\S+Z, and the clock here "
        r"says 20\d\d-\d\d-\d\d: check this machine's clock \(NTP\)", "future"),
    "wrong host name": Fault(
        "wrong_host", r"certificate of localhost:\d+ is not for that host but for elsewhere\.invalid: use "
        r"a name from the certificate in kafka\.brokers", "wrongname"),
    "plaintext port": Fault(
        "plaintext_port", r"127\.0\.0\.1:\d+ .*connecting to a PLAINTEXT broker listener\? Check the port in "
        r"kafka\.brokers", changes=lambda stage: {"brokers": [stage.broker.admin_address]}),
    "wrong password": Fault(
        "auth", r"localhost:\d+ refused user '\w+' \(SCRAM-SHA-256\): check kafka\.username and "
        r"kafka\.password \(the broker said: .*invalid credentials.*\)",
        changes=lambda stage: {"password": "not it"}),
    "mechanism not offered": Fault(
        "mechanism", r"localhost:\d+ does not offer SCRAM-SHA-256; it offers SCRAM-SHA-512: set "
        r"kafka\.sasl_mechanism", "only512"),
    "nobody listens": Fault(
        "refused", r"localhost:\d+: .*Connection refused: start the broker, or correct kafka\.brokers",
        changes=lambda stage: {"brokers": [f"localhost:{free_ports(1)[0]}"]}),
}


@contextlib.contextmanager
def peer_that_wants_a_certificate(stage: Stage) -> Iterator[str]:
    """The address of a TLS server that refuses clients without a certificate of its CA."""
    pki = stage.servers.pki
    with TlsPeer(Handshakes(pki.good, client_ca=pki.ca)) as peer:
        yield f"localhost:{peer.port}"


PEER_ALERT = (r"localhost:\d+ sent the TLS alert '?(certificate required|certificate_required|bad certificate|"
              r"bad_certificate|handshake_failure|handshake failure)'?.*kafka\.cert_file")

UNKNOWN_NAME = r"the name of kafka\.nowhere\.invalid:9094 is not known \(.*\): correct kafka\.brokers"
SILENT_SERVER = (r"no name server answers for kafka\.nowhere\.invalid:9094 \(.*\): check this machine's network "
                 r"and its /etc/resolv\.conf")
NO_SUCH_BROKER = "kafka.nowhere.invalid:9094"


@contextlib.contextmanager
def name_server(stage: Stage, process: Process, silent: bool) -> Iterator[None]:
    """The program asks a name server that knows no name, or one that never answers."""
    if not mounts.permitted():
        pytest.skip("no mount namespace: a program cannot have a /etc/resolv.conf of its own")
    address = "127.0.0.53" if silent else "127.0.0.54"
    file = stage.folder / "resolv.conf"
    file.write_text(f"nameserver {address}\noptions timeout:1 attempts:1\n")
    mounts.give(process, f"mount --bind '{file}' /etc/resolv.conf")
    with contextlib.ExitStack() as stack:
        try:
            if silent:
                stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)).bind((address, 53))
            else:
                stack.enter_context(NameServer(address, {}))
        except OSError as error:
            pytest.skip(f"no name server on {address}: {error}")
        yield
