"""The Python environment of the integration tests, in build/testbed/venv."""

import hashlib
import shutil
import sys
from pathlib import Path

from testbed import paths

from .build import run
from .terminal import Terminal

_REQUIREMENTS = paths.ROOT / "tests" / "requirements.txt"


def python(terminal: Terminal) -> Path:
    """The interpreter with what tests/requirements.txt pins. Made when missing or outdated."""
    folder = paths.testbed_dir() / "venv"
    stamp = folder / "made-for"
    wanted = f"{sys.version} {hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()}"
    interpreter = folder / "bin" / "python"
    if stamp.exists() and stamp.read_text() == wanted and interpreter.exists():
        return interpreter
    with terminal.step("Python environment of the integration tests") as step:
        shutil.rmtree(folder, ignore_errors=True)
        log = paths.build_dir() / "logs" / "venv.log"
        run([sys.executable, "-m", "venv", folder], log, step)
        run([interpreter, "-m", "pip", "install", "--disable-pip-version-check",
             "--require-hashes", "--only-binary", ":all:", "-r", _REQUIREMENTS], log, step)
        stamp.write_text(wanted)
    return interpreter
