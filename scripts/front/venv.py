"""Python environments under build/, made of pinned wheels."""

import hashlib
import shutil
import sys
from pathlib import Path

from testbed import paths

from .build import run
from .terminal import Terminal


def python(terminal: Terminal) -> Path:
    """The interpreter of the integration tests."""
    return _made(terminal, paths.testbed_dir() / "venv", paths.ROOT / "tests" / "requirements.txt",
                 "Python environment of the integration tests")


def zig(terminal: Terminal) -> Path:
    """An interpreter with zig's compilers: PYTHON -m ziglang c++. toolchains/zig finds it where it is."""
    return _made(terminal, paths.ROOT / "build" / "zig", paths.ROOT / "toolchains" / "zig.txt",
                 "zig, from PyPI")


def _made(terminal: Terminal, folder: Path, requirements: Path, title: str) -> Path:
    """The interpreter with what `requirements` pins. Made when missing or outdated."""
    stamp = folder / "made-for"
    wanted = f"{sys.version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
    interpreter = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted and interpreter.exists():
        return interpreter
    with terminal.step(title) as step:
        shutil.rmtree(folder, ignore_errors=True)
        log = paths.build_dir() / "logs" / f"{folder.name}.log"
        run([sys.executable, "-m", "venv", folder], log, step)
        run([interpreter, "-m", "pip", "install", "--disable-pip-version-check",
             "--require-hashes", "--only-binary", ":all:", "-r", requirements], log, step)
        stamp.write_text(wanted)
    return interpreter
