"""The user's own Kafka and PostgreSQL in place of the testbed's, as tests/.env names them.

The user of tests/.env must be able to make and delete topics that begin with KAFKA_TOPIC, and to
make and drop databases. Every test has topics and a database of its own, and all are gone at the
end. What needs a server that is ours (to kill it, to take rights away, to show a wrong certificate)
is skipped, and says so.
"""

import secrets
import shlex
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from testbed import paths
from testbed.admin import Admin
from testbed.broker import AGENT, SINK, User
from testbed.pki import Pki
from testbed.site_server import SiteServer

ENV_FILE = paths.ROOT / "tests" / ".env"
_SYSTEM_CA = "/etc/ssl/certs/ca-certificates.crt"
_NEEDED = ("KAFKA_BOOTSTRAP_SERVERS", "KAFKA_USERNAME", "KAFKA_PASSWORD", "KAFKA_TOPIC",
           "KAFKA_CONSUMER_GROUP", "DATABASE_URL")


def read_env(path: Path) -> dict[str, str]:
    """NAME=value a line, as a shell would take it; `export` and comments are allowed."""
    words = shlex.split(path.read_text(), comments=True)
    values = dict(word.split("=", 1) for word in words if "=" in word)
    missing = [name for name in _NEEDED if not values.get(name)]
    if missing:
        raise RuntimeError(f"{path} lacks {', '.join(missing)}")
    return values


class _Theirs:
    """A server of the user's: whatever a test wants of it that is not here, it must not have."""

    def __init__(self, what: str):
        self._what = what
        # Stage asks after every test whether its servers are well.
        self.process = SimpleNamespace(running=True, pause=lambda: self._refuse("pause"),
                                       resume=lambda: self._refuse("resume"))

    def heal(self) -> None:
        """Nothing was done to it."""

    def __getattr__(self, name: str):
        self._refuse(name)

    def _refuse(self, name: str):
        pytest.skip(f"tests/.env: the {self._what} is the user's ({name})")


class _Broker(_Theirs):
    def __init__(self, values: dict[str, str]):
        super().__init__("broker")
        self._values = values

    def address(self, listener: str = "client") -> str:
        if listener != "client":
            self._refuse(f"listener {listener}")
        return self._values["KAFKA_BOOTSTRAP_SERVERS"]


class _Postgres(_Theirs):
    def __init__(self, url: str):
        super().__init__("database")
        self._url = url
        self._made: list[str] = []

    def create_database(self, name: str) -> str:
        name = f"picket-test-{secrets.token_hex(4)}-{name}"[:63]
        with psycopg.connect(self._url, autocommit=True) as session:
            try:
                session.execute(f'CREATE DATABASE "{name}"')
            except psycopg.errors.InsufficientPrivilege:
                pytest.skip("tests/.env: the user of DATABASE_URL may make no databases")
        self._made.append(name)
        return urlunsplit(urlsplit(self._url)._replace(path=f"/{name}"))

    def drop_databases(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as session:
            for name in self._made:
                session.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


class _Admin(Admin):
    def __init__(self, login: dict):
        super().__init__(None, login)
        self._made: list[str] = []

    def create_topic(self, *names: str, **more) -> None:
        super().create_topic(*names, **more)
        self._made += names

    def grant(self, *_) -> None:
        pytest.skip("tests/.env: the broker is the user's (rights)")

    forbid = permit = grant

    def grant_prefix(self, prefix: str) -> None:
        """The user may do everything already."""

    def delete_topics(self) -> None:
        if self._made:
            self.delete_topic(*self._made)


class UserServices:
    """Stands for testbed.servers.Servers; the web sites are still those of the testbed."""

    def __init__(self, folder: Path, values: dict[str, str]):
        folder.mkdir(parents=True, exist_ok=True)
        run = secrets.token_hex(4)
        self.folder = folder
        self.topic_prefix = f"{values['KAFKA_TOPIC']}.test-{run}."
        self.group_prefix = f"{values['KAFKA_CONSUMER_GROUP']}.test-{run}."
        self.pki = Pki(folder / "pki")
        self.broker = _Broker(values)
        self.postgres = _Postgres(values["DATABASE_URL"])
        self.sites = SiteServer(folder)
        self._values = values
        self._admin: _Admin | None = None

    def login(self, user: User = AGENT) -> dict:
        if user not in (AGENT, SINK):
            pytest.skip(f"tests/.env: has no user {user.name}")
        value = self._values.get
        return {"username": value("KAFKA_USERNAME"), "password": value("KAFKA_PASSWORD"),
                "sasl_mechanism": value("PICKET_KAFKA_SASL_MECHANISM", "SCRAM-SHA-256"),
                "ca_file": value("PICKET_KAFKA_CA_FILE", _SYSTEM_CA)}

    def admin(self) -> _Admin:
        login = self.login()
        self._admin = _Admin({
            "bootstrap.servers": self.broker.address(), "security.protocol": "SASL_SSL",
            "sasl.mechanism": login["sasl_mechanism"], "sasl.username": login["username"],
            "sasl.password": login["password"], "ssl.ca.location": login["ca_file"]})
        return self._admin

    def __enter__(self) -> "UserServices":
        self.sites.start()
        return self

    def __exit__(self, *_) -> None:
        self.sites.stop()
        self.postgres.drop_databases()
        if self._admin:
            self._admin.delete_topics()
