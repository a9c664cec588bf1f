"""Bytes on disk and in memory, and threads, of the agent, beside its budgets."""

import gzip
import shutil
import subprocess
from pathlib import Path

from front import cross
from testbed import paths
from testbed.programs import Agent
from testbed.wait import wait_until

from .elf import describe
from .figures import Figure
from .ground import Ground, running
from .measure import status

# Bytes.
_RSS_ONLINE, _RSS_OFFLINE = 3_500_000, 4_000_000
_THREADS = 5 + 1  # and one a broker: here is one
_SITES = 20


def bench(ground: Ground) -> list[Figure]:
    """footprint.ARCH.*"""
    folder = ground.folder("footprint")
    program = paths.program("picket")
    arch, linkage = describe(program)
    online, offline = _memory(ground, folder)

    def figure(what: str, unit: str, value: int, budget: int | None) -> Figure:
        return _figure(arch, what, unit, value, budget, linkage)

    return [
        *_all_sizes(program, folder),
        figure("rss_20_sites_bytes", "B", online["VmRSS"], _RSS_ONLINE),
        figure("rss_20_sites_offline_bytes", "B", offline["VmRSS"], _RSS_OFFLINE),
        figure("anonymous_20_sites_bytes", "B", online["RssAnon"], None),
        figure("threads", "", online["Threads"], _THREADS),
    ]


def _figure(arch: str, what: str, unit: str, value: int, budget: int | None, note: str) -> Figure:
    reference = {} if budget is None else {
        "reference": "budget", "reference_rounds": (budget,), "target": 1.0}
    return Figure(f"footprint.{arch}.{what}", unit, (value,), note=note, **reference)


def _all_sizes(program: Path, folder: Path) -> list[Figure]:
    """Of every triplet that ./run cross has built; of `program` where its own was not."""
    built = {name: cross.program(name) for name in cross.ZIG if cross.program(name).exists()}
    arch, _ = describe(program)
    built.setdefault(arch, program)
    found = []
    for name, binary in built.items():
        _, linkage = describe(binary)
        stripped, packed = _sizes(binary, folder)
        budgets = cross.BUDGETS.get(name, (None, None))
        found += [_figure(name, "stripped_bytes", "B", stripped, budgets[0], linkage),
                  _figure(name, "gzip_bytes", "B", packed, budgets[1], linkage)]
    return found


def _sizes(program: Path, folder: Path) -> tuple[int, int]:
    """Bytes of the stripped program, and of that with gzip -9."""
    stripped = folder / "picket"
    shutil.copy(program, stripped)
    if program == paths.program("picket"):  # those for other machines are linked without symbols
        subprocess.run(["strip", stripped], check=True, capture_output=True)
    data = stripped.read_bytes()
    return len(data), len(gzip.compress(data, 9, mtime=0))


def _memory(ground: Ground, folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """The agent's memory and threads, online and then cut off and buffering."""
    interval, turns = (ground.sized(10, 1), ground.sized(3, 2))
    url = ground.servers.sites.url("/good", "https")
    ca_file = str(ground.servers.pki.ca)
    agent = Agent(folder, {
        "kafka": ground.kafka(ground.topic("footprint")),
        "defaults": {"interval": f"{interval}s", "ca_file": ca_file},
        "sites": [{"name": f"site-{number}", "url": url, "regex": "ok"}
                  for number in range(_SITES)]})
    ground.say(f"memory of the agent with {_SITES} sites every {interval} s, online")
    with running(agent.process):
        wanted = turns * _SITES
        wait_until(lambda: agent.acknowledged() >= wanted, "acknowledged records",
                   interval * (turns + 3), alive=[agent.process], every=0.25)
        online = _reading(agent)
        ground.say("memory of the agent, offline")
        ground.servers.broker.stop()
        try:
            wait_until(lambda: agent.metric("picket_buffer_records") >= wanted, "buffered records",
                       interval * (turns + 3), alive=[agent.process], every=0.25)
            offline = _reading(agent)
        finally:
            ground.servers.broker.start()
    return online, offline


def _reading(agent: Agent) -> dict[str, int]:
    return {key: status(agent.process.pid, key) for key in ("VmRSS", "RssAnon", "Threads")}
