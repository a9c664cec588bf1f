"""A program that sees file systems of its own: small, read-only, or with another /etc/resolv.conf."""

import subprocess

from .process import Process

_UNSHARE = ["unshare", "--mount", "--propagation", "private"]


def permitted() -> bool:
    """Whether we may give a program mounts of its own."""
    try:
        return subprocess.run([*_UNSHARE, "mount", "-t", "tmpfs", "none", "/mnt"],
                              stdin=subprocess.DEVNULL, capture_output=True,
                              check=False).returncode == 0
    except FileNotFoundError:
        return False


def give(process: Process, *commands: str) -> Process:
    """Before the program starts, `commands` (for sh) are run where only it sees their mounts."""
    script = " && ".join([*commands, 'exec "$@"'])
    process.argv = [*_UNSHARE, "sh", "-c", script, "sh", *process.argv]
    return process


def run_inside(process: Process, *words) -> None:
    """Runs a command that sees what the running program sees."""
    done = subprocess.run(["nsenter", "-t", str(process.pid), "-m", *map(str, words)],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{words[0]}: {done.stderr}")
