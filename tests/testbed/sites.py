"""A web server whose paths behave well or badly, on HTTP and on HTTPS with several certificates.

    python3 -m testbed.sites FOLDER     listens, writes the ports to FOLDER/sites.json, serves

Paths (the query is read as named here):
    /good                  200, a short page with the word "ok" in it
    /slow?ms=400           the same, that much later
    /failing               500
    /missing               200, a page without the word "ok"
    /status?code=404       that status
    /redirect?times=2      that many redirects, then /good
    /loop                  a redirect to itself
    /big?bytes=2000000     a body of that size
    /endless               a body that does not end
    /drip?ms=200           one byte of the body at a time, that far apart
    /reset                 a TCP reset instead of an answer
    /silent                no answer at all
    /garbage               something that is not HTTP
    /hits                  JSON: how often each path was asked for
"""

import asyncio
import collections
import json
import socket
import ssl
import struct
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

_CHUNK = b"x" * 16384
_MAX_ANSWER_SECONDS = 120


class Sites:
    """The behaviours. One instance serves all ports."""

    def __init__(self):
        self._hits = collections.Counter()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_MAX_ANSWER_SECONDS):
                await self._answer(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, TimeoutError):
            pass  # a client that goes away is what half of the paths are about
        finally:
            writer.close()

    async def _answer(self, reader, writer) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        target = urlsplit(head.split(" ", 2)[1])
        query = dict(parse_qsl(target.query))
        self._hits[target.path] += 1
        handler = getattr(self, f"_do_{target.path.strip('/')}", None)
        if handler is None:
            _page(writer, 404, "no such page\n")
        else:
            await handler(reader, writer, query)
        await writer.drain()

    async def _do_good(self, _, writer, query) -> None:
        _page(writer, 200, "<h1>all systems ok</h1>\n")

    async def _do_slow(self, _, writer, query) -> None:
        await asyncio.sleep(int(query.get("ms", 400)) / 1000)
        _page(writer, 200, "<h1>ok, in the end</h1>\n")

    async def _do_failing(self, _, writer, query) -> None:
        _page(writer, 500, "<h1>database error</h1>\n")

    async def _do_missing(self, _, writer, query) -> None:
        _page(writer, 200, "<h1>back soon</h1>\n")

    async def _do_status(self, _, writer, query) -> None:
        _page(writer, int(query.get("code", 404)), "as you wish\n")

    async def _do_redirect(self, _, writer, query) -> None:
        times = int(query.get("times", 2))
        _redirect(writer, f"/redirect?times={times - 1}" if times > 1 else "/good")

    async def _do_loop(self, _, writer, query) -> None:
        _redirect(writer, "/loop")

    async def _do_big(self, _, writer, query) -> None:
        left = int(query.get("bytes", 2_000_000))
        _head(writer, 200, left)
        while left > 0:
            writer.write(_CHUNK[:left])
            left -= len(_CHUNK)
            await writer.drain()

    async def _do_endless(self, _, writer, query) -> None:
        _head(writer, 200, None)
        while True:
            writer.write(_CHUNK)
            await writer.drain()

    async def _do_drip(self, _, writer, query) -> None:
        _head(writer, 200, 10_000)
        for _ in range(10_000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(int(query.get("ms", 200)) / 1000)

    async def _do_reset(self, _, writer, query) -> None:
        # Closing with a linger time of zero sends RST.
        writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async def _do_silent(self, reader, writer, query) -> None:
        await reader.read()  # until the client goes

    async def _do_garbage(self, _, writer, query) -> None:
        writer.write(b"\x00\x01\x02 this is not the web\r\n\r\n")

    async def _do_hits(self, _, writer, query) -> None:
        _page(writer, 200, json.dumps(self._hits) + "\n")


def _head(writer, status: int, length: int | None, *more: str) -> None:
    lines = [f"HTTP/1.1 {status} X", "Content-Type: text/html; charset=utf-8", "Connection: close"]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    writer.write("\r\n".join([*lines, *more, "", ""]).encode())


def _page(writer, status: int, text: str) -> None:
    _head(writer, status, len(text))
    writer.write(text.encode())


def _redirect(writer, location: str) -> None:
    _head(writer, 302, 0, f"Location: {location}")


async def _main(folder: Path) -> None:
    sites = Sites()
    # Name of the port -> certificate; without a certificate it is plain HTTP.
    doors = {"http": None, "https": "ca/localhost", "https_expired": "ca/expired",
             "https_wrong_name": "ca/elsewhere", "https_stranger": "stranger/localhost"}
    ports = {}
    servers = []
    for name, certificate in doors.items():
        context = None
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(folder / "pki" / f"{certificate}.chain",
                                    folder / "pki" / f"{certificate}.key")
        server = await asyncio.start_server(sites.serve, "127.0.0.1", 0, ssl=context)
        ports[name] = server.sockets[0].getsockname()[1]
        servers.append(server)
    ready = folder / "sites.json.new"
    ready.write_text(json.dumps(ports))
    ready.rename(folder / "sites.json")
    await asyncio.gather(*(server.serve_forever() for server in servers))


if __name__ == "__main__":
    asyncio.run(_main(Path(sys.argv[1])))
