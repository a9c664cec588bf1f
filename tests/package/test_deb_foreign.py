"""The agent's packages for other machines, installed by dpkg in a Debian of theirs, under qemu-user."""

import os
import shutil
import subprocess

import pytest

import rootfs
from stage import wait_for_rows
from testbed import paths
from testbed.ports import free_ports
from testbed.process import Process
from testbed.programs import read_metrics, total, write_config
from testbed.wait import wait_until

pytestmark = pytest.mark.slow

# armhf is for the first Raspberry Pi as well: its processor, not the emulator's newest.
_PROCESSORS = {"armhf": "arm1176", "arm64": "cortex-a53"}


@pytest.fixture(params=sorted(_PROCESSORS))
def arch(request):
    if request.param == rootfs.own_architecture():
        pytest.skip("this machine's own: test_deb.py")
    return request.param


@pytest.fixture
def root(arch, package):
    deb = package(f"picket_*_{arch}.deb")
    made = rootfs.unpack(rootfs.make(arch, ("ca-certificates", "systemd")),
                         paths.build_dir() / "package" / "foreign" / arch)
    shutil.copy(deb, made / "root")
    done = subprocess.run(["chroot", made, "dpkg", "--install", f"/root/{deb.name}"], capture_output=True,
                          text=True, check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})
    assert done.returncode == 0, done.stdout + done.stderr
    assert "waits for its configuration" in done.stdout
    return made


def test_it_probes_is_cut_off_buffers_and_forwards(root, arch, stage):
    port = free_ports(1)[0]
    state = root / "var/lib/picket"
    state.mkdir(exist_ok=True)
    user = next(line.split(":") for line in (root / "etc/passwd").read_text().splitlines()
                if line.startswith("picket:"))
    os.chown(state, int(user[2]), int(user[3]))
    shutil.copy(stage.servers.pki.ca, root / "etc/picket/ca.pem")
    config = write_config(root / "etc/picket/picket.yaml", {
        "agent": f"gw-{arch}",
        "defaults": {"interval": "1s", "timeout": "1s", "ca_file": "/etc/picket/ca.pem"},
        "sites": [{"name": "tls", "url": stage.sites.url("/good", "https"), "regex": "ok"},
                  stage.sites.url("/good")],
        "kafka": stage.kafka() | {"ca_file": "/etc/picket/ca.pem"},
        "buffer": {"path": "/var/lib/picket/buffer.db", "spill_after": "1s", "commit_interval": "1s"},
        "serve": {"listen": f"127.0.0.1:{port}"},
    })
    config.chmod(0o644)
    consumer = stage.consumer().start()
    agent = stage.owns(Process(
        f"picket-{arch}", ["chroot", f"--userspec={user[2]}:{user[3]}", root, "/usr/bin/picket", "run"],
        stage.folder / "picket.log", env={"PATH": "/usr/bin", "QEMU_CPU": _PROCESSORS[arch]})).start()
    _wait_for(port, agent, lambda metrics: total(metrics, "picket_records_acknowledged_total") >= 5)
    stage.kill_broker()
    _wait_for(port, agent, lambda metrics: total(metrics, "picket_buffer_records") >= 5)
    stage.broker.start()
    _wait_for(port, agent, lambda metrics: total(metrics, "picket_buffer_records") == 0)
    assert agent.stop() == 0
    wait_for_rows(stage.connect(), 10, consumer.process, 60)
    wait_until(lambda: "missing 0, duplicates 0" in consumer.call("audit").stdout,
               "an audit without losses", 30)


def _wait_for(port: int, agent: Process, condition) -> None:
    wait_until(lambda: (metrics := read_metrics(port)) is not None and condition(metrics),
               "what the metrics should say", 120, alive=[agent])
