"""A real Kafka: a KRaft node with SASL_SSL, SCRAM and ACLs, to be killed and frozen."""

import base64
import hashlib
import secrets
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import jars, paths
from .pki import Certificate, Pki
from .ports import free_ports
from .process import Process
from .wait import wait_until

_FILES = paths.FILES / "kafka"
# C1 and the serial collector start in half the time of the JVM's defaults. Without C2 there is no
# fast AES-GCM: right for tests, too slow for figures of throughput.
_QUICK_START = ["-XX:TieredStopAtLevel=1"]
_JVM = ["-XX:+UseSerialGC", "-Xshare:auto",
        f"-Dlog4j2.configurationFile={_FILES / 'log4j2.properties'}"]
_READY = "Kafka Server started"
_LOGIN = {
    "scram-sha-256": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "scram-sha-512": "org.apache.kafka.common.security.scram.ScramLoginModule required;",
    "plain": "org.apache.kafka.common.security.plain.PlainLoginModule required",
}


@dataclass(frozen=True)
class User:
    name: str
    password: str


AGENT = User("agent", secrets.token_hex(8))
SINK = User("sink", secrets.token_hex(8))
STRANGER = User("stranger", secrets.token_hex(8))  # may log in, may do nothing
_USERS = (AGENT, SINK, STRANGER)


@dataclass(frozen=True)
class Listener:
    """One door of the broker, with TLS; the tests have several, each with its own fault.

    `host` is the name it goes by, `bind` where it listens. With `client_ca` it wants a client
    certificate of that authority; without `mechanisms` the certificate's common name is the user.
    """

    name: str
    certificate: Certificate
    protocols: str = "TLSv1.2,TLSv1.3"
    mechanisms: tuple[str, ...] = tuple(_LOGIN)
    proxied: bool = False  # clients are sent to another port, where the tests have a proxy
    host: str = "localhost"
    bind: str = "127.0.0.1"
    client_ca: Path | None = None

    @property
    def security_protocol(self) -> str:
        return "SASL_SSL" if self.mechanisms else "SSL"


# Names that no name server knows but those of tests, or a proxy.
HIDDEN = "kafka.hidden.invalid"
HIDDEN6 = "kafka6.hidden.invalid"


def has_ipv6() -> bool:
    """Whether this machine's loopback has ::1."""
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def usual_listener(pki: Pki) -> list[Listener]:
    return [Listener("client", pki.good)]


def odd_listeners(pki: Pki) -> list[Listener]:
    """Listeners with something special or wrong about them, for the tests."""
    return [
        Listener("tls12", pki.good, "TLSv1.2"),
        Listener("tls13", pki.good, "TLSv1.3"),
        Listener("wrongname", pki.wrong_name),
        Listener("expired", pki.expired),
        Listener("future", pki.future),
        Listener("stranger", pki.stranger),
        Listener("only512", pki.good, mechanisms=("scram-sha-512",)),
        Listener("proxied", pki.good, proxied=True),
        Listener("mutual", pki.good, client_ca=pki.ca),
        Listener("certificate", pki.good, mechanisms=(), client_ca=pki.ca),
        Listener("hidden", pki.hidden, host=HIDDEN),
    ] + ([
        Listener("ipv6", pki.good, host="[::1]", bind="[::1]"),
        Listener("hidden6", pki.hidden, host=HIDDEN6, bind="[::1]"),
    ] if has_ipv6() else [])


@dataclass(frozen=True)
class Seat:
    """The place of a broker in a cluster of several, all of them controllers too."""

    node: int
    controllers: tuple[int, ...]  # the port of each node's controller, node 1 first
    cluster_id: str


def new_cluster_id() -> str:
    # The first byte keeps "-" from the front: the format tool would take it for an option.
    return base64.urlsafe_b64encode(b"p" + secrets.token_bytes(15)).decode().rstrip("=")


