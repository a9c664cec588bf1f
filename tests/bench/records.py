"""Records as agents send them, many and cheaply made."""

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass

_EPOCH = 1234567890123456789
_SITES = 20


@dataclass(frozen=True)
class Made:
    """A record: what Kafka is given."""

    agent: str
    seq: int
    value: bytes

    @property
    def headers(self) -> list[tuple[str, bytes]]:
        return [("agent", self.agent.encode()), ("epoch", str(_EPOCH).encode()),
                ("seq", str(self.seq).encode())]


def made(agents: int, each: int) -> Iterator[Made]:
    """Records 1..each of `agents` agents with 20 sites, agents in turn, all of the last hour."""
    begin = datetime.datetime.now(datetime.UTC) - datetime.timedelta(hours=1)
    names = [f"gw-{number:04}" for number in range(agents)]
    for seq in range(1, each + 1):
        when = begin + datetime.timedelta(hours=1) * (seq / (each + 1))
        site = seq % _SITES
        common = {
            "name": f"site-{site}", "url": f"https://site-{site}.example/health",
            "response_time": 12.345 + seq % 97, "status_code": 200, "regex": "systems ok",
            "regex_check": True, "timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "clock": "ok", "epoch": str(_EPOCH), "seq": seq, "outcome": "up", "error": None,
            "http_version": "1.1", "tls_version": "1.3", "ip": "192.0.2.7", "bytes": 10240,
            "cert_not_after": "2030-01-01T00:00:00Z",
            "phases": {"dns": 0.123, "connect": 1.234 + seq % 13, "tls": 3.456,
                       "ttfb": 7.89 + seq % 89, "transfer": 0.25}}
        for agent in names:
            yield Made(agent, seq, json.dumps(common | {"agent": agent}).encode())
