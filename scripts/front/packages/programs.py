"""The programs that are packed, and what their compiler put into them."""

import re
from pathlib import Path

from testbed import paths

from .. import build, cross
from ..terminal import Terminal
from .manifest import Library

# Debian's name of a machine -> the preset that builds the consumer for it, on such a machine.
_CONSUMERS = {"amd64": "consumer"}
_RUNTIME = (("musl", "libc/musl/COPYRIGHT"), ("libc++", "libcxx/LICENSE.TXT"),
            ("libunwind", "libunwind/LICENSE.TXT"))


def agent(terminal: Terminal, triplet: str) -> Path:
    """The static agent for a triplet, stripped."""
    return cross.build_agent(terminal, triplet)


def consumer(terminal: Terminal, arch: str) -> Path | None:
    """The consumer for an architecture of Debian, stripped; None where there is none."""
    preset = _CONSUMERS.get(arch)
    if preset is None:
        return None
    build.build(terminal, ("picket-consumer",), preset)
    stripped = paths.build_dir() / "package" / f"picket-consumer-{arch}"
    stripped.parent.mkdir(parents=True, exist_ok=True)
    with terminal.step("picket-consumer, stripped") as step:
        build.run(["strip", "-o", stripped, paths.build_dir() / preset / "consumer" / "picket-consumer"],
                  paths.build_dir() / "logs" / "strip.log", step)
    return stripped


def runtime_parts() -> list[Library]:
    """The C and C++ libraries that come with zig, as one part of the bill."""
    pinned = (paths.ROOT / "toolchains" / "zig.txt").read_text()
    version = re.search(r"^ziglang==(\S+)", pinned, re.MULTILINE)[1]
    return [Library("ziglang", version, "MIT AND Apache-2.0 WITH LLVM-exception", f"pkg:pypi/ziglang@{version}",
                    "", "", ("agent",))]


def runtime_licences() -> str:
    """Their licence texts. Raises FileNotFoundError before the first build."""
    folder = next((paths.ROOT / "build" / "zig").glob("lib/python3*/site-packages/ziglang/lib"))
    parts = [f"{'=' * 80}\n{name}, from zig\n{'=' * 80}\n\n{(folder / file).read_text()}"
             for name, file in _RUNTIME]
    return "\n\n" + "\n\n".join(parts)
