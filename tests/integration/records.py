"""Records as an agent would send them, made by hand to feed a consumer."""

import datetime
import json
import secrets

from testbed.admin import Record


def new_epoch() -> int:
    return secrets.randbelow(2**63 - 1) + 1


def body(agent: str, epoch: int, seq: int, **changes) -> dict:
    """A probe result. `changes` replace members; None is written as null."""
    now = datetime.datetime.now(datetime.UTC)
    return {
        "name": "shop", "url": "https://shop.example/health", "response_time": 12.5,
        "status_code": 200, "regex": "ok", "regex_check": True,
        "timestamp": now.strftime("%Y-%m-%dT%H:%M:%S.%fZ"), "clock": "ok",
        "agent": agent, "epoch": str(epoch), "seq": seq, "outcome": "up", "error": None,
        "phases": {"dns": 0.1, "connect": 0.2, "tls": 3.0, "ttfb": 8.0, "transfer": 1.2},
        **changes,
    }


def record(agent: str, epoch: int, seq: int, partition: int = 0, **changes) -> Record:
    return as_record(body(agent, epoch, seq, **changes), partition)


def as_record(value: dict, partition: int = 0) -> Record:
    headers = tuple((name, str(value[name]).encode()) for name in ("agent", "epoch", "seq"))
    return Record(json.dumps(value).encode(), value["agent"].encode(), headers, partition)


def run(agent: str, epoch: int, first: int, last: int, partition: int = 0) -> list[Record]:
    """The records first..last of a lane."""
    return [record(agent, epoch, seq, partition) for seq in range(first, last + 1)]
