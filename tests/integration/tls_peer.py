"""A listener that a Kafka client takes for a broker until its TLS handshake is over, or goes wrong."""

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable

from testbed.pki import Certificate


class TlsPeer:
    """`with TlsPeer(behave) as peer:` calls `behave(socket)` for each connection, in a thread of its own."""

    def __init__(self, behave: Callable[[socket.socket], None], host: str = "127.0.0.1"):
        self._behave = behave
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family)
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> "TlsPeer":
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        # Wakes the accepting thread, which close() alone does not.
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=[connection], daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):  # the client hangs up on most of them
            connection.settimeout(10)
            self._behave(connection)


class Handshakes:
    """Shakes hands as a TLS server and notes what it saw."""

    def __init__(self, certificate: Certificate, *, client_ca=None, newest=ssl.TLSVersion.TLSv1_3,
                 oldest=ssl.TLSVersion.TLSv1_2):
        self.server_names: list[str | None] = []
        self.done: list[str] = []  # the version, for each handshake that both sides accepted
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(certificate.chain, certificate.key)
        self._context.minimum_version, self._context.maximum_version = oldest, newest
        self._context.sni_callback = lambda _, name, __: self.server_names.append(name)
        if client_ca:
            self._context.verify_mode = ssl.CERT_REQUIRED
            self._context.load_verify_locations(client_ca)

    def __call__(self, connection: socket.socket) -> None:
        with self._context.wrap_socket(connection, server_side=True) as tls:
            # In TLS 1.3 the server is done before the client has judged it: wait for its first request.
            if tls.recv(1):
                self.done.append(tls.version())


def answer(data: bytes) -> Callable[[socket.socket], None]:
    """Reads what there is, answers with `data`, closes."""
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(data)
    return behave


def hang_up(connection: socket.socket) -> None:
    """What a plaintext listener does with a ClientHello: takes 4 bytes for a length, too large, and closes."""
    connection.recv(4)
