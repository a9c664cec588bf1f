"""CPU time of sending: librdkafka on the agent's TLS beside librdkafka on OpenSSL."""

import re
import subprocess
from pathlib import Path

from testbed import paths

from . import records
from .figures import Figure
from .ground import Ground
from .measure import Unmeasured, in_turn

_SECONDS = 120


def bench(ground: Ground) -> list[Figure]:
    """kafka.cpu_s_per_million, compressed as the agent does, and not compressed."""
    folder = ground.folder("kafka")
    ground.fast_broker()
    topic = ground.topic("cpu")
    count = ground.sized(100_000, 10_000)
    values = folder / "values"
    values.write_bytes(b"".join(made.value + b"\n" for made in records.made(20, 500)))

    def sender(program: str, compression: str):
        return lambda: _send(ground, program, topic, values, count, compression)

    found = []
    for name, compression in (("kafka.cpu_s_per_million", "lz4"),
                              ("kafka.cpu_s_per_million_uncompressed", "none")):
        ground.say(f"sending {count} records a round, compression {compression}")
        spent = in_turn(ground.rounds, mbedtls=sender("bare_producer_mbedtls", compression),
                        openssl=sender("bare_producer_openssl", compression))
        found.append(Figure(name, "s", spent["mbedtls"], "librdkafka on OpenSSL",
                            spent["openssl"], note=f"{count} records a round, {compression}"))
    return found


def _send(ground: Ground, program: str, topic: str, values: Path, count: int,
          compression: str) -> float:
    """CPU seconds of the sender for a million records, its start included."""
    done = subprocess.run(
        [str(word) for word in (paths.program(program), topic, count, values, _SECONDS,
                                *ground.librdkafka(compression_type=compression))],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2 * _SECONDS, check=False)
    found = re.search(r"delivered=(\d+) cpu_s=([0-9.]+)", done.stdout)
    if done.returncode != 0 or not found or int(found[1]) != count:
        raise Unmeasured(f"{program}: {done.stdout}{done.stderr}"[:500])
    return float(found[2]) * 1e6 / count
