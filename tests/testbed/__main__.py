"""Starts and stops a set of servers by hand; they run until they are told to stop.

    scripts/testbed start [NAME]         starts them, prints what a shell may source
    scripts/testbed env [NAME]           prints that again
    scripts/testbed do WHAT [NAME]       a fault, or its end:
        kafka-kill kafka-start kafka-stop kafka-pause kafka-resume
        postgres-crash postgres-stop postgres-start
    scripts/testbed stop [NAME]          stops them all

NAME (default: dev) is a folder in build/testbed/.
"""

import argparse
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from . import paths
from .broker import AGENT, SINK
from .servers import Servers
from .wait import wait_until

_TOPIC = "picket.results"
_GROUP = "picket"


def _environment(servers: Servers, database_url: str) -> str:
    values = {
        "KAFKA_BOOTSTRAP_SERVERS": servers.broker.address(),
        "KAFKA_USERNAME": AGENT.name,
        "KAFKA_PASSWORD": AGENT.password,
        "SINK_USERNAME": SINK.name,
        "SINK_PASSWORD": SINK.password,
        "KAFKA_TOPIC": _TOPIC,
        "KAFKA_CONSUMER_GROUP": _GROUP,
        "PICKET_KAFKA_CA_FILE": servers.pki.ca,
        "PICKET_KAFKA_SASL_MECHANISM": "SCRAM-SHA-256",
        "DATABASE_URL": database_url,
        "TESTBED_KAFKA_ADMIN": servers.broker.admin_address,
        "TESTBED_PKI": servers.folder / "pki",
        **{f"TESTBED_SITE_{door.upper()}": servers.sites.url("", door)
           for door in ("http", "https", "https_expired", "https_wrong_name", "https_stranger")},
    }
    return "".join(f"export {name}={shlex.quote(str(value))}\n" for name, value in values.items())


def _serve(folder: Path) -> None:
    """The supervisor: starts everything, does what the pipe says, stops everything at SIGTERM."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with Servers(folder) as servers:
        servers.broker.create_topic(_TOPIC, f"{_TOPIC}.status")
        servers.broker.grant([_TOPIC, f"{_TOPIC}.status"], _GROUP)
        url = servers.postgres.create_database("picket")
        actions = {
            "kafka-kill": servers.broker.kill, "kafka-start": servers.broker.start,
            "kafka-stop": servers.broker.stop, "kafka-pause": servers.broker.process.pause,
            "kafka-resume": servers.broker.process.resume,
            "postgres-crash": servers.postgres.crash, "postgres-stop": servers.postgres.stop,
            "postgres-start": servers.postgres.start,
        }
        os.mkfifo(folder / "control")
        (folder / "supervisor.pid").write_text(str(os.getpid()))
        (folder / "env.new").write_text(_environment(servers, url))
        (folder / "env.new").rename(folder / "env")
        while True:
            with open(folder / "control") as control:
                for line in control:
                    actions[line.strip()]()
                    print("done:", line.strip(), flush=True)


def _start(folder: Path) -> None:
    if _running(folder):
        sys.exit(f"{folder.name} is running already")
    (folder / "env").unlink(missing_ok=True)
    folder.mkdir(parents=True, exist_ok=True)
    log = folder.with_suffix(".log")
    with open(log, "w") as output:
        supervisor = subprocess.Popen(
            [sys.executable, "-m", "testbed", "serve", folder.name], stdin=subprocess.DEVNULL,
            stdout=output, stderr=output, cwd=paths.FILES.parent, start_new_session=True)
    wait_until(lambda: (folder / "env").exists() or supervisor.poll() is not None, "servers", 180)
    if supervisor.poll() is not None:
        sys.exit(f"could not start, see {log}\n{log.read_text()}")
    print((folder / "env").read_text(), end="")


def _stop(folder: Path) -> None:
    if not _running(folder):
        sys.exit(f"{folder.name} is not running")
    os.kill(int((folder / "supervisor.pid").read_text()), signal.SIGTERM)
    wait_until(lambda: not _running(folder), "end of the servers", 60)


def _running(folder: Path) -> bool:
    try:
        pid = (folder / "supervisor.pid").read_text()
        return "testbed" in Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return False


def main() -> None:
    parser = argparse.ArgumentParser(prog="testbed", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["start", "env", "do", "stop", "serve"])
    parser.add_argument("words", nargs="*")
    options = parser.parse_args()
    words = options.words
    action = words.pop(0) if options.command == "do" and words else None
    folder = paths.testbed_dir() / (words[0] if words else "dev")
    if options.command == "start":
        _start(folder)
    elif options.command == "serve":
        _serve(folder)
    elif options.command == "stop":
        _stop(folder)
    elif not _running(folder):
        sys.exit(f"{folder.name} is not running")
    elif options.command == "env":
        print((folder / "env").read_text(), end="")
    else:
        (folder / "control").write_text(f"{action}\n")


if __name__ == "__main__":
    main()
