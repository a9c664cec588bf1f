"""What the benches stand on: the servers, a place for files, and how much is measured."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

from testbed.admin import Admin
from testbed.broker import AGENT, SINK, User
from testbed.process import Process
from testbed.servers import Servers


class Ground:
    """`with Ground(...)`: Kafka, PostgreSQL and the site server for all benches of one run."""

    def __init__(self, folder: Path, smoke: bool, say: Callable[[str], None]):
        """`smoke`: every figure once and with little work; shows that it can be measured, no more.
        `say` takes lines about progress."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.smoke = smoke
        self.say = say
        self._folder = folder
        self._fast = False
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> "Ground":
        self.say("Kafka, PostgreSQL and a site server start")
        with self._exit as stack:
            self.servers = stack.enter_context(Servers(self._folder / "servers"))
            self.admin = Admin(self.servers.broker)
            self.admin.grant_prefix("picket.")
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._exit.close()

    def sized(self, full: int, smoke: int) -> int:
        return smoke if self.smoke else full

    @property
    def rounds(self) -> int:
        return self.sized(5, 1)

    def folder(self, name: str) -> Path:
        """An empty folder."""
        made = self._folder / name
        shutil.rmtree(made, ignore_errors=True)
        made.mkdir(parents=True)
        return made

    def topic(self, name: str) -> str:
        """A new topic with its status topic, which agent and sink may use."""
        full = f"picket.{name}"
        self.admin.create_topic(full, f"{full}.status")
        return full

    def fast_broker(self) -> None:
        """Starts Kafka once more, for throughput. For benches that do not restart it themselves."""
        if not self._fast:
            self._fast = True
            broker = self.servers.broker
            broker.prefer_throughput()
            broker.stop()
            broker.start()

    def kafka(self, topic: str, user: User = AGENT) -> dict:
        """The kafka section of a configuration; for the consumer with its group."""
        section = {
            "brokers": [self.servers.broker.address()], "topic": topic, "username": user.name,
            "password": user.password, "sasl_mechanism": "SCRAM-SHA-256",
            "ca_file": str(self.servers.pki.ca)}
        return section | ({"group": f"{topic}.group"} if user is SINK else {})

    def librdkafka(self, **more: str) -> list[str]:
        """The same login as properties for bare_producer, with the agent's own settings of
        delivery; `more` in Python's spelling: linger_ms="5"."""
        properties = {
            "bootstrap.servers": self.servers.broker.address(), "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-256", "sasl.username": AGENT.name,
            "sasl.password": AGENT.password, "ssl.ca.location": str(self.servers.pki.ca),
            "enable.idempotence": "true", "acks": "all", "linger.ms": "50", "batch.size": "131072",
            "compression.type": "lz4", "reconnect.backoff.ms": "250",
            "reconnect.backoff.max.ms": "10000", "log_level": "0",
        } | {name.replace("_", "."): value for name, value in more.items()}
        return [f"{name}={value}" for name, value in properties.items()]


@contextlib.contextmanager
def running(process: Process):
    """Starts it, and stops it whatever happens."""
    process.start()
    try:
        yield process
    finally:
        process.stop()
