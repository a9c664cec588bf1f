"""A name server for tests: UDP, port 53 of a loopback address, A and AAAA records from a table."""

import socket
import struct
import threading

_A, _AAAA, _IN = 1, 28, 1
_NO_SUCH_NAME = 3


class NameServer:
    """`with NameServer("127.0.0.71", {"name.test": ["::1"]}) as server:` answers until the end.

    Names are lower case. A name that is in the table but has no address of the kind asked for gets
    an empty answer, any other "no such name". Raises PermissionError when port 53 is not ours.
    """

    def __init__(self, address: str, names: dict[str, list[str]]):
        self.address = address
        self.names = names
        self.asked: list[str] = []  # names, in the order of the questions
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            self._socket.bind((address, 53))
        except OSError:
            self._socket.close()
            raise

    def __enter__(self) -> "NameServer":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_) -> None:
        # A datagram to itself wakes the serving thread; it is too short for a question.
        self._socket.sendto(b"", (self.address, 53))

    def _serve(self) -> None:
        with self._socket:
            while True:
                question, client = self._socket.recvfrom(4096)
                if not question:
                    return
                self._socket.sendto(self._answer(question), client)

    def _answer(self, message: bytes) -> bytes:
        """RFC 1035 section 4: the question again, and the addresses."""
        labels, end = [], 12
        while message[end]:
            labels.append(message[end + 1:end + 1 + message[end]].decode())
            end += 1 + message[end]
        name = ".".join(labels).lower()
        kind = struct.unpack("!H", message[end + 1:end + 3])[0]
        question = message[12:end + 5]
        self.asked.append(name)
        answers = b""
        count = 0
        for text in self.names.get(name, []):
            family = socket.AF_INET6 if ":" in text else socket.AF_INET
            if kind != (_AAAA if ":" in text else _A):
                continue
            data = socket.inet_pton(family, text)
            # 0xC00C: the name is that of the question. For 60 s, so that a cache would show.
            answers += struct.pack("!HHHIH", 0xC00C, kind, _IN, 60, len(data)) + data
            count += 1
        flags = 0x8580 | (0 if name in self.names else _NO_SUCH_NAME)
        return message[:2] + struct.pack("!HHHHH", flags, 1, count, 0, 0) + question + answers
