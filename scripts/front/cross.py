"""./run cross: the agent for other machines, tested on them by qemu-user."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

from testbed import paths

from . import build, elf, pytests, results, venv
from .arguments import Parser
from .terminal import Terminal, clock

# Presets of CMakePresets.json. Zig's are what packages are made of; Debian's compilers are the second proof.
ZIG = ("x86_64", "aarch64", "armv7", "armv6", "mipsel", "mips", "riscv64")
DEBIAN = ("debian-armhf", "debian-arm64")

# Bytes of the stripped program, and of that after gzip -9; 1 MB is 1,000,000 bytes.
BUDGETS = {
    "armv7": (2_000_000, 1_000_000),
    "aarch64": (2_400_000, 1_100_000),
    "x86_64": (2_400_000, 1_100_000),
    "mipsel": (2_600_000, 1_100_000),
}


def build_agent(terminal: Terminal, triplet: str) -> Path:
    """Builds the agent for one of ZIG or DEBIAN from nothing; the stripped program. Raises build.Failed."""
    if triplet in ZIG and "PICKET_ZIG" not in os.environ:
        venv.zig(terminal)
    build.build(terminal, ("picket",), triplet)
    return program(triplet)


def program(triplet: str) -> Path:
    """Where build_agent() leaves the program."""
    return paths.build_dir() / triplet / "agent" / "picket"


def over_budget(triplet: str) -> list[str]:
    """What of the program's size is above its budget, as sentences; empty also where there is no budget."""
    if triplet not in BUDGETS:
        return []
    found = zip(("stripped", "gzip -9"), elf.sizes(program(triplet)), BUDGETS[triplet])
    return [f"{triplet}: {what} it has {size:,} bytes, {size - limit:,} more than its budget of {limit:,}"
            for what, size, limit in found if size > limit]


def main() -> int:
    parser = Parser(prog="./run cross", description=__doc__)
    parser.add_argument("triplets", nargs="+", choices=(*ZIG, *DEBIAN, "all"), metavar="TRIPLET",
                        help=f"{', '.join(ZIG)} (static), {', '.join(DEBIAN)}, or all")
    parser.add_argument("--test", action="store_true", help="runs the unit tests, by qemu-user")
    parser.add_argument("--check-size", action="store_true", help="fails when a size budget is exceeded")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    options = parser.parse_args()
    triplets = (*ZIG, *DEBIAN) if "all" in options.triplets else tuple(options.triplets)
    terminal = Terminal()
    found = results.Results()
    with build.alone(terminal):
        for triplet in triplets:
            terminal.heading(triplet)
            try:
                _one(terminal, triplet, options, found)
            except build.Failed as failure:
                terminal.line(str(failure))
                found.failed.append(f"build of {triplet}")
    for name in found.failed:
        terminal.line(f"failed: {name}")
    terminal.line()
    terminal.line(f"finished in {clock(terminal.elapsed())}")
    return 1 if found.failed else 0


def _one(terminal: Terminal, triplet: str, options: argparse.Namespace, found: results.Results) -> None:
    if triplet in DEBIAN:
        _install_packages(triplet, options.yes)
    picket = build_agent(terminal, triplet)
    stripped, packed = elf.sizes(picket)
    terminal.line(f"   {build.shown(picket)}: {stripped:,} bytes, {packed:,} after gzip -9")
    if options.check_size:
        found.failed += over_budget(triplet)
    if options.test:
        with terminal.step(f"unit tests for {triplet}") as step:
            build.run(["cmake", "--build", "--preset", triplet],
                      paths.build_dir() / "logs" / f"build-tests-{triplet}.log", step)
        report = pytests.report_file(f"ctest-{triplet}.xml")
        code = build.stream(["ctest", "--preset", triplet, "--output-junit", report])
        found.add(results.read(f"ctest {triplet}", report, code))


def _install_packages(purpose: str, yes: bool) -> None:
    sys.stdout.flush()
    words = [paths.ROOT / "scripts" / "install-deps", "--for", purpose, *["--yes"] * yes]
    if subprocess.run(words, check=False).returncode != 0:  # it may ask
        raise build.Failed(f"{purpose}: its packages are not installed")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
