"""Builds picket as anybody would: the default presets of CMakePresets.json."""

import contextlib
import fcntl
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from testbed import paths

from .terminal import Step, Terminal

_TAIL_BYTES = 4096
_ESCAPES = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Failed(Exception):
    """A command failed; the message is all there is to say."""


@contextlib.contextmanager
def alone(terminal: Terminal) -> Iterator[None]:
    """One ./run at a time in a checkout: they share build/. Waits for the other one."""
    paths.build_dir().mkdir(parents=True, exist_ok=True)
    with open(paths.build_dir() / "run.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            terminal.line("another ./run is at work in this checkout; waiting for it to end")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build(terminal: Terminal, targets: tuple[str, ...] = ("all",), preset: str = "default") -> None:
    """Sources, third-party libraries, what is asked for. Quick when it was done before."""
    logs = paths.build_dir() / "logs"
    end = "" if preset == "default" else f"-{preset}"
    with terminal.step("sources of the libraries, each with its SHA-256") as step:
        run([paths.ROOT / "third_party" / "fetch", "all"], logs / "fetch.log", step)
    with terminal.step("build files") as step:
        run(["cmake", "--preset", preset], logs / f"configure{end}.log", step)
    what = "picket and picket-consumer" if targets == ("all",) else " and ".join(targets)
    with terminal.step(f"libraries, {what}") as step:
        run(["cmake", "--build", "--preset", preset, "--target", *targets],
            logs / f"build{end}.log", step)


def run(words: list, log: Path, step: Step, env: dict[str, str] | None = None,
        cwd: Path = paths.ROOT) -> None:
    """Runs a command in `cwd` with its output in `log`, the last line of that as the step's detail.

    Raises Failed with the end of the log.
    """
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as output:
        child = subprocess.Popen([str(word) for word in words], cwd=cwd,
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
