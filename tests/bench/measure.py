"""CPU time and memory of a running process, and rounds of several contenders in turn."""

import os
from collections.abc import Callable
from pathlib import Path


class Unmeasured(Exception):
    """A figure could not be measured; the message says why."""


def cpu_seconds(pid: int) -> float:
    """CPU time, user and system, of all threads that live, in seconds.

    From schedstat (nanoseconds). Where the kernel keeps none: from stat, in ticks of 10 ms.
    """
    total = 0
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            total += int((task / "schedstat").read_text().split()[0])
        return total / 1e9
    except FileNotFoundError:
        return sum(map(int, _stat(pid)[11:13])) / os.sysconf("SC_CLK_TCK")


def family_cpu_seconds(pid: int) -> float:
    """CPU time of the process, of its living children, and of those that it has waited for.

    The latter are counted in ticks, so take it over seconds of work.
    """
    total = cpu_seconds(pid)
    total += sum(map(int, _stat(pid)[13:15])) / os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").glob("[0-9]*"):
        child = int(entry.name)
        try:
            if int(_stat(child)[1]) == pid:
                total += cpu_seconds(child)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended just now; its parent has its time
    return total


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat behind the name; proc(5) counts them from 3."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def status(pid: int, key: str) -> int:
    """The number behind `key` in /proc/PID/status; sizes are in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name == key:
            number, *unit = rest.split()
            return int(number) * (1024 if unit == ["kB"] else 1)
    raise Unmeasured(f"the kernel tells no {key} of process {pid}")


def in_turn(rounds: int, **contenders: Callable[[], float]) -> dict[str, tuple[float, ...]]:
    """Calls each contender once a round, A B A B ..., so that a change of the machine's load meets
    them all; what each returned, by its name. Every other round goes backwards."""
    found: dict[str, list[float]] = {name: [] for name in contenders}
    for number in range(rounds):
        names = list(contenders)
        for name in names if number % 2 == 0 else reversed(names):
            found[name].append(contenders[name]())
    return {name: tuple(values) for name, values in found.items()}
