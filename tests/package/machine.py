"""A Debian that boots in a container of systemd-nspawn, with the network of its host."""

import shutil
import subprocess
from pathlib import Path

from testbed.process import Process
from testbed.wait import wait_until

from rootfs import Unavailable

_BOOT_SECONDS = 60


class Machine:
    """`with Machine(root, log)`: booted; powered off at the end."""

    def __init__(self, root: Path, log: Path):
        self.root = root
        if shutil.which("systemd-nspawn") is None:
            raise Unavailable("systemd-nspawn is not installed (Debian: systemd-container)")
        self.process = Process("machine", [
            "systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--boot", f"--directory={root}"], log)

    def __enter__(self) -> "Machine":
        self.process.start()
        try:
            wait_until(self._booted, "a booted system", _BOOT_SECONDS, alive=[self.process])
        except BaseException as error:
            self.process.stop()
            raise Unavailable(f"systemd-nspawn does not boot here: {self.process.log_tail(3)}") from error
        return self

    def __exit__(self, *_) -> None:
        self.process.stop(15)

    def run(self, *words: str, seconds: float = 60) -> subprocess.CompletedProcess:
        """A command in the machine, as root; its output and exit code."""
        return subprocess.run(
            ["nsenter", "--target", str(self._init()), "--mount", "--uts", "--ipc", "--pid", "--cgroup",
             "--root", "--wd", "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
             *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds, check=False)

    def must(self, *words: str, seconds: float = 60) -> str:
        """As run(), for what has to succeed: its output."""
        done = self.run(*words, seconds=seconds)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def state(self, unit: str) -> str:
        """active, inactive, failed, ..."""
        return self.run("systemctl", "is-active", unit).stdout.strip()

    def write(self, path: str, text: str, mode: int = 0o600) -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=mode)
        file.write_text(text)

    def _init(self) -> int:
        """Its first process, as its host sees it."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return int(children.split()[0])

    def _booted(self) -> bool:
        try:
            return self.run("systemctl", "is-system-running").stdout.strip() in ("running", "degraded")
        except (IndexError, FileNotFoundError):
            return False  # no first process yet
