"""Seconds from the broker's return until 10,000 buffered records are in Kafka."""

import shutil
import time
from pathlib import Path

from testbed import paths
from testbed.ports import free_ports
from testbed.process import Process
from testbed.programs import Agent
from testbed.wait import wait_until

from .figures import Figure
from .ground import Ground, running

_SECONDS = 120
_DEFAULT_RATE = 1000  # buffer.drain_rate
_UNTHROTTLED = 1_000_000
_TARGET = 1.5
_TARGET_DEFAULT = 1.3


def bench(ground: Ground) -> list[Figure]:
    """kafka.drain_10000.seconds, as configured and without the limit of drain_rate."""
    folder = ground.folder("drain")
    topic = ground.topic("drain")
    wanted = ground.sized(10_000, 500)
    broker = ground.servers.broker
    broker.stop()
    values = folder / "values"
    try:
        ground.say(f"filling a buffer with {wanted} records")
        buffer, records = _fill(ground, folder / "fill", topic, wanted)
        rounds: dict[str, list[float]] = {"unthrottled": [], "librdkafka": [], "default": []}
        for number in range(ground.rounds):
            ground.say(f"broker back, round {number + 1}")
            rounds["unthrottled"].append(
                _drain(ground, folder / "drain", topic, buffer, records, _UNTHROTTLED, values))
            rounds["librdkafka"].append(_send(ground, folder, topic, records))
            rounds["default"].append(
                _drain(ground, folder / "drain", topic, buffer, records, _DEFAULT_RATE, values))
    finally:
        if not broker.process.running:
            broker.start()
    note = f"{records} records"
    return [
        Figure("kafka.drain_10000.seconds", "s", tuple(rounds["default"]),
               f"drain_rate {_DEFAULT_RATE}/s", (records / _DEFAULT_RATE,), _TARGET_DEFAULT,
               note=note),
        Figure("kafka.drain_10000_unthrottled.seconds", "s", tuple(rounds["unthrottled"]),
               "bare librdkafka, OpenSSL", tuple(rounds["librdkafka"]), _TARGET, note=note),
    ]


def _agent(ground: Ground, folder: Path, topic: str, sites: list, rate: int, **defaults) -> Agent:
    return Agent(folder, {
        "agent": "gw-bench", "kafka": ground.kafka(topic), "defaults": defaults, "sites": sites,
        "buffer": {"drain_rate": rate, "max_bytes": "64MiB"}})


def _fill(ground: Ground, folder: Path, topic: str, wanted: int) -> tuple[Path, int]:
    """A buffer with at least `wanted` records, of an agent that has ended: its folder, and how many
    records it holds. The sites refuse connections: such probes cost least."""
    shutil.rmtree(folder, ignore_errors=True)
    url = f"http://127.0.0.1:{free_ports(1)[0]}/"
    sites = [{"name": f"site-{number:03}", "url": url} for number in range(100)]
    agent = _agent(ground, folder, topic, sites, _DEFAULT_RATE, interval="100ms")
    with running(agent.process):
        wait_until(lambda: agent.metric("picket_buffer_records") >= wanted, "full buffer",
                   _SECONDS, alive=[agent.process], every=0.1)
    quiet = _quiet_agent(ground, folder, topic, _DEFAULT_RATE)
    with running(quiet.process):
        records = wait_until(lambda: max(quiet.metric("picket_buffer_records"), 0),
                             "count of buffered records", alive=[quiet.process])
    return folder, int(records)


def _quiet_agent(ground: Ground, folder: Path, topic: str, rate: int) -> Agent:
    """An agent that has a buffer to drain and next to nothing to probe."""
    url = f"http://127.0.0.1:{free_ports(1)[0]}/"
    return _agent(ground, folder, topic, [{"name": "one", "url": url}], rate, interval="1h")


def _drain(ground: Ground, folder: Path, topic: str, buffer: Path, records: int,
           rate: int, values: Path) -> float:
    """Seconds from the broker's return to an empty buffer. The broker is down before and after.
    Writes to `values`, unless it is there, what came: a record a line."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(buffer, folder, ignore=shutil.ignore_patterns("*.log", "*.yaml", "*.sock"))
    agent = _quiet_agent(ground, folder, topic, rate)
    with running(agent.process):
        wait_until(lambda: agent.metric("picket_buffer_records") >= records,
                   "agent with its buffer", 30, alive=[agent.process])
        begin = _broker_back(ground)
        wait_until(lambda: agent.metric("picket_buffer_records") == 0, "empty buffer", _SECONDS,
                   alive=[agent.process], every=0.01)
        seconds = time.monotonic() - begin
    if not values.exists():
        values.write_bytes(b"".join(message.value() + b"\n"
                                    for message in ground.admin.read(topic)))
    ground.servers.broker.stop()
    return seconds


def _send(ground: Ground, folder: Path, topic: str, records: int) -> float:
    """The same for a bare producer that has as many of these records in its queue."""
    log = folder / "bare_producer.log"
    log.unlink(missing_ok=True)
    process = Process("bare_producer", [
        paths.program("bare_producer_openssl"), topic, records, folder / "values", _SECONDS,
        *ground.librdkafka()], log)
    with running(process):
        wait_until(lambda: "queued" in process.log(), "queued records", 30, alive=[process])
        begin = _broker_back(ground)
        wait_until(lambda: "delivered=" in process.log(), "delivered records", _SECONDS,
                   every=0.01)
        seconds = time.monotonic() - begin
        if f"delivered={records} " not in process.log():
            raise RuntimeError(f"bare_producer: {process.log_tail()}")
    ground.servers.broker.stop()
    return seconds


def _broker_back(ground: Ground) -> float:
    ground.servers.broker.start()
    return time.monotonic()
