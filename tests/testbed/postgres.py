"""A real PostgreSQL in a folder of its own, on a loopback port, with fsync on."""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from .ports import free_ports
from .process import Process
from .wait import wait_until

_SETTINGS = """\
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 50
shared_buffers = 64MB
log_min_duration_statement = 5s
timezone = 'UTC'
# After a crash: one call, instead of an fsync of each file of each test's database (half a minute).
recovery_init_sync_method = syncfs
"""


class Postgres:
    """`create` once, then `start` and `stop`, `crash` as often as one likes: the data stays.

    The consumer's user, `picket`, owns its databases and is nothing more. PostgreSQL refuses to run
    as root: when we are root it runs as `postgres` (or `nobody`).
    """

    USER = "picket"

    def __init__(self, folder: Path):
        self._user = _unprivileged_user()
        self._folder = folder
        self._data = folder / "data"
        self._port = free_ports(1)[0]
        self._bin = _server_folder()
        self._password = secrets.token_hex(8)
        self.process = self._server()

    def _server(self) -> Process:
        # SIGQUIT is its "immediate shutdown": should we be killed, no worker of it stays behind.
        return Process("postgres", [self._bin / "postgres", "-D", self._data],
                       self._folder / "postgres.log", user=self._user,
                       death_signal=signal.SIGQUIT)

    def create(self) -> None:
        """Makes an empty cluster."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        if self._user and not self._reachable():
            # The checkout lies below a folder (/root, say) that the other user may not enter.
            elsewhere = Path(tempfile.mkdtemp(prefix="picket-postgres-", dir="/var/tmp"))
            elsewhere.chmod(0o755)
            (self._folder / "elsewhere").symlink_to(elsewhere)
            self._data = elsewhere / "data"
            self.process = self._server()
        self._data.mkdir(mode=0o700)
        password_file = self._folder / "password"
        password_file.write_text(self._password)
        if self._user:
            shutil.chown(self._data, self._user, self._user)
        with open(password_file) as password:
            self._run([self._bin / "initdb", "-D", self._data, "-U", "postgres", "-E", "UTF8",
                       "--locale=C", "-A", "scram-sha-256", "--pwfile=/dev/stdin", "--no-sync"],
                      stdin=password)
        with open(self._data / "postgresql.conf", "a") as config:
            config.write(_SETTINGS.format(port=self._port))

    def start(self, seconds: float = 90) -> None:
        """Starts it and waits until it answers; after a crash that includes the recovery."""
        # A backend of a crashed server may live for a moment and hold its port and memory.
        wait_until(lambda: not (self._data / "postmaster.pid").exists() or not self._others(),
                   "end of the old PostgreSQL", 20)
        self.process.start()
        wait_until(self._answers, "running PostgreSQL", seconds, alive=[self.process])

    def stop(self) -> None:
        """A fast shutdown: sessions are ended, all is written."""
        self.process.stop(20, signal.SIGINT)

    def discard(self) -> None:
        """The end: stopped, and what lies outside its folder is removed."""
        self.stop()
        self._forget_elsewhere()

    def crash(self) -> None:
        """`pg_ctl stop -m immediate`: no checkpoint, open transactions are lost."""
        self.process.stop(20, signal.SIGQUIT)

    def url(self, database: str, user: str = USER) -> str:
        return f"postgresql://{user}:{self._password}@127.0.0.1:{self._port}/{database}"

    @property
    def admin_url(self) -> str:
        return self.url("postgres", "postgres")

    def create_user(self) -> None:
        self.psql(self.admin_url, f"CREATE ROLE {self.USER} LOGIN PASSWORD '{self._password}'")

    def create_database(self, name: str) -> str:
        """An empty database that the consumer's user owns; its URL."""
        self.psql(self.admin_url, f'CREATE DATABASE "{name}" OWNER {self.USER}')
        return self.url(name)

    def psql(self, url: str, sql: str, *words: str) -> str:
        """What psql prints: bare rows, fields parted by '|', unless `words` say otherwise."""
        done = subprocess.run(
            [self._bin / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", *(words or ("-At",)), "-d",
             url, "-c", sql], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr}")
        return done.stdout.rstrip("\n")

    def _answers(self) -> bool:
        return subprocess.run(
            [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self._port)],
            stdin=subprocess.DEVNULL, check=False).returncode == 0

    def _others(self) -> bool:
        """Whether a process still has the data folder as its working folder."""
        for entry in Path("/proc").glob("[0-9]*/cwd"):
            try:
                if entry.readlink() == self._data:
                    return True
            except OSError:
                continue  # it ended, or is not ours to look at
        return False

    def _reachable(self) -> bool:
        return self._run(["/bin/sh", "-c", 'test -x "$1"', "sh", self._folder],
                         check=False).returncode == 0

    def _run(self, words: list, stdin=subprocess.DEVNULL, check: bool = True):
        done = subprocess.run([str(word) for word in words], stdin=stdin, capture_output=True,
                              text=True, user=self._user, group=self._user, cwd="/",
                              extra_groups=[] if self._user else None, check=False)
        if check and done.returncode != 0:
            raise RuntimeError(f"{words[0]} failed:\n{done.stdout}{done.stderr}")
        return done

    def _forget_elsewhere(self) -> None:
        link = self._folder / "elsewhere"
        if link.is_symlink():
            shutil.rmtree(link.readlink(), ignore_errors=True)


def _server_folder() -> Path:
    """Where initdb and postgres are: on the path, by pg_config, or where Debian puts them."""
    places = []
    found = shutil.which("initdb")
    if found:
        places.append(Path(found).resolve().parent)
    if shutil.which("pg_config"):
        said = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=True)
        places.append(Path(said.stdout.strip()))
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for place in places:
        if (place / "initdb").exists() and (place / "postgres").exists():
            return place
    raise RuntimeError("no PostgreSQL server; looked at "
                       f"{', '.join(map(str, places)) or 'the path'}")


def _unprivileged_user() -> str | None:
    """Who runs it: None for ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise RuntimeError("PostgreSQL does not run as root, and there is no other user to run it as")
