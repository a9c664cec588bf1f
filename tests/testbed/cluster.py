"""Three brokers in one cluster: every record is on all, and two must have it for an acknowledgement."""

import contextlib
import shutil
from pathlib import Path

from .broker import Broker, Seat, new_cluster_id, usual_listener
from .pki import Pki
from .ports import free_ports

_NODES = 3


class Cluster:
    """`with Cluster(folder, pki) as cluster:` starts them all and kills them all."""

    def __init__(self, folder: Path, pki: Pki):
        shutil.rmtree(folder, ignore_errors=True)
        controllers = tuple(free_ports(_NODES))
        identity = new_cluster_id()
        self.brokers = [Broker(folder / f"kafka-{node}", usual_listener(pki),
                               Seat(node, controllers, identity))
                        for node in range(1, _NODES + 1)]

    def address(self, listener: str = "client") -> str:
        """bootstrap.servers for users that log in over TLS."""
        return ",".join(broker.address(listener) for broker in self.brokers)

    @property
    def admin_address(self) -> str:
        return ",".join(broker.admin_address for broker in self.brokers)

    def heal(self) -> None:
        for broker in self.brokers:
            broker.heal()

    def __enter__(self) -> "Cluster":
        with contextlib.ExitStack() as stack:
            # Killed: the last one asked to end would wait for a majority of controllers.
            for broker in self.brokers:
                stack.callback(broker.kill)
                broker.format()
            for broker in self.brokers:
                broker.launch()
            for broker in self.brokers:
                broker.await_ready(120)
            self._exit = stack.pop_all()
        return self

    def __exit__(self, *_) -> None:
        self._exit.close()
