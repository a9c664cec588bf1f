"""What one test plays on: a topic, a database, a folder, and the programs it starts there."""

import contextlib
import json
import re
import shutil
import subprocess
from pathlib import Path

import psycopg
import pytest
from confluent_kafka import Message

from testbed import paths
from testbed.admin import Admin
from testbed.broker import AGENT, SINK, Broker, User
from testbed.cluster import Cluster
from testbed.process import Process
from testbed.programs import Agent, Consumer, clean_environment
from testbed.servers import Servers
from testbed.wait import wait_until


class Stage:
    """`with Stage(...)`: whatever is started through it is stopped at the end."""

    def __init__(self, name: str, folder: Path, servers: Servers, admin: Admin,
                 kafka: Broker | Cluster | None = None):
        """`kafka`: None for that of `servers`; `admin` is its administrator."""
        self.folder = folder
        self.servers = servers
        self.admin = admin
        self.broker = kafka or servers.broker
        self.postgres = servers.postgres
        self.sites = servers.sites
        self.group = f"{servers.group_prefix}{name}"
        self._name = name
        self._topic: str | None = None
        self._url: str | None = None
        self._agents = 0
        self._processes: list[Process] = []
        self._exit = contextlib.ExitStack()

    @classmethod
    def of_test(cls, request, servers: Servers, admin: Admin,
                kafka: Broker | Cluster | None = None) -> "Stage":
        """Named after the test that asks for it, with an empty folder."""
        if kafka is not None and not isinstance(servers, Servers):
            pytest.skip("tests/.env: the test has a Kafka of its own")
        # PostgreSQL cuts names at 63 bytes: the number keeps them apart.
        number = request.session.items.index(request.node)
        words = re.sub(r"[^a-z0-9]+", "-", request.node.name.lower())[5:55].strip("-")
        name = f"{number}-{words}"
        folder = servers.folder.parent / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return cls(name, folder, servers, admin, kafka)

    def __enter__(self) -> "Stage":
        # First in, last out: the next test finds its servers well.
        self._exit.callback(self._heal_servers)
        return self

    def __exit__(self, *_) -> None:
        self._exit.close()

    def processes(self) -> list[Process]:
        return self._processes

    @property
    def topic(self) -> str:
        """A topic of this test (and its status topic), made when first asked for."""
        if self._topic is None:
            self.make_topic()
        return self._topic

    def make_topic(self, **config: str) -> None:
        """The same, with properties ('_' for '.') for the topic of the results."""
        assert self._topic is None
        self._topic = f"{self.servers.topic_prefix}{self._name}"
        self.admin.create_topic(self._topic, **config)
        self.admin.create_topic(f"{self._topic}.status")

    @property
    def database_url(self) -> str:
        """A database of this test, made when first asked for."""
        if self._url is None:
            self._url = self.postgres.create_database(self._name)
        return self._url

    def connect(self) -> psycopg.Connection:
        """A session on the test's database, in autocommit mode."""
        connection = psycopg.connect(self.database_url, autocommit=True)
        self._exit.callback(connection.close)
        return connection

    def kafka(self, user: User = AGENT, listener: str = "client", **more) -> dict:
        """The kafka section of a configuration."""
        return {"brokers": self.broker.address(listener).split(","), "topic": self.topic,
                **self.servers.login(user), **more}

    def sink_kafka(self, **more) -> dict:
        """The kafka section of a consumer's configuration."""
        return self.kafka(SINK, group=self.group, **more)

    def agent(self, sites: list | None = None, **sections) -> Agent:
        """An agent (not started), by default with one site, probed ten times a second."""
        sites = sites or [{"name": "good", "url": self.sites.url("/good"), "regex": "ok"}]
        config = {"defaults": {"interval": "100ms", "timeout": "100ms"}, "kafka": self.kafka(),
                  **sections, "sites": sites}
        self._agents += 1
        made = Agent(self.folder, config, name=f"picket-{self._agents}")
        self.owns(made.process)
        return made

    def consumer(self, name: str = "consumer", **sections) -> Consumer:
        """A consumer (not started)."""
        made = Consumer(self.folder, {
            "kafka": self.sink_kafka(), "database": {"url": self.database_url},
            "batch": {"wait": "100ms"}, **sections}, name)
        self.owns(made.process)
        return made

    def kill_broker(self) -> None:
        """SIGKILL; the test's topic exists from before. Healed after the test at the latest."""
        assert self.topic
        self.broker.kill()

    def owns(self, process: Process) -> Process:
        """It is stopped at the end of the test, and its log is shown if the test fails."""
        self._processes.append(process)
        self._exit.callback(process.stop, 6)
        return process

    def messages(self, topic: str | None = None) -> list[Message]:
        return self.admin.read(topic or self.topic)

    def values(self) -> list[dict]:
        """The records in the test's topic."""
        return [json.loads(message.value()) for message in self.messages()]

    def picket(self, *words: str, seconds: float = 30, **environment: str):
        """Runs `picket` to its end."""
        return run_to_end("picket", words, self.folder, seconds, environment)

    def _heal_servers(self) -> None:
        self.broker.heal()
        if not self.postgres.process.running:
            self.postgres.start()


def run_to_end(program: str, words, folder: Path, seconds: float = 30,
               environment: dict[str, str] | None = None) -> subprocess.CompletedProcess:
    """Runs a program in a folder, with nothing in its environment but what is given for it."""
    return subprocess.run(
        [paths.program(program), *map(str, words)], cwd=folder, stdin=subprocess.DEVNULL,
        env=clean_environment(**(environment or {})), capture_output=True, text=True,
        timeout=seconds, check=False)


def wait_for_rows(connection: psycopg.Connection, count: int, process: Process,
                  seconds: float = 30) -> None:
    """Until `metrics` has at least that many rows."""
    wait_until(lambda: row_count(connection) >= count, f"{count} rows", seconds, alive=[process])


def row_count(connection: psycopg.Connection) -> int:
    """Rows of `metrics`; 0 before there is such a view."""
    try:
        return connection.execute("SELECT count(*) FROM metrics").fetchone()[0]
    except psycopg.errors.UndefinedTable:
        return 0
