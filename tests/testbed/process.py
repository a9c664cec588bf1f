"""A child process with its output in a file. It never outlives the thread that started it."""

import contextlib
import ctypes
import os
import signal
import subprocess
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class Process:
    """One program, which may be started again after it ended.

    Its standard output and error are appended to `log_path`; `stdout_path` parts the two. `user` is
    who runs it when we are root. `death_signal` is what the kernel sends it when the thread that
    started it dies, so start processes from threads that live as long as they are needed.
    """

    def __init__(
        self,
        name: str,
        argv: list,
        log_path: Path,
        *,
        env: dict[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stdout_path: Path | None = None,
        death_signal: signal.Signals = signal.SIGKILL,
    ):
        self.name = name
        self.argv = [str(word) for word in argv]
        self.log_path = Path(log_path)
        self.stdout_path = stdout_path
        self._env = env
        self._cwd = cwd
        self._user = user
        self._death_signal = death_signal
        self._popen: subprocess.Popen | None = None

    def start(self) -> "Process":
        assert not self.running, f"{self.name} is running already"
        self.log_path.parent.mkdir(parents=True, exist_ok=True)
        stdout = open(self.stdout_path, "ab") if self.stdout_path else None
        with open(self.log_path, "ab") as log:
            self._popen = subprocess.Popen(
                self.argv,
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                env=self._env,
                cwd=self._cwd,
                user=self._user,
                group=self._user,
                extra_groups=None if self._user is None else [],
                start_new_session=True,  # Ctrl-C in the terminal is for us; we stop the children
                preexec_fn=self._die_with_parent,
            )
        if stdout:
            stdout.close()
        return self

    def _die_with_parent(self) -> None:
        # Runs in the child, after the change of user (which would clear it) and before exec.
        _LIBC.prctl(_PR_SET_PDEATHSIG, int(self._death_signal), 0, 0, 0)

    @property
    def pid(self) -> int:
        assert self._popen is not None, f"{self.name} was never started"
        return self._popen.pid

    @property
    def running(self) -> bool:
        return self._popen is not None and self._popen.poll() is None

    @property
    def returncode(self) -> int | None:
        """As subprocess says it: the exit status, or minus the signal; None while it runs."""
        return None if self._popen is None else self._popen.poll()

    def wait(self, seconds: float) -> int:
        """The return code. Raises TimeoutError with the end of the log."""
        try:
            return self._popen.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(
                f"{self.name} is still running after {seconds:g} s\n{self.log_tail()}"
            ) from None

    def send(self, number: signal.Signals) -> None:
        if self.running:
            os.kill(self.pid, number)

    def pause(self) -> None:
        self.send(signal.SIGSTOP)

    def resume(self) -> None:
        self.send(signal.SIGCONT)

    def kill(self) -> None:
        """SIGKILL to it and to what it started, and waits for its end."""
        if self.running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)
            self._popen.wait()

    def stop(self, seconds: float = 10, number: signal.Signals = signal.SIGTERM) -> int | None:
        """Asks it to end, and kills it after `seconds`. The return code; None if it never ran."""
        if self.running:
            self.resume()
            self.send(number)
            try:
                self._popen.wait(seconds)
            except subprocess.TimeoutExpired:
                self.kill()
        return self.returncode

    def log(self) -> str:
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log().splitlines()[-lines:])

    def __enter__(self) -> "Process":
        return self

    def __exit__(self, *_) -> None:
        self.stop()
