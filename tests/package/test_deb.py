"""The agent's Debian package, installed by dpkg on a booted Debian, at work with a real Kafka."""

import shutil
import subprocess
from pathlib import Path

import pytest

import rootfs
from machine import Machine
from stage import wait_for_rows
from testbed import paths
from testbed.programs import read_metrics, total, write_config
from testbed.ports import free_ports
from testbed.wait import wait_until

_PACKAGES = ("systemd", "systemd-sysv", "dbus", "ca-certificates")
_LIMIT = 15  # systemd-analyze's exposure, in tenths


@pytest.fixture(scope="module")
def machine():
    folder = paths.build_dir() / "package" / "machine"
    root = rootfs.unpack(rootfs.make(rootfs.own_architecture(), _PACKAGES), folder / "root")
    with Machine(root, folder / "console.log") as booted:
        yield booted


@pytest.fixture
def installed(machine, package):
    """The machine with the package on it; purged after the test."""
    deb = package(f"picket_*_{rootfs.own_architecture()}.deb")
    shutil.copy(deb, machine.root / "root")
    machine.said = machine.must("dpkg", "--install", f"/root/{deb.name}")
    machine.deb = deb.name
    yield machine
    machine.run("dpkg", "--purge", "picket")


def test_unconfigured_it_waits_and_says_for_what(installed):
    assert installed.state("picket") == "inactive"
    assert "waits for its configuration" in installed.said
    status = installed.run("systemctl", "status", "--no-pager", "picket").stdout
    assert "ConditionPathExists=/etc/picket/picket.yaml was not met" in status


def test_a_wrong_configuration_is_not_tried_again(installed):
    installed.write("/etc/picket/picket.yaml", "sites: [ftp://example.org]\n", mode=0o644)
    assert installed.run("systemctl", "restart", "picket").returncode != 0
    assert installed.state("picket") == "failed"
    assert "NRestarts=0" in installed.must("systemctl", "show", "-p", "NRestarts", "picket")
    journal = installed.must("journalctl", "-u", "picket", "--no-pager")
    assert "picket.yaml:1:" in journal


def test_it_probes_is_cut_off_buffers_and_forwards(installed, stage):
    port = _configure(installed, stage)
    consumer = stage.consumer().start()
    installed.must("systemctl", "restart", "picket")  # Type=notify: it is ready when this returns
    assert installed.state("picket") == "active"
    _wait_for(installed, port, "picket_records_acknowledged_total", 5)

    stage.kill_broker()
    _wait_for(installed, port, "picket_buffer_records", 5)
    installed.must("systemctl", "restart", "picket")
    stage.broker.start()
    wait_until(lambda: total(read_metrics(port), "picket_buffer_records") == 0
               and total(read_metrics(port), "picket_records_acknowledged_total") > 0,
               "a drained buffer", 60, alive=[installed.process])
    wait_for_rows(stage.connect(), 10, consumer.process)
    installed.must("systemctl", "stop", "picket")
    audit = wait_until(lambda: "missing 0, duplicates 0" in (said := consumer.call("audit").stdout) and said,
                       "an audit without losses", 30)
    assert "at most" not in audit  # every stop was a clean one

    id_file = installed.root / "var/lib/picket/picket.agent-id"
    assert id_file.stat().st_mode & 0o077 == 0
    before = id_file.read_text()
    installed.must("dpkg", "--install", f"/root/{installed.deb}")  # as an upgrade does
    assert id_file.read_text() == before
    assert installed.state("picket") == "active"


def test_reload_applies_new_sites_and_refuses_mistakes(installed, stage):
    _configure(installed, stage)
    installed.must("systemctl", "restart", "picket")
    installed.must("systemctl", "reload", "picket")
    with open(installed.root / "etc/picket/picket.yaml", "a") as file:
        file.write("nonsense: 1\n")
    assert installed.run("systemctl", "reload", "picket").returncode != 0
    assert installed.state("picket") == "active"


def test_purge_leaves_nothing(installed, stage):
    _configure(installed, stage)
    installed.must("systemctl", "restart", "picket")
    installed.must("dpkg", "--remove", "picket")
    assert (installed.root / "var/lib/picket").is_dir()
    assert (installed.root / "etc/picket/picket.yaml").exists()
    installed.must("dpkg", "--purge", "picket")
    assert not (installed.root / "var/lib/picket").exists()
    # What somebody put there beside it is not the package's.
    assert [path.name for path in (installed.root / "etc/picket").iterdir()] == ["ca.pem"]


@pytest.mark.parametrize("unit", ["picket.service", "picket-consumer.service"])
def test_the_sandbox_is_tight(unit):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={_LIMIT}",
         paths.ROOT / "packaging" / "systemd" / unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-500:] + done.stderr


def _configure(machine: Machine, stage) -> int:
    """Its configuration as an administrator writes it: secrets in files of root's. The port of /metrics."""
    port = free_ports(1)[0]
    kafka = stage.kafka()
    machine.write("/etc/picket/secrets/kafka-password", kafka.pop("password") + "\n")
    shutil.copy(stage.servers.pki.ca, machine.root / "etc/picket/ca.pem")
    (machine.root / "etc/picket/ca.pem").chmod(0o644)
    write_config(machine.root / "etc/picket/picket.yaml", {
        "defaults": {"interval": "200ms", "timeout": "200ms", "ca_file": "/etc/picket/ca.pem"},
        "sites": [{"name": "tls", "url": stage.sites.url("/good", "https"), "regex": "ok"}],
        "kafka": kafka | {"ca_file": "/etc/picket/ca.pem",
                          "password_file": "/run/credentials/picket.service/secret_kafka-password"},
        "buffer": {"path": "/var/lib/picket/buffer.db", "spill_after": "1s", "commit_interval": "1s"},
        "serve": {"listen": f"127.0.0.1:{port}"},
    }).chmod(0o644)
    return port


def _wait_for(machine: Machine, port: int, metric: str, at_least: float) -> None:
    try:
        wait_until(lambda: total(read_metrics(port), metric) >= at_least, f"{metric} >= {at_least}", 40)
    except TimeoutError as error:
        journal = machine.run("journalctl", "--unit=picket", "--no-pager", "--lines=30").stdout
        raise TimeoutError(f"{error}\n{journal}") from None
