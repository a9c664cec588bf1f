"""An HTTP proxy: CONNECT for every port, and plain requests, with or without a login. In the test's own process."""

import base64
import contextlib
import select
import socket
import threading
from urllib.parse import urlsplit

_TIMEOUT = 10


class HttpProxy:
    """`with HttpProxy() as proxy:` serves on a free port, a thread for each connection.

    `login` is (user, password), asked for with 407. `names` says where hosts are that nobody else
    can resolve: only the proxy knows them. `refusal` is a status for every request, such as 403.
    `silent`: takes connections and never answers. All may be changed while it runs.
    """

    def __init__(self, login: tuple[str, str] | None = None, names: dict[str, str] | None = None,
                 refusal: int = 0, silent: bool = False):
        self.login = login
        self.names = names or {}
        self.refusal = refusal
        self.silent = silent
        self.targets: list[str] = []  # host:port of every tunnel and request that was allowed
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._over = threading.Event()

    def url(self, user: str = "", password: str = "") -> str:
        login = f"{user}:{password}@" if user else ""
        return f"http://{login}127.0.0.1:{self.port}"

    def __enter__(self) -> "HttpProxy":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        self._over.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the accepting thread
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[client], daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.settimeout(_TIMEOUT)
            if self.silent:
                self._over.wait()
                return
            head = _read_head(client)
            method, target, _ = head.split(" ", 2)
            status = self._verdict(head)
            if status:
                client.sendall(f"HTTP/1.1 {status} Refused\r\nConnection: close\r\n"
                               "Content-Length: 0\r\n\r\n".encode())
                return
            authority = target if method == "CONNECT" else urlsplit(target).netloc
            self.targets.append(authority)
            try:
                server = self._connect(authority)
            except OSError:
                client.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                return
            with server:
                if method == "CONNECT":
                    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                else:
                    server.sendall(_for_the_site(head))
                self._relay(client, server)

    def _verdict(self, head: str) -> int:
        if self.refusal:
            return self.refusal
        if self.login is None:
            return 0
        token = base64.b64encode(":".join(self.login).encode()).decode()
        return 0 if f"proxy-authorization: basic {token}".lower() in head.lower() else 407

    def _connect(self, authority: str) -> socket.socket:
        host, _, port = authority.rpartition(":")
        host = host.strip("[]")
        return socket.create_connection((self.names.get(host, host), int(port)), _TIMEOUT)

    def _relay(self, one: socket.socket, other: socket.socket) -> None:
        while not self._over.is_set():
            for ready in select.select([one, other], [], [], 0.2)[0]:
                data = ready.recv(65536)
                if not data:
                    return
                (other if ready is one else one).sendall(data)


def _read_head(client: socket.socket) -> str:
    head = b""
    while b"\r\n\r\n" not in head:
        data = client.recv(4096)
        if not data:
            raise OSError("the client hung up")
        head += data
    return head.decode("latin-1")


def _for_the_site(head: str) -> bytes:
    """A request for a proxy ("GET http://host/path") as the site wants it."""
    first, rest = head.split("\r\n", 1)
    method, target, version = first.split(" ")
    parts = urlsplit(target)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{method} {path} {version}\r\n{rest}".encode("latin-1")
