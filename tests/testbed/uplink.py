"""A cable that can be pulled, between two network namespaces: the agent's, and the world's.

Nothing of this machine's own network is touched: no address, no route, no interface outside the
two. What the agent may reach, and how we reach it, are proxies whose sockets lie inside. Needs root
and the kernel's namespaces; `why_not` says what is missing.
"""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import threading
from pathlib import Path

from .tcp_proxy import SocketMaker

_WORLD, _AGENT = "10.0.0.1", "10.0.0.2"
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def why_not() -> str | None:
    """Why there can be no such namespaces here; None when there can."""
    if shutil.which("ip") is None or shutil.which("unshare") is None:
        return "ip (iproute2) or unshare is not installed"
    tried = subprocess.run(
        ["unshare", "--net", "--mount", "ip", "link", "add", "here", "type", "veth", "peer",
         "name", "there"], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    return None if tried.returncode == 0 else f"no network namespace: {tried.stderr.strip()}"


class Uplink:
    """`with Uplink(folder) as uplink:` makes namespaces and cable, and takes them away.

    In the agent's namespace the name `localhost` is the world's end of the cable.
    """

    world_address = _WORLD

    def __init__(self, folder: Path):
        self._agent = f"picket-agent-{os.getpid()}"
        self._world = f"picket-world-{os.getpid()}"
        self._hosts = folder / "hosts"
        self._exit = contextlib.ExitStack()

    def wrap(self, argv: list[str]) -> list[str]:
        """The words that run a program in the agent's namespace."""
        return ["ip", "netns", "exec", self._agent, "sh", "-c",
                'mount --bind "$0" /etc/hosts && exec "$@"', str(self._hosts), *argv]

    @property
    def in_world(self) -> SocketMaker:
        return lambda: _socket_in(self._world)

    @property
    def in_agent(self) -> SocketMaker:
        """Not by the cable: what is bound or connected with these is local to the agent."""
        return lambda: _socket_in(self._agent)

    def cut(self) -> None:
        """The far end of the cable is pulled: neither side hears of the other any more."""
        _ip("-n", self._world, "link", "set", "cable", "down")

    def mend(self) -> None:
        _ip("-n", self._world, "link", "set", "cable", "up")

    def __enter__(self) -> "Uplink":
        self._hosts.write_text(f"{_WORLD} localhost\n")
        with contextlib.ExitStack() as stack:
            for name in (self._world, self._agent):
                _ip("netns", "add", name)
                stack.callback(_ip, "netns", "del", name)
            _ip("-n", self._world, "link", "add", "cable", "type", "veth",
                "peer", "name", "cable", "netns", self._agent)
            for name, address in ((self._world, _WORLD), (self._agent, _AGENT)):
                _ip("-n", name, "addr", "add", f"{address}/30", "dev", "cable")
                _ip("-n", name, "link", "set", "cable", "up")
                _ip("-n", name, "link", "set", "lo", "up")
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._exit.close()


def _ip(*words: str) -> None:
    done = subprocess.run(["ip", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(f"ip {' '.join(words)}: {done.stderr.strip()}")


def _socket_in(namespace: str) -> socket.socket:
    """A TCP socket of that namespace: it stays there, wherever it is used."""
    made: list[socket.socket] = []

    def make() -> None:
        # A thread of its own, which ends in there: no other thread changes its network.
        with open(f"/run/netns/{namespace}") as place:
            if _LIBC.setns(place.fileno(), _CLONE_NEWNET) == 0:
                made.append(socket.socket())

    thread = threading.Thread(target=make)
    thread.start()
    thread.join()
    if not made:
        raise RuntimeError(f"network namespace {namespace} cannot be entered")
    return made[0]
