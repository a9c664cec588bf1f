"""The code keeps to the C++ that gcc 12, clang 19 and zig's libc++ all have."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from testbed import paths

_GUARD = Path(__file__).with_name("guard.cc")
_LAYERS = ("agent", "consumer", "port", "record", "settings")
_INCLUDE = re.compile(r"^#include <([a-z_]+)>", re.MULTILINE)  # C++'s own: no ".h", no folder
_ZIG = paths.ROOT / "build" / "zig" / "bin" / "python"  # made by ./run test --all


def _compilers() -> dict[str, list[str] | None]:
    """Name -> command; None where it is not installed."""
    found = {"gcc 12": ["g++-12"], "clang 19": ["clang++-19"],
             "zig": [str(_ZIG), "-m", "ziglang", "c++"]}
    return {name: words if shutil.which(words[0]) else None for name, words in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("compiler", ["gcc 12", "clang 19", "zig"])
def test_guard_compiles_and_runs(compiler, tmp_path):
    words = _compilers()[compiler]
    if words is None:
        pytest.skip(f"{compiler} is not installed")
    # zig compiles its libc++ at the first call, which takes minutes: that is kept.
    cache = {"ZIG_GLOBAL_CACHE_DIR": str(paths.testbed_dir() / "zig-cache")}
    subprocess.run([*words, "-std=c++23", "-Wall", "-Wextra", "-Werror", "-pthread", _GUARD,
                    "-o", tmp_path / "guard"], check=True, env=os.environ | cache)
    assert subprocess.run([tmp_path / "guard"], timeout=30, check=False).returncode == 0


def test_code_includes_what_the_guard_includes():
    allowed = set(_INCLUDE.findall(_GUARD.read_text()))
    strange = {f"{path.relative_to(paths.ROOT)}: <{header}>"
               for layer in _LAYERS for path in (paths.ROOT / layer).rglob("*.[ch]*")
               for header in _INCLUDE.findall(path.read_text()) if header not in allowed}
    assert not strange
