"""A TCP proxy with a bad line behind it: slow, stalled, cut without a word, reset.

Standard library only. The faults are set while connections are open, from any thread:

    with TcpProxy(listen=("127.0.0.1", 9094), target=("127.0.0.1", 9095)) as proxy:
        proxy.latency = 0.3            # seconds, each way
        proxy.bytes_per_second = 8000  # each way, all connections together
        proxy.stalled = True           # accepts, forwards nothing, forgets nothing
        proxy.heal()
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine

SocketMaker = Callable[[], socket.socket]

_CHUNK = 4096
_QUEUED_CHUNKS = 64  # of one direction of one connection, while they wait for latency or bandwidth
_TICK = 0.02  # how soon a changed setting is noticed, seconds


class TcpProxy:
    """Listens at `listen` and forwards to `target`, both (host, port); port 0: any.

    `latency`, `bytes_per_second` and `stalled` are plain members. It ends with `stop`.
    """

    def __init__(self, listen: tuple[str, int], target: tuple[str, int],
                 listener: SocketMaker = socket.socket, dialler: SocketMaker = socket.socket):
        """`listener` and `dialler` make the sockets of the two sides, in another network, say."""
        self.latency = 0.0
        self.bytes_per_second: float | None = None
        self.stalled = False
        self.accepted = 0  # connections so far
        self.address = listen
        self._target = target
        self._listener_socket = listener
        self.dialler = dialler
        self._deaf = False  # bytes are read and dropped
        self._cut_after: int | None = None  # bytes left until all is reset
        self._links: set[_Link] = set()
        self._buckets = (_Bucket(), _Bucket())
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._listener: asyncio.Task | None = None

    def start(self) -> "TcpProxy":
        self._thread.start()
        self._call(self._open())
        return self

    def stop(self) -> None:
        if self._thread.is_alive():
            self._call(self._shut())
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def heal(self) -> None:
        """No more faults for what comes. Connections that went deaf stay so."""
        self.latency, self.bytes_per_second, self.stalled = 0.0, None, False
        self._call(self._heal())

    def refuse(self) -> None:
        """Connections end with a reset, new ones are refused by the kernel. Until `heal`."""
        self._call(self._refuse())

    def reset(self) -> None:
        """Every open connection gets a TCP reset at both ends (SO_LINGER 0)."""
        self._call(self._reset())

    def half_open(self) -> None:
        """What both ends send is dropped; neither sees a FIN or a reset, ever.

        So it is for the open connections, also after `heal`, and for those made before `heal`.
        """
        self._call(self._half_open())

    def cut_after(self, count: int) -> None:
        """A reset for all once `count` more bytes have passed, so in the midst of a request."""
        self._call(self._set_cut(count))

    @property
    def open_connections(self) -> int:
        return len(self._links)

    def __enter__(self) -> "TcpProxy":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    def _call(self, action: Coroutine) -> None:
        asyncio.run_coroutine_threadsafe(action, self._loop).result(10)

    async def _open(self) -> None:
        listener = self._listener_socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(self.address)
        listener.listen(64)
        listener.setblocking(False)
        self.address = listener.getsockname()[:2]
        self._listener = self._loop.create_task(self._accept(listener))

    async def _close_listener(self) -> None:
        if self._listener is not None:
            await _cancel(self._listener)
            self._listener = None

    async def _shut(self) -> None:
        await self._close_listener()
        await self._reset()

    async def _heal(self) -> None:
        self._deaf, self._cut_after = False, None
        if self._listener is None:
            await self._open()

    async def _refuse(self) -> None:
        await self._close_listener()
        await self._reset()

    async def _reset(self) -> None:
        for link in list(self._links):
            await link.reset()

    async def _half_open(self) -> None:
        self._deaf = True
        for link in self._links:
            link.deaf = True

    async def _set_cut(self, count: int) -> None:
        self._cut_after = count

    async def _accept(self, listener: socket.socket) -> None:
        with listener:
            while True:
                client, _ = await self._loop.sock_accept(listener)
                client.setblocking(False)
                self.accepted += 1
                link = _Link(self, client, self._deaf)
                self._links.add(link)
                link.run(self._loop, self._target)

    def passed(self, count: int) -> bool:
        """Counts bytes that go through; False: the connections are to be reset here."""
        if self._cut_after is None:
            return True
        self._cut_after -= count
        if self._cut_after > 0:
            return True
        self._cut_after = None
        return False

    def forget(self, link: "_Link") -> None:
        self._links.discard(link)

    async def shape(self, direction: int, due: float, count: int) -> None:
        """Waits until `count` bytes that came in at `due` less the latency may go out."""
        while (wait := due - self._loop.time()) > 0:
            await asyncio.sleep(wait)
        while self.stalled:
            await asyncio.sleep(_TICK)
        if (rate := self.bytes_per_second) is not None:
            await asyncio.sleep(self._buckets[direction].take(count, rate, self._loop.time()))


class _Bucket:
    """A token bucket without credit: each byte has its time on the wire."""

    def __init__(self):
        self._free_at = 0.0

    def take(self, count: int, rate: float, now: float) -> float:
        """Seconds until the bytes are through."""
        self._free_at = max(self._free_at, now) + count / rate
        return self._free_at - now


class _Link:
    """One connection and its other half, with a reader and a writer in each direction."""

    def __init__(self, proxy: TcpProxy, client: socket.socket, deaf: bool):
        self.deaf = deaf
        self._proxy = proxy
        self._ends = [client]
        self._task: asyncio.Task | None = None

    def run(self, loop: asyncio.AbstractEventLoop, target: tuple[str, int]) -> None:
        self._task = loop.create_task(self._run(loop, target))

    async def reset(self) -> None:
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        await _cancel(self._task)

    async def _run(self, loop: asyncio.AbstractEventLoop, target: tuple[str, int]) -> None:
        try:
            server = self._proxy.dialler()
            self._ends.append(server)
            server.setblocking(False)
            await loop.sock_connect(server, target)
            for end in self._ends:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            async with asyncio.TaskGroup() as group:
                for direction in (0, 1):
                    queue: asyncio.Queue = asyncio.Queue(_QUEUED_CHUNKS)
                    group.create_task(self._read(loop, self._ends[direction], queue))
                    group.create_task(
                        self._write(loop, self._ends[1 - direction], queue, direction))
        except* OSError:
            pass  # one end was reset or is not there: the finally resets the other
        finally:
            for end in self._ends:
                with contextlib.suppress(OSError):
                    end.close()
            self._proxy.forget(self)

    async def _read(self, loop, source: socket.socket, queue: asyncio.Queue) -> None:
        while True:
            try:
                data = await loop.sock_recv(source, _CHUNK)
            except OSError:
                if not self.deaf:
                    raise
                data = b""
            if self.deaf:
                if not data:
                    await asyncio.Event().wait()  # the other end shall never hear of it
                continue
            await queue.put((loop.time() + self._proxy.latency, data))
            if not data:
                return

    async def _write(self, loop, sink: socket.socket, queue: asyncio.Queue, direction: int) -> None:
        while True:
            due, data = await queue.get()
            await self._proxy.shape(direction, due, len(data))
            if self.deaf:
                continue
            if not data:
                sink.shutdown(socket.SHUT_WR)
                return
            await loop.sock_sendall(sink, data)
            if not self._proxy.passed(len(data)):
                loop.create_task(self._proxy._reset())


async def _cancel(task: asyncio.Task) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task
