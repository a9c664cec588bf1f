"""./run demo: picket at work on real servers, with the broker and the agent killed on the way."""

import contextlib
import signal
import sys
import time
from pathlib import Path

from testbed import jars, paths
from testbed.broker import AGENT, SINK
from testbed.programs import Agent, Consumer
from testbed.servers import Servers

from . import build, report
from .arguments import Parser
from .dashboard import Dashboard, Sample
from .sites_file import check_sites, own_sites, users_sites
from .terminal import Terminal, clock

_TOPIC = "picket.results"
_GROUP = "picket"
_PATIENCE = 150  # seconds; sites of a user may be probed every half minute


class Demo:
    """The play. `run` is its programme; each act is a method."""

    def __init__(self, terminal: Terminal, sites_file: Path | None):
        self._terminal = terminal
        self._sites_file = sites_file
        self._folder = paths.testbed_dir() / "demo"

    def run(self) -> bool:
        """Whether all went as it should."""
        sites = users_sites(self._sites_file) if self._sites_file else None
        self._terminal.heading("building", "a few minutes the first time, seconds after that")
        build.build(self._terminal, ("picket", "picket-consumer"))
        if sites:
            check_sites(sites, paths.testbed_dir())
        self._terminal.heading("starting", "a real Kafka with TLS, logins and ACLs; a real "
                               "PostgreSQL; all on this machine, for this run")
        with contextlib.ExitStack() as stack:
            self._start_servers(stack)
            self._start_programs(stack, sites or own_sites(self._servers.sites, self._servers.pki))
            self._act_all_is_well()
            self._act_broker_dies()
            self._act_agent_dies_offline()
            self._act_broker_returns()
            content = self._act_accounts()
        self._terminal.heading("over", "everything that was started is stopped")
        self._terminal.line(f"   logs and configuration: {build.shown(self._folder)}")
        return content

    def _start_servers(self, stack: contextlib.ExitStack) -> None:
        with self._terminal.step("Kafka, from Maven Central"):
            jars.fetch()
        with self._terminal.step("Kafka, PostgreSQL and a few web sites") as step:
            self._servers = stack.enter_context(Servers(self._folder))
            step.result = f"Kafka on port {self._servers.broker.address().split(':')[1]}"
        with self._terminal.step(f"topic {_TOPIC}: the agent may write, the consumer may read"):
            self._servers.broker.create_topic(_TOPIC, f"{_TOPIC}.status")
            self._servers.broker.grant([_TOPIC, f"{_TOPIC}.status"], _GROUP)

    def _start_programs(self, stack: contextlib.ExitStack, sites: str) -> None:
        kafka = {"brokers": [self._servers.broker.address()], "topic": _TOPIC,
                 "sasl_mechanism": "SCRAM-SHA-512", "ca_file": str(self._servers.pki.ca)}
        self._url = self._servers.postgres.create_database("picket")
        self._consumer = Consumer(self._folder, {
            "kafka": kafka | {"username": SINK.name, "password": SINK.password, "group": _GROUP},
            "database": {"url": self._url}})
        self._agent = Agent(self._folder, {
            "agent": "gw-demo", "buffer": {"window": 100},
            "kafka": kafka | {"username": AGENT.name, "password": AGENT.password}}, more=sites)
        self._dashboard = Dashboard(self._terminal, self._agent, self._servers.postgres, self._url)
        with self._terminal.step("picket-consumer: makes its tables, waits for records"):
            stack.callback(self._consumer.process.stop)
            self._consumer.start()
            self._call(self._consumer.call("migrate"))
        stack.callback(self._agent.process.stop)
        self._agent.start()

    def _act_all_is_well(self) -> None:
        self._terminal.heading("the agent probes, Kafka acknowledges, PostgreSQL fills",
                               "nothing is written to the agent's disk")
        self._dashboard.watch(lambda now: bool(now.sent and now.rows), _PATIENCE, "row in PostgreSQL",
                              at_least=8)

    def _act_broker_dies(self) -> None:
        self._terminal.heading("the broker is killed (SIGKILL)",
                               "probing goes on; results pile up in SQLite")
        self._servers.broker.kill()
        self._dashboard.broker_up = False
        self._dashboard.watch(lambda now: (now.buffered or 0) >= 3, _PATIENCE, "records in the buffer",
                              at_least=8)

    def _act_agent_dies_offline(self) -> None:
        self._terminal.heading("the agent is killed too (SIGKILL) and started again, offline",
                               "the buffer must survive that")
        before = self._dashboard.sample().buffered or 0
        self._agent.process.kill()
        self._dashboard.agent_dies()
        self._terminal.line(f"   in SQLite when it died: {before:.0f} records")
        self._agent.start()

        def survived(now: Sample) -> bool:
            return now.buffered is not None and now.buffered >= before

        after = self._dashboard.watch(survived, 30, "agent with its buffer").buffered
        self._terminal.line(f"   in SQLite after its start: {after:.0f} records")
        self._dashboard.watch(lambda now: (now.buffered or 0) > after, _PATIENCE, "more in the buffer",
                              at_least=5)

    def _act_broker_returns(self) -> None:
        self._terminal.heading("the broker comes back",
                               "the present first, then what was kept")
        begin = time.monotonic()
        with self._terminal.step("Kafka, with its data as the kill left it"):
            self._servers.broker.start()
        self._dashboard.broker_up = True
        self._dashboard.watch(lambda now: now.buffered == 0, 90, "empty buffer")
        passed = clock(time.monotonic() - begin)
        self._terminal.line(f"   drained {passed} after the broker's start")
        self._dashboard.watch(lambda now: True, 5, "probes", at_least=3)

    def _act_accounts(self) -> bool:
        with self._terminal.step("the agent ends in peace and says how many records it made"):
            code = self._agent.process.stop(10)
        if code != 0:
            raise build.Failed(f"picket ended with {code}\n{self._agent.process.log_tail()}")
        with self._terminal.step("the consumer comes back to the broker and reads what is left"):
            report.wait_until_complete(self._consumer, lanes=2, seconds=60)
        self._terminal.heading("what PostgreSQL holds")
        report.table(self._terminal, self._servers.postgres, self._url)
        self._terminal.heading("what the ledger says",
                               "picket-consumer audit: every record by number, from every start")
        return report.ledger(self._terminal, self._consumer)

    @staticmethod
    def _call(done) -> None:
        if done.returncode != 0:
            raise build.Failed(f"{' '.join(map(str, done.args))} failed:\n{done.stderr}")


def main() -> int:
    parser = Parser(prog="./run demo")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    parser.add_argument("--sites", type=Path, metavar="FILE", help="your own sites")
    options = parser.parse_args()
    terminal = Terminal()
    # Ended from outside, it cleans up as well.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    try:
        with build.alone(terminal):
            content = Demo(terminal, options.sites).run()
    except (build.Failed, RuntimeError, TimeoutError, FileNotFoundError) as failure:
        terminal.line()
        terminal.line(str(failure))
        terminal.line(terminal.style("The demo failed; everything that was started is stopped. ",
                                     "red", "bold")
                      + f"Logs: {build.shown(paths.build_dir())}")
        return 1
    except KeyboardInterrupt:
        terminal.clear()
        terminal.line("stopped; nothing is left running")
        return 130
    return 0 if content else 1


if __name__ == "__main__":
    sys.exit(main())
