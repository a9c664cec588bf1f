"""picket and picket-consumer as processes, with their configuration files, metrics and reports."""

import json
import os
import re
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from . import paths
from .ports import free_ports
from .process import Process

_METRIC = re.compile(r"^([a-z_]+)(\{.*\})? (\S+)$")


def clean_environment(**values: str) -> dict[str, str]:
    """Our environment without anything that picket reads, and with `values`."""
    ours = re.compile("KAFKA_|PICKET_|DATABASE_URL|WEBSITES|REQUEST_TIMEOUT|CHECK_INTERVAL|"
                      "LOG_LEVEL")
    return {name: value for name, value in os.environ.items() if not ours.match(name)} | values


def write_config(path: Path, config: dict, more: str = "") -> Path:
    """Writes YAML: a line for each top-level key with its value as JSON, then `more`."""
    lines = [f"{key}: {json.dumps(value)}\n" for key, value in config.items()]
    path.touch(mode=0o600)  # it has passwords
    path.write_text("".join(lines) + more)
    return path


class Agent:
    """`picket run` in `folder`: its configuration, its buffer, its log and its metrics."""

    def __init__(self, folder: Path, config: dict, name: str = "picket", more: str = ""):
        """`config` is picket.yaml less its own files and ports; `more` is YAML to append."""
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_ports(1)[0]
        self.buffer = folder / "buffer.db"
        self.config = {
            "agent": "gw-test",
            **config,
            "buffer": {"path": str(self.buffer), "spill_after": "1s", "commit_interval": "1s",
                       **config.get("buffer", {})},
            "serve": {"listen": f"127.0.0.1:{self.port}"},
            "sandbox": {"seccomp": "kill"},  # a call that is not on the list must not go unseen
        }
        self.config_path = write_config(folder / f"{name}.yaml", self.config, more)
        self.environment = clean_environment()  # of its next start
        self.process = Process(
            name, [paths.program("picket"), "run", "--config", self.config_path],
            folder / f"{name}.log", env=self.environment, cwd=folder)

    def start(self) -> "Agent":
        self.process.start()
        return self

    def configure(self, **sections) -> None:
        """Writes its configuration anew with these sections changed."""
        self.config.update(sections)
        write_config(self.config_path, self.config)

    def call(self, *words: str) -> subprocess.CompletedProcess:
        """One of the commands that ask the running agent, as in call("status", "--json")."""
        return subprocess.run(
            [paths.program("picket"), *words, "--config", self.config_path],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=clean_environment(),
            cwd=self.config_path.parent, timeout=60, check=False)

    def metrics(self) -> dict[str, float] | None:
        """Metric (with its labels, as printed) -> value; None when nobody answers."""
        return read_metrics(self.port)

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a page of the agent's own little server."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name: str) -> float:
        """The metric with that name, summed over its labels; -1 when nobody answers."""
        return total(self.metrics(), name)

    def probes(self, outcome: str) -> float:
        """Probes that ended so; 0 when nobody answers."""
        return (self.metrics() or {}).get(f'picket_probes_total{{outcome="{outcome}"}}', 0)

    def acknowledged(self) -> float:
        """Results that Kafka acknowledged to this process; -1 when nobody answers."""
        return acknowledged(self.metrics())


def read_metrics(port: int) -> dict[str, float] | None:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=2) as answer:
            text = answer.read().decode()
    except (OSError, urllib.error.URLError):
        return None
    values = {}
    for line in text.splitlines():
        found = _METRIC.match(line)
        if found:
            values[found[1] + (found[2] or "")] = float(found[3])
    return values


def total(metrics: dict[str, float] | None, name: str) -> float:
    if metrics is None:
        return -1
    return sum(value for key, value in metrics.items() if key.partition("{")[0] == name)


def acknowledged(metrics: dict[str, float] | None) -> float:
    """Results, without the facts of the status stream."""
    return -1 if metrics is None else metrics.get(
        'picket_records_acknowledged_total{stream="probe"}', 0)


class Consumer:
    """`picket-consumer` in `folder`: its configuration, its log, its reports."""

    def __init__(self, folder: Path, config: dict, name: str = "consumer"):
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.config_path = write_config(folder / f"{name}.yaml", config)
        self.environment = clean_environment()  # of its next start
        self.process = Process(
            name, [paths.program("picket-consumer"), "run", "--config", self.config_path],
            folder / f"{name}.log", env=self.environment, cwd=folder)

    def start(self) -> "Consumer":
        self.process.start()
        return self

    def call(self, *words: str) -> subprocess.CompletedProcess:
        """One of its other commands, as in call("audit", "--json")."""
        return subprocess.run(
            [paths.program("picket-consumer"), words[0], "--config", self.config_path, *words[1:]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=clean_environment(),
            cwd=self._folder, timeout=60, check=False)
