"""The faults are what they say: one that is not there would prove nothing."""

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Iterator

import pytest

from testbed.tcp_proxy import TcpProxy
from testbed.wait import wait_until
from testbed.wall_clock import WallClock


@pytest.fixture
def echo() -> Iterator[tuple[str, int]]:
    """A server that sends back what it gets."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve(peer: socket.socket) -> None:
            with peer, contextlib.suppress(OSError):
                while data := peer.recv(65536):
                    peer.sendall(data)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    peer, _ = listener.accept()
                    threading.Thread(target=serve, args=[peer], daemon=True).start()

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()
        listener.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def line(echo) -> Iterator[TcpProxy]:
    with TcpProxy(("127.0.0.1", 0), echo) as running:
        yield running


def dial(line: TcpProxy) -> socket.socket:
    made = socket.create_connection(line.address)
    made.settimeout(10)
    assert seconds_for(made, b"hello") < 5
    return made


def seconds_for(peer: socket.socket, data: bytes) -> float:
    """From sending it to having it all back."""
    begin, left = time.monotonic(), len(data)
    peer.sendall(data)
    while left > 0:
        left -= len(peer.recv(left))
    return time.monotonic() - begin


def hears_nothing(peer: socket.socket, seconds: float = 0.3) -> bool:
    peer.settimeout(seconds)
    try:
        peer.recv(1)
    except TimeoutError:
        return True
    finally:
        peer.settimeout(10)
    return False


def test_latency_is_each_way_and_goes_again(line):
    with dial(line) as peer:
        line.latency = 0.2
        assert seconds_for(peer, b"x") >= 0.4
        line.heal()
        assert seconds_for(peer, b"x") < 0.4


def test_a_thin_line_takes_its_time(line):
    with dial(line) as peer:
        line.bytes_per_second = 20_000
        assert seconds_for(peer, bytes(20_000)) >= 1


def test_a_stalled_line_forgets_nothing(line):
    with dial(line) as peer:
        line.stalled = True
        peer.sendall(b"x")
        assert hears_nothing(peer)
        line.heal()
        assert peer.recv(1) == b"x"


def test_a_half_open_line_is_silent_for_ever(line):
    with dial(line) as peer:
        line.half_open()
        peer.sendall(b"x")
        line.heal()
        peer.sendall(b"y")
        assert hears_nothing(peer)
        dial(line).close()  # a new one is well
        peer.shutdown(socket.SHUT_WR)
        assert hears_nothing(peer)


def test_resets_and_refusals(line):
    with dial(line) as peer:
        line.reset()
        with pytest.raises(ConnectionResetError):
            peer.recv(1)
    with dial(line) as peer:
        line.cut_after(1000)
        with pytest.raises((ConnectionResetError, BrokenPipeError)):
            while True:
                seconds_for(peer, bytes(100))
    line.refuse()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(line.address)
    line.heal()
    dial(line).close()
    wait_until(lambda: line.open_connections == 0, "end of all connections", 5)


def test_the_wall_clock_steps_alone(tmp_path):
    clock = WallClock(tmp_path / "clock")
    clock.step(-3600)
    shown = subprocess.run(clock.wrap(["date", "+%s"]), env=os.environ, capture_output=True,
                           text=True, check=True)
    assert abs(time.time() - 3600 - int(shown.stdout)) < 10
