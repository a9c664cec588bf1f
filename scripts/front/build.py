"""Builds picket as anybody would: the default presets of CMakePresets.json."""

import os
import re
import subprocess
import sys
from pathlib import Path

from testbed import paths

from .terminal import Step, Terminal

_TAIL_BYTES = 4096
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Failed(Exception):
    """A command failed; the message is all there is to say."""


def build(terminal: Terminal) -> None:
    """Sources, third-party libraries, programs. Quick when it was done before."""
    logs = paths.build_dir() / "logs"
    with terminal.step("sources of the libraries, each with its SHA-256") as step:
        run([paths.ROOT / "third_party" / "fetch", "all"], logs / "fetch.log", step)
    with terminal.step("build files") as step:
        run(["cmake", "--preset", "default"], logs / "configure.log", step)
    with terminal.step("libraries, picket and picket-consumer") as step:
        run(["cmake", "--build", "--preset", "default"], logs / "build.log", step)


def run(words: list, log: Path, step: Step, env: dict[str, str] | None = None) -> None:
    """Runs a command with its output in `log` and the last line of that as the step's detail.

    Raises Failed with the end of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        child = subprocess.Popen([str(word) for word in words], cwd=paths.ROOT,
                                 stdin=subprocess.DEVNULL, stdout=output,
                                 stderr=subprocess.STDOUT,
                                 env=None if env is None else os.environ | env)
        try:
            while True:
                try:
                    code = child.wait(0.2)
                    break
                except subprocess.TimeoutExpired:
                    step.detail = _last_line(log)
        except BaseException:
            child.terminate()
            child.wait()
            raise
    if code != 0:
        tail = "\n".join(log.read_text(errors="replace").splitlines()[-40:])
        raise Failed(f"{tail}\n\n{words[0]} failed with {code}; all it said is in {shown(log)}")


def shown(path: Path) -> str:
    """A path as a person would type it from where they are."""
    try:
        return os.path.relpath(path) if path.is_relative_to(Path.cwd()) else str(path)
    except OSError:
        return str(path)


def stream(words: list, env: dict[str, str] | None = None) -> int:
    """Runs a command with its output in sight; its exit code."""
    sys.stdout.flush()
    return subprocess.run([str(word) for word in words], cwd=paths.ROOT, stdin=subprocess.DEVNULL,
                          env=None if env is None else os.environ | env, check=False).returncode


def _last_line(log: Path) -> str:
    with open(log, "rb") as file:
        file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
        lines = _ESCAPES.sub("", file.read().decode(errors="replace")).split("\n")
    found = [line.strip() for line in lines if line.strip()]
    return found[-1].split("\r")[-1] if found else ""
