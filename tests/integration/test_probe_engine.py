"""The probe engine against servers that misbehave in one way each. No Kafka, no database."""

import contextlib
import json
import resource
import socket
import ssl
import struct
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from testbed import paths
from testbed.pki import Authority, Certificate
from testbed.programs import clean_environment

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"


# Preloaded, it makes a machine whose clock was never set.
_CLOCK_OF_1970 = r"""
#define _GNU_SOURCE
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
int clock_gettime(clockid_t id, struct timespec* now) {
  const int failed = (int)syscall(SYS_clock_gettime, id, now);
  if (id == CLOCK_REALTIME) now->tv_sec %= 1000;
  return failed;
}
time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out) *out = now.tv_sec;
  return now.tv_sec;
}
"""


class Door:
    """A server that treats every connection with `handle(socket, request)`. Its `base` is a URL."""

    def __init__(self, handle: Callable, tls: ssl.SSLContext | None = None, host="127.0.0.1",
                 first_bytes=False):
        """`first_bytes`: it handles whatever comes first, and does not wait for a whole request."""
        self._request_end = b"" if first_bytes else b"\r\n\r\n"
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._handle, self._tls = handle, tls
        self._listener = socket.create_server((host, 0), family=family, backlog=256)
        self.connections = 0
        port = self._listener.getsockname()[1]
        name = "[::1]" if ":" in host else "localhost" if tls else host
        self.base = f"{'https' if tls else 'http'}://{name}:{port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed: the end
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(20)
        with contextlib.suppress(OSError), connection:
            if self._tls:
                connection = self._tls.wrap_socket(connection, server_side=True)
            request = b""
            while not request or self._request_end not in request:
                piece = connection.recv(4096)
                if not piece:
                    return
                request += piece
            self._handle(connection, request.decode("latin-1"))
            connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def door() -> Iterator[Callable[..., Door]]:
    with contextlib.ExitStack() as stack:
        def made(handle, **more) -> Door:
            new = Door(handle, **more)
            stack.callback(new.close)
            return new
        yield made


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> Authority:
    return Authority(tmp_path_factory.mktemp("pki") / "ca", "probe engine test CA")


def answers(text: bytes) -> Callable:
    return lambda connection, request: connection.sendall(text)


def server_side(certificate: Certificate, newest=ssl.TLSVersion.TLSv1_3) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = newest
    context.load_cert_chain(certificate.chain, certificate.key)
    return context


