"""The .ipk: its format, and the agent it brings, on the architecture it is for, with a real Kafka."""

import gzip
import os
import shutil
import tarfile

import pytest

from openwrt_root import OpenWrtRoot
from rootfs import Unavailable
from stage import wait_for_rows
from testbed import paths
from testbed.ports import free_ports
from testbed.process import Process
from testbed.programs import read_metrics, total
from testbed.wait import wait_until

_FOREIGN = ["arm_cortex-a7_neon-vfpv4", "aarch64_cortex-a53", "mipsel_24kc"]


def test_opkg_finds_what_it_wants(package):
    ipk = package("picket_*_x86_64.ipk")
    content = gzip.decompress(ipk.read_bytes())
    assert content[257:265] == b"ustar  \0", "GNU format: opkg takes pax for an empty archive"
    with tarfile.open(ipk) as outer:
        assert outer.getnames() == ["./debian-binary", "./data.tar.gz", "./control.tar.gz"]
        with tarfile.open(fileobj=outer.extractfile("./data.tar.gz")) as data:
            names = data.getnames()
            assert {(member.uid, member.gid, member.uname) for member in data} == {(0, 0, "")}
    assert names == sorted(names)
    for name in ("usr/bin/picket", "etc/init.d/picket", "etc/config/picket", "lib/upgrade/keep.d/picket"):
        assert f"./{name}" in names


@pytest.fixture
def root(request, package):
    """OpenWrt of one architecture with the package installed."""
    if os.geteuid() != 0:
        raise Unavailable("a chroot is entered by root")
    openwrt = getattr(request, "param", "x86_64")
    ipk = package(f"picket_*_{openwrt}.ipk")
    made = OpenWrtRoot(openwrt, paths.build_dir() / "package" / "openwrt" / openwrt)
    made.install(ipk)
    return made


def test_it_is_not_enabled_by_itself(root):
    assert root.init("start").returncode == 0
    assert root.procd() == {}
    assert "not enabled" in (root.root / "tmp/syslog").read_text()


def test_a_mistake_in_uci_is_told_and_nothing_started(root, stage):
    _configure(root, stage, regex="(")
    assert root.init("start").returncode == 1
    assert root.procd() == {}
    assert "regex" in (root.root / "tmp/syslog").read_text()


def test_it_probes_is_cut_off_buffers_and_forwards(root, stage):
    _flow(root, stage)


@pytest.mark.slow
@pytest.mark.parametrize("root", _FOREIGN, indirect=True)
def test_on_its_own_architecture(root, stage):
    _flow(root, stage)


def _flow(root: OpenWrtRoot, stage) -> None:
    port = _configure(root, stage)
    consumer = stage.consumer().start()
    done = root.init("start")
    assert done.returncode == 0, done.stderr + (root.root / "tmp/syslog").read_text()
    procd = root.procd()
    assert procd["user"] == ["picket"] and procd["respawn"] == ["3600", "5", "0"]
    config = root.root / "var/etc/picket.yaml"
    assert config.stat().st_mode & 0o077 == 0
    agent = stage.owns(Process("picket", root.command(*procd["command"], user="picket"),
                               stage.folder / "picket.log", env={"PATH": "/bin"}))
    agent.start()
    wait_until(lambda: total(read_metrics(port), "picket_records_acknowledged_total") >= 5,
               "acknowledged records", 60, alive=[agent])
    stage.kill_broker()
    wait_until(lambda: total(read_metrics(port), "picket_buffer_records") >= 5, "buffered records", 60,
               alive=[agent])
    stage.broker.start()
    wait_until(lambda: total(read_metrics(port), "picket_buffer_records") == 0, "a drained buffer", 90,
               alive=[agent])
    assert agent.stop() == 0
    wait_for_rows(stage.connect(), 10, consumer.process, 60)
    wait_until(lambda: "missing 0, duplicates 0" in consumer.call("audit").stdout,
               "an audit without losses", 30)
    root.must("/bin/sh", "/usr/lib/opkg/info/picket.prerm", "remove")


def _configure(root: OpenWrtRoot, stage, regex: str = "ok") -> int:
    """UCI as a user writes it. The port of /metrics."""
    port = free_ports(1)[0]
    kafka = stage.kafka()
    secrets = root.root / "etc/picket"
    secrets.mkdir(exist_ok=True)
    (secrets / "kafka-password").write_text(kafka["password"] + "\n")
    (secrets / "kafka-password").chmod(0o600)
    shutil.copy(stage.servers.pki.ca, secrets / "ca.pem")
    (secrets / "ca.pem").chmod(0o644)
    (root.root / "etc/config/picket").write_text(f"""
config picket 'agent'
	option enabled '1'
	option interval '1s'
	option timeout '1s'
	option site_ca_file '/etc/picket/ca.pem'
	option listen '127.0.0.1:{port}'

config kafka 'kafka'
	list broker '{kafka["brokers"][0]}'
	option topic '{kafka["topic"]}'
	option username '{kafka["username"]}'
	option password_file '/etc/picket/kafka-password'
	option sasl_mechanism 'SCRAM-SHA-256'
	option ca_file '/etc/picket/ca.pem'

config buffer 'buffer'
	option path '/tmp/picket/buffer.db'
	option max_size '1MiB'

config site
	option name 'tls'
	option url '{stage.sites.url("/good", "https")}'
	option regex '{regex}'

config site
	option url '{stage.sites.url("/good")}'
""")
    return port
