"""Behind an HTTP proxy Maven and pip go through it, as http_proxy and https_proxy say."""

import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from testbed import paths


class Proxy:
    """Notes what it is asked for, checks who asks, and refuses: nothing is downloaded."""

    def __init__(self):
        self.asked: list[str] = []
        self.logins: set[str] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        port = self._listener.getsockname()[1]
        self.url = f"http://picket:hush%40hush@127.0.0.1:{port}"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        head = b""
        try:
            while b"\r\n\r\n" not in head and (more := connection.recv(65536)):
                head += more
            text = head.decode("latin-1")
            login = re.search(r"^proxy-authorization: (.*?)\r$", text, re.MULTILINE | re.IGNORECASE)
            if login:
                self.logins.add(login[1])
                self.asked.append(text.split("\r\n")[0])
                connection.sendall(b"HTTP/1.1 502 X\r\nContent-Length: 0\r\n"
                                   b"Connection: close\r\n\r\n")
            else:
                connection.sendall(b"HTTP/1.1 407 X\r\nProxy-Authenticate: Basic realm=\"x\"\r\n"
                                   b"Content-Length: 0\r\nConnection: close\r\n\r\n")
        except OSError:
            pass  # the client went away


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()


def call(proxy: Proxy, tmp_path, words: list, **more: str) -> subprocess.CompletedProcess:
    """Everything it could find here instead of asking is elsewhere."""
    hidden = {"no_proxy", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "PIP_FIND_LINKS", "PIP_PROXY"}
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False,
        cwd=tmp_path, env=environment | {"http_proxy": proxy.url, "https_proxy": proxy.url} | more)


def test_maven_asks_the_proxy_with_its_password(proxy, tmp_path):
    done = call(proxy, tmp_path, [sys.executable, "-c", "from testbed import jars; jars.fetch()"],
                PYTHONPATH=str(paths.ROOT / "tests"), PICKET_BUILD_DIR=str(tmp_path),
                MAVEN_OPTS=f"-Dmaven.repo.local={tmp_path}/repository")
    assert done.returncode != 0 and "mvn failed" in done.stderr
    assert proxy.asked, done.stderr
    assert proxy.logins == {"Basic cGlja2V0Omh1c2hAaHVzaA=="}
    assert not (tmp_path / "testbed" / "maven-settings.xml").exists(), "it holds a password"


def test_pip_asks_the_proxy(proxy, tmp_path):
    done = call(proxy, tmp_path, [sys.executable, "-m", "pip", "download", "--no-cache-dir",
                                  "--retries", "0", "--no-deps", "--disable-pip-version-check",
                                  "pytest"])
    assert done.returncode != 0
    assert proxy.asked, done.stderr