def picket(*words, env: dict | None = None, **more) -> subprocess.CompletedProcess:
    return subprocess.run([paths.program("picket"), "probe", *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          env=clean_environment(**(env or {})), check=False, **more)


def probe(url: str, *flags, **more) -> dict:
    """The record of one probe, whose exit code says the same."""
    done = picket(url, "--json", *flags, **more)
    assert done.stdout, done.stderr
    record = json.loads(done.stdout)
    assert done.returncode == ["up", "down", "unknown"].index(record["outcome"])
    return record


def test_every_request_is_plain_and_on_its_own_connection(door):
    requests = []

    def handle(connection, request):
        requests.append(request)
        connection.sendall(_OK.replace(b"close", b"keep-alive"))

    server = door(handle)
    for _ in range(2):
        assert probe(server.base + "/a?b=c")["outcome"] == "up"
    assert server.connections == 2
    line, *headers = requests[0].split("\r\n")
    assert line == "GET /a?b=c HTTP/1.1"
    names = {header.partition(":")[0].lower() for header in headers if header}
    assert names == {"host", "user-agent", "accept"}
    assert "user-agent: picket/" in requests[0].lower()


def test_proxies_in_the_environment_are_not_used(door):
    nowhere = "http://127.0.0.1:1"
    record = probe(door(answers(_OK)).base, env={
        "http_proxy": nowhere, "https_proxy": nowhere, "all_proxy": nowhere, "ALL_PROXY": nowhere})
    assert record["outcome"] == "up"


def test_ipv6_address(door):
    try:
        server = door(answers(_OK), host="::1")
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    record = probe(server.base)
    assert (record["outcome"], record["ip"], record["phases"]["dns"]) == ("up", "::1", None)


def test_tls_1_2(door, authority):
    tls = server_side(authority.issue("old"), newest=ssl.TLSVersion.TLSv1_2)
    record = probe(door(answers(_OK), tls=tls).base, "--ca-file", authority.cert)
    assert (record["outcome"], record["tls_version"]) == ("up", "1.2")


def test_certificate_for_the_address(door, authority):
    server = door(answers(_OK), tls=server_side(authority.issue("address", san="IP:127.0.0.1")))
    by_address = server.base.replace("localhost", "127.0.0.1")
    assert probe(by_address, "--ca-file", authority.cert)["outcome"] == "up"
    assert probe(server.base, "--ca-file", authority.cert)["error"] == "certificate"


def test_certificate_of_tomorrow(door, authority):
    tls = server_side(authority.issue("tomorrow", start_days=1, end_days=9))
    record = probe(door(answers(_OK), tls=tls).base, "--ca-file", authority.cert)
    assert (record["outcome"], record["error"]) == ("down", "certificate")
    assert "not valid before" in record["error_detail"]


def test_self_signed(door, authority, tmp_path):
    key, cert = tmp_path / "self.key", tmp_path / "self.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert,
         "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
        check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = door(answers(_OK), tls=context)
    record = probe(server.base, "--ca-file", authority.cert)
    assert (record["error"], record["cert_not_after"] is None) == ("certificate", False)
    assert "self-signed" in record["error_detail"]
    # The user may say that this very certificate is to be trusted.
    assert probe(server.base, "--ca-file", cert)["outcome"] == "up"


def test_nothing_is_sent_to_a_server_that_fails_verification(door, authority):
    requests = []
    tls = server_side(authority.issue("elsewhere", san="DNS:elsewhere.invalid"))
    server = door(lambda _, request: requests.append(request), tls=tls)
    record = probe(server.base + "/secret-path", "--ca-file", authority.cert)
    assert record["error"] == "certificate"
    assert server.connections == 1 and not requests


def test_plain_http_on_a_tls_port(door):
    plain = door(answers(_OK))
    record = probe(plain.base.replace("http:", "https:"), "--timeout", "2s")
    assert (record["outcome"], record["error"]) in (("down", "tls"), ("down", "timeout"))
    assert record["phases"]["connect"] is not None and record["phases"]["tls"] is None


def test_tls_alert_is_a_tls_error(door):
    def handle(connection, _):
        connection.sendall(bytes([21, 3, 3, 0, 2, 2, 40]))  # alert: fatal, handshake_failure
        connection.recv(1)  # until the client goes: closing now could reset the connection first

    record = probe(door(handle, first_bytes=True).base.replace("http:", "https:"))
    assert (record["outcome"], record["error"]) == ("down", "tls")
    assert "alert" in record["error_detail"]


def test_reset_in_the_tls_handshake_is_a_reset(door):
    def handle(connection, _):
        # Closing with a linger time of zero sends RST.
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.close()

    record = probe(door(handle, first_bytes=True).base.replace("http:", "https:"))
    assert (record["outcome"], record["error"]) == ("down", "reset")
    assert record["phases"]["connect"] is not None


@pytest.mark.parametrize("location, error", [
    ("file:///etc/passwd", "http_protocol"), ("ftp://127.0.0.1/", "http_protocol"),
    ("http://127.0.0.1:1/", "connect"),
])
def test_redirects_to_where_nobody_goes(door, location, error):
    server = door(answers(f"HTTP/1.1 302 X\r\nLocation: {location}\r\n\r\n".encode()))
    record = probe(server.base)
    assert (record["outcome"], record["error"]) == ("down", error)
    assert "root:" not in json.dumps(record)


def test_redirect_from_http_to_https_has_the_phases_of_both(door, authority):
    secure = door(answers(_OK), tls=server_side(authority.issue("both")))
    plain = door(answers(f"HTTP/1.1 301 X\r\nLocation: {secure.base}/\r\n\r\n".encode()))
    record = probe(plain.base, "--ca-file", authority.cert)
    assert (record["outcome"], record["redirects"], record["tls_version"]) == ("up", 1, "1.3")
    assert all(value is not None for value in record["phases"].values())
    assert abs(sum(record["phases"].values()) - record["response_time"]) < 0.01


def test_the_body_of_a_redirect_is_not_waited_for(door):
    end = door(answers(_OK))

    def handle(connection, _):
        connection.sendall(f"HTTP/1.1 302 X\r\nLocation: {end.base}/\r\n\r\nmoved".encode())
        connection.recv(1)  # until the client goes

    record = probe(door(handle).base, "--timeout", "5s")
    assert (record["outcome"], record["redirects"]) == ("up", 1)
    assert record["response_time"] < 4000


def test_a_redirect_without_a_target_is_the_answer(door):
    record = probe(door(answers(b"HTTP/1.1 304 X\r\n\r\n")).base)
    assert (record["outcome"], record["status_code"]) == ("up", 304)


def test_interim_answers_are_not_the_answer(door):
    hints = b"HTTP/1.1 103 Early Hints\r\nLocation: /nowhere\r\n\r\n"
    record = probe(door(answers(hints + _OK)).base)
    assert (record["outcome"], record["status_code"], record["redirects"]) == ("up", 200, 0)
    # Nor does a target in one of them make a redirect of the answer.
    record = probe(door(answers(hints + b"HTTP/1.1 302 X\r\nContent-Length: 0\r\n\r\n")).base)
    assert (record["outcome"], record["status_code"], record["redirects"]) == ("up", 302, 0)


def test_http_1_0_without_a_length(door):
    record = probe(door(answers(b"HTTP/1.0 200 OK\r\n\r\nold but ok")).base, "--regex", "but ok$")
    assert (record["outcome"], record["http_version"], record["bytes"]) == ("up", "1.0", 10)


def test_headers_without_end(door):
    def handle(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            connection.sendall(b"X-Filler: " + b"x" * 1000 + b"\r\n")

    record = probe(door(handle).base)
    assert (record["outcome"], record["error"]) == ("down", "http_protocol")
    assert record["error_detail"] == "the headers of the answer are too large"


def test_one_header_without_end(door):
    def handle(connection, _):
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Filler: ")
        while True:
            connection.sendall(b"x" * 1000)

    record = probe(door(handle).base)
    assert (record["outcome"], record["error"]) == ("down", "http_protocol")


def test_headers_that_trickle_are_a_timeout(door):
    def handle(connection, _):
        for byte in _OK:
            connection.sendall(bytes([byte]))
            time.sleep(0.05)

    began = time.monotonic()
    record = probe(door(handle).base, "--timeout", "400ms")
    assert (record["error"], record["response_time"] is None) == ("timeout", record["status_code"] is None)
    assert time.monotonic() - began < 3


def test_connection_closed_inside_the_body(door):
    record = probe(door(answers(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok")).base,
                   "--regex", "ok")
    assert (record["outcome"], record["error"], record["regex_check"]) == ("down", "reset", None)
    assert (record["status_code"], record["bytes"]) == (200, 2)
    assert record["phases"]["transfer"] is None


def test_broken_chunks(door):
    record = probe(door(answers(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnot-hex\r\nok\r\n0\r\n\r\n")).base)
    assert (record["outcome"], record["error"]) == ("down", "http_protocol")


def test_body_of_exactly_the_limit_and_one_byte_more(door):
    limit = 1 << 20
    for size, outcome in ((limit, "up"), (limit + 1, "down")):
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {size}\r\n\r\n".encode()
        record = probe(door(answers(head + b"x" * size)).base)
        assert record["outcome"] == outcome
        assert record["error"] == (None if outcome == "up" else "too_large")


def test_regexp_that_explodes_is_unknown(door):
    body = b"a" * 50 + b"b"
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
    record = probe(door(answers(head + body)).base, "--regex", "^(a+)+$")
    assert (record["outcome"], record["error"], record["regex_check"]) == (
        "unknown", "regex_limit", None)


def test_without_descriptors_the_site_is_not_blamed(door):
    server = door(answers(_OK))
    outcomes = set()
    for limit in range(3, 24):
        done = picket(server.base, "--json", preexec_fn=lambda n=limit: resource.setrlimit(
            resource.RLIMIT_NOFILE, (n, n)))
        if done.stdout:
            outcomes.add((json.loads(done.stdout)["outcome"], json.loads(done.stdout)["error"]))
    assert outcomes == {("up", None), ("unknown", "local")}


def test_with_a_clock_of_1970_the_certificate_is_not_blamed(door, authority, tmp_path):
    source, shim = tmp_path / "clock.c", tmp_path / "clock.so"
    source.write_text(_CLOCK_OF_1970)
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source], check=True)
    preload = {"LD_PRELOAD": str(shim)}
    good = door(answers(_OK), tls=server_side(authority.issue("good")))
    record = probe(good.base, "--ca-file", authority.cert, env=preload)
    assert (record["outcome"], record["error"]) == ("unknown", "clock")
    # What is wrong at any time still is.
    other = door(answers(_OK), tls=server_side(authority.issue("other", san="DNS:other.invalid")))
    record = probe(other.base, "--ca-file", authority.cert, env=preload)
    assert (record["outcome"], record["error"]) == ("down", "certificate")
    assert probe(door(answers(_OK)).base, env=preload)["outcome"] == "up"


@pytest.mark.parametrize("host", ["192.0.2.1", "example.org"])
def test_without_a_network_the_site_is_not_blamed(host):
    without = ["unshare", "--map-root-user", "--net"]
    if subprocess.run([*without, "true"], capture_output=True, check=False).returncode != 0:
        pytest.skip("no network namespace can be made here")
    done = subprocess.run([*without, paths.program("picket"), "probe", f"http://{host}/", "--json"],
                          capture_output=True, text=True, env=clean_environment(), timeout=60,
                          check=False)
    record = json.loads(done.stdout)
    assert (done.returncode, record["outcome"], record["error"]) == (2, "unknown", "local")
    assert "route" in record["error_detail"]


def test_wrong_ca_file_is_named(tmp_path):
    done = picket("https://localhost/", "--ca-file", tmp_path / "none.pem")
    assert done.returncode == 78
    assert "none.pem" in done.stderr


@pytest.mark.parametrize("words", [
    ["ftp://example.org/"], ["example.org"], ["http://user:hush@example.org/"],
    ["http://example.org/", "--regex", "("],
])
def test_usage_errors(words):
    done = picket(*words)
    assert done.returncode == 64
    assert done.stderr and "hush" not in done.stderr


@pytest.fixture
def busy_agent(door, authority, tmp_path) -> Iterator[tuple[subprocess.Popen, Path]]:
    """An agent that probes 200 sites over TLS, each of which takes a second to answer."""
    def handle(connection, _):
        time.sleep(1)
        connection.sendall(_OK)

    server = door(handle, tls=server_side(authority.issue("many")))
    config = tmp_path / "picket.yaml"
    config.write_text(json.dumps({
        "agent": "gw-many", "serve": {"listen": ""},
        "defaults": {"interval": "3s", "timeout": "3s", "ca_file": str(authority.cert)},
        "sites": [{"name": f"site-{i}", "url": f"{server.base}/{i}"} for i in range(200)]}))
    records = tmp_path / "records.json"
    with open(records, "wb") as out:
        agent = subprocess.Popen([paths.program("picket"), "run", "--stdout", "--config", config],
                                 stdin=subprocess.DEVNULL, stdout=out,
                                 env=clean_environment())
    yield agent, records
    agent.kill()
    agent.wait()


def test_two_hundred_sites_share_one_thread_and_one_ca_chain(busy_agent):
    agent, records = busy_agent
    status = Path(f"/proc/{agent.pid}/status")
    deadline = time.monotonic() + 30
    names = set()
    while len(names) < 200 and time.monotonic() < deadline:
        lines = records.read_text().splitlines()[:-1]  # the last may be half written
        names = {record["name"] for record in map(json.loads, lines) if record["outcome"] == "up"}
        time.sleep(0.1)
    assert len(names) == 200, "the agent ended" if agent.poll() is not None else "too slow"
    facts = dict(line.split(":\t", 1) for line in status.read_text().splitlines())
    assert int(facts["VmHWM"].split()[0]) < 40_000
    assert int(facts["Threads"]) <= 4
