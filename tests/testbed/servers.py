"""All servers of one run together."""

import contextlib
import shutil
from pathlib import Path

from .broker import AGENT, Broker, User, odd_listeners, usual_listener
from .pki import Pki
from .postgres import Postgres
from .site_server import SiteServer


class Servers:
    """Kafka, PostgreSQL and the site server in a folder, which is made anew.

    `with Servers(folder) as servers:` starts them all and stops them all, whatever happens.
    """

    # What the names of tests' topics and groups begin with.
    topic_prefix = "picket."
    group_prefix = "picket."

    def __init__(self, folder: Path, odd: bool = False):
        """`odd` adds the broker's listeners with a fault each."""
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        self.folder = folder
        self.pki = Pki(folder / "pki")
        listeners = usual_listener(self.pki) + (odd_listeners(self.pki) if odd else [])
        self.broker = Broker(folder / "kafka", listeners)
        self.postgres = Postgres(folder / "postgres")
        self.sites = SiteServer(folder)
        self._exit = contextlib.ExitStack()

    def login(self, user: User = AGENT) -> dict:
        """How `user` is let in, as the kafka section of a configuration says it."""
        return {"username": user.name, "password": user.password,
                "sasl_mechanism": "SCRAM-SHA-256", "ca_file": str(self.pki.ca)}

    def __enter__(self) -> "Servers":
        with contextlib.ExitStack() as stack:
            stack.callback(self.sites.stop)
            self.sites.start()
            stack.callback(self.postgres.discard)
            self.postgres.create()
            self.postgres.start()
            self.postgres.create_user()
            stack.callback(self.broker.kill)  # its data goes with it; a stop takes its time
            self.broker.format()
            self.broker.archive()
            self.broker.start()
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._exit.close()