class Broker:
    """Data, configuration and log lie in `folder`, which is made anew.

    `format` once, then `start` and `stop`, `kill`, `pause` and `resume` as often as one likes: the
    data stays. Ports stay the same over restarts.
    """

    def __init__(self, folder: Path, listeners: list[Listener], seat: Seat | None = None):
        """`seat`: None for a broker that is a cluster of its own."""
        self._folder = folder
        self._compiler = _QUICK_START
        self._listeners = listeners
        proxied = [listener.name for listener in listeners if listener.proxied]
        ports = free_ports(len(listeners) + len(proxied) + 2)
        names = [listener.name for listener in listeners]
        self._ports = dict(zip(names, ports[2:], strict=False))
        self._advertised = self._ports | dict(zip(proxied, ports[2 + len(names):], strict=True))
        self._local_port = ports[0]
        self._seat = seat or Seat(1, (ports[1],), new_cluster_id())
        self._classpath = ":".join(map(str, jars.fetch()))
        self._config = folder / "server.properties"
        self._started = 0  # how often, when it was launched last
        name = "kafka" if seat is None else f"kafka-{seat.node}"
        self.process = Process(name, self._command(), folder / "kafka.log")

    def address(self, listener: str = "client") -> str:
        """bootstrap.servers for users that log in over TLS."""
        door = next(one for one in self._listeners if one.name == listener)
        return f"{door.host}:{self._advertised[listener]}"

    def port(self, listener: str) -> int:
        return self._ports[listener]

    def proxy_ports(self, listener: str) -> tuple[int, int]:
        """Where the proxy of a listener has to listen, and where it forwards to."""
        return self._advertised[listener], self._ports[listener]

    @property
    def admin_address(self) -> str:
        """bootstrap.servers for administration: no TLS, no login, loopback only."""
        return f"127.0.0.1:{self._local_port}"

    def format(self) -> None:
        """Writes the configuration and an empty log with the users in it."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        self._config.write_text(self._properties())
        words = [f"--cluster-id={self._seat.cluster_id}", "-c", self._config]  # it may begin with "-"
        for user in _USERS:
            for mechanism in ("SCRAM-SHA-256", "SCRAM-SHA-512"):
                words += ["--add-scram",
                          f"{mechanism}=[name={user.name},password={user.password}]"]
        self.tool("kafka.tools.StorageTool", "format", *words)

    def start(self, seconds: float = 60) -> None:
        """Starts it and waits until it takes requests."""
        self.launch()
        self.await_ready(seconds)

    def launch(self) -> None:
        """Starts it; a node of a cluster is not ready before most of the others are there."""
        self._started = self.process.log().count(_READY)
        self.process.start()

    def await_ready(self, seconds: float = 60) -> None:
        wait_until(lambda: self.process.log().count(_READY) > self._started, "running Kafka",
                   seconds, alive=[self.process], every=0.1)
        wait_until(self._listens, "listening Kafka", 10, alive=[self.process])

    def stop(self) -> None:
        # A broker with nobody to hand over to may take minutes to say goodbye.
        self.process.stop(15)

    def kill(self) -> None:
        self.process.kill()

    def heal(self) -> None:
        """It runs, whatever was done to it."""
        self.process.resume()
        if not self.process.running:
            self.start()

    def prefer_throughput(self) -> None:
        """From the next start on: it starts in twice the time, and then has fast cryptography."""
        self._compiler = []
        self.process.argv = self._command()

    def create_topic(self, *names: str, partitions: int = 3) -> None:
        """With the Java tools: slow (a JVM each), but needs nothing else. See also admin.py."""
        self._tools([
            ("org.apache.kafka.tools.TopicCommand", "--create", "--if-not-exists",
             "--topic", name, "--partitions", str(partitions), "--replication-factor", "1",
             "--config", "message.timestamp.type=LogAppendTime")
            for name in names])

    def grant(self, topics: list[str], group: str) -> None:
        """The agent may write to the topics, the sink may read them with the group. No more."""
        chosen = [word for topic in topics for word in ("--topic", topic)]
        acl = ("org.apache.kafka.tools.AclCommand", "--add", "--allow-principal")
        self._tools([
            (*acl, f"User:{AGENT.name}", "--operation", "Write", "--operation", "Describe",
             *chosen),
            (*acl, f"User:{SINK.name}", "--consumer", "--group", group, *chosen),
        ])

    def tool(self, class_name: str, *words) -> str:
        """Runs one of Kafka's own tools; what it printed. Raises RuntimeError if it fails."""
        return self._finish(self._start_tool(class_name, *words))

    def archive(self) -> None:
        """Writes the class archives that halve the start of the broker and of its tools.

        They are kept for later runs with the same jars and the same Java. Takes some 15 s, on a
        broker that is not running.
        """
        server, tools = _archives(self._classpath)
        if server.exists() and tools.exists():
            return
        server.parent.mkdir(parents=True, exist_ok=True)
        self.process.argv = self._command(f"-XX:ArchiveClassesAtExit={server}.new")
        self.start()
        self._finish(self._start_tool(
            "org.apache.kafka.tools.TopicCommand", "--bootstrap-server", self.admin_address,
            "--list", jvm=[f"-XX:ArchiveClassesAtExit={tools}.new"]))
        self.process.stop(60)  # the archive is written on the way out
        for archive in (server, tools):
            Path(f"{archive}.new").rename(archive)
        self.process.argv = self._command()

    def _command(self, *extra: str) -> list[str]:
        server, _ = _archives(self._classpath)
        archive = [f"-XX:SharedArchiveFile={server}"] if server.exists() and not extra else []
        return [str(jars.java()), "-Xms128m", "-Xmx512m", *self._compiler, *_JVM, *archive, *extra,
                f"-XX:ErrorFile={self._folder}/crash-%p.log", "-cp", self._classpath,
                "kafka.Kafka", str(self._config)]

    def _tools(self, calls: list[tuple]) -> None:
        """Runs tools side by side: most of the time of each is its start."""
        running = [self._start_tool(name, "--bootstrap-server", self.admin_address, *words)
                   for name, *words in calls]
        for tool in running:
            self._finish(tool)

    def _start_tool(self, class_name: str, *words, jvm: list[str] | None = None):
        _, archive = _archives(self._classpath)
        if jvm is None:
            jvm = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
        return subprocess.Popen(
            [jars.java(), "-Xmx128m", *_QUICK_START, *_JVM, "-Dtestbed.log=ERROR", *jvm, "-cp",
             self._classpath, class_name, *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    @staticmethod
    def _finish(tool: subprocess.Popen) -> str:
        try:
            said, _ = tool.communicate(timeout=60)
        except BaseException:
            tool.kill()
            raise
        if tool.returncode != 0:
            raise RuntimeError(f"{' '.join(tool.args[-8:])} failed:\n{said}")
        return said

    def _listens(self) -> bool:
        doors = [("127.0.0.1", self._local_port)]
        doors += [(one.bind.strip("[]"), self._ports[one.name]) for one in self._listeners]
        for host, port in doors:
            with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
                if probe.connect_ex((host, port)) != 0:
                    return False
        return True

    def _properties(self) -> str:
        local = {"LOCAL": self._local_port}
        controllers = self._seat.controllers
        control = {"CONTROLLER": controllers[self._seat.node - 1]}

        def listed(host: str, ports: dict[str, int]) -> list[str]:
            return [f"{name}://{host}:{port}" for name, port in ports.items()]

        def doors(side: str, ports: dict[str, int]) -> list[str]:
            return [f"{one.name.upper()}://{getattr(one, side)}:{ports[one.name]}"
                    for one in self._listeners]

        protocols = [f"{one.name.upper()}:{one.security_protocol}" for one in self._listeners]
        protocols += ["LOCAL:PLAINTEXT", "CONTROLLER:PLAINTEXT"]
        lines = [
            (_FILES / "server.properties").read_text(),
            "listeners=" + ",".join(doors("bind", self._ports) + listed("127.0.0.1", local | control)),
            "advertised.listeners=" + ",".join(
                doors("host", self._advertised) + listed("127.0.0.1", local)),
            "listener.security.protocol.map=" + ",".join(protocols),
            f"node.id={self._seat.node}",
            "controller.quorum.voters=" + ",".join(
                f"{node}@127.0.0.1:{port}" for node, port in enumerate(controllers, 1)),
            f"log.dirs={self._folder / 'data'}",
        ]
        if len(controllers) > 1:
            lines += [f"{name}.replication.factor={len(controllers)}"
                      for name in ("default", "offsets.topic", "transaction.state.log")]
            lines += [f"{name}={len(controllers) - 1}"
                      for name in ("min.insync.replicas", "transaction.state.log.min.isr")]
        for listener in self._listeners:
            lines += _door(listener)
        return "\n".join(lines) + "\n"


def _door(listener: Listener) -> list[str]:
    """Configuration of one listener with TLS."""
    users = " ".join(f'user_{user.name}="{user.password}"' for user in _USERS)
    prefix = f"listener.name.{listener.name}"
    lines = [
        f"{prefix}.ssl.keystore.type=PEM",
        f"{prefix}.ssl.keystore.location={listener.certificate.bundle}",
        f"{prefix}.ssl.enabled.protocols={listener.protocols}",
    ]
    if listener.mechanisms:
        lines.append(f"{prefix}.sasl.enabled.mechanisms=" + ",".join(listener.mechanisms).upper())
    if listener.client_ca:
        lines += [
            f"{prefix}.ssl.client.auth=required",
            f"{prefix}.ssl.truststore.type=PEM",
            f"{prefix}.ssl.truststore.location={listener.client_ca}",
            # "CN=agent" of a certificate is User:agent of the ACLs.
            f"{prefix}.ssl.principal.mapping.rules=RULE:^CN=([^,]*)$/$1/,DEFAULT",
        ]
    for mechanism in listener.mechanisms:
        login = _LOGIN[mechanism]
        module = f"{login} {users};" if mechanism == "plain" else login
        lines.append(f"{prefix}.{mechanism}.sasl.jaas.config={module}")
    return lines


def _archives(classpath: str) -> tuple[Path, Path]:
    """Class archives of the broker and of the tools, for this Java and these jars."""
    java = jars.java().resolve()
    key = hashlib.sha256(f"{java} {java.stat().st_mtime_ns} {classpath}".encode()).hexdigest()[:12]
    folder = paths.testbed_dir() / "archives"
    return folder / f"kafka-{key}.jsa", folder / f"tools-{key}.jsa"
