"""picket doctor, against what is well and against each thing that can be wrong."""

import glob
import json
import socket
import subprocess
from pathlib import Path

import pytest
from confluent_kafka.admin import AclOperation

from testbed import paths
from testbed.broker import AGENT, HIDDEN, STRANGER
from testbed.ports import free_ports
from testbed.programs import clean_environment, write_config
from testbed.proxy import HttpProxy
from testbed.wait import wait_until


class Doctor:
    """What it said: the checks by heading and name."""

    def __init__(self, done: subprocess.CompletedProcess):
        self.code = done.returncode
        self.text = done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert said["ok"] == (self.code == 0), self.text
        self.checks = said["checks"]

    def find(self, area: str, name: str, verdict: str) -> str:
        """Found and cure of the check of that name below a heading that begins so."""
        for check in self.checks:
            if check["area"].startswith(area) and check["name"] == name:
                assert check["verdict"] == verdict, self.text
                return f"{check['found']} => {check['cure']}"
        raise AssertionError(f"no {name} below {area}: {self.text}")

    def crosses(self) -> list[str]:
        return [f"{check['area']}/{check['name']}" for check in self.checks
                if check["verdict"] == "failed"]


def agent_config(stage, **sections) -> Path:
    config = {
        "agent": "gw-test",
        "kafka": stage.kafka(),
        "buffer": {"path": str(stage.folder / "buffer.db")},
        "serve": {"listen": "off"},
        "sites": [{"name": "good", "url": stage.sites.url("/good")}],
        **sections,
    }
    return write_config(stage.folder / "doctor.yaml", config)


def examine(stage, *words, **sections) -> Doctor:
    return Doctor(stage.picket("doctor", "--config", agent_config(stage, **sections), "--json",
                               *words, seconds=40))


def test_all_is_well(stage):
    doctor = examine(stage, "--sites", "1")
    assert doctor.code == 0, doctor.text
    assert "1 site, 1 broker" in doctor.find("configuration", "settings", "ok")
    assert "UTC" in doctor.find("this machine", "clock", "ok")
    assert "1 certificate" in doctor.find("this machine", "kafka CA", "ok")
    assert "127.0.0.1" in doctor.find("broker", "dns", "ok")
    tls = doctor.find("broker", "tls", "warning")  # the testbed's certificates live for a week
    assert "TLSv1.3" in tls and "picket test CA" in tls and "more days" in tls
    login = doctor.find("broker", "login", "ok")
    assert "as 'agent' with SCRAM-SHA-256" in login and "PLAIN" in login
    assert "may write; 3 partitions" in doctor.find(f"topic {stage.topic}", "permission", "ok")
    assert "may write" in doctor.find(f"topic {stage.topic}.status", "permission", "ok")
    assert "1 of 1 in sync" in doctor.find("topic", "replicas", "ok")
    assert "median of" in doctor.find("buffer", "fsync", "ok")
    assert "up, HTTP 200" in doctor.find("sites", "good", "ok")
    assert AGENT.password not in doctor.text


def test_text_for_people(stage):
    config = agent_config(stage)
    plain = stage.picket("doctor", "--config", config, LC_ALL="C", seconds=40)
    pretty = stage.picket("doctor", "--config", config, LC_ALL="C.UTF-8", seconds=40)
    assert plain.returncode == pretty.returncode == 0, plain.stdout
    assert plain.stdout.isascii() and "  ok    clock" in plain.stdout
    assert "✓  clock" in pretty.stdout and "0 failed" in pretty.stdout
    assert "\033" not in plain.stdout + pretty.stdout  # no terminal, no colours


# What is wrong with the kafka section -> where the cross is, and what it says.
KAFKA_FAULTS = {
    "unknown CA": (lambda stage: stage.kafka(ca_file=str(stage.servers.pki.other_ca)),
                   "tls", "set kafka.ca_file"),
    "expired": (lambda stage: stage.kafka(listener="expired"), "tls", "expired"),
    "not yet valid": (lambda stage: stage.kafka(listener="future"), "tls", "not valid before"),
    "wrong host name": (lambda stage: stage.kafka(listener="wrongname"),
                        "tls", "use a name from the certificate"),
    "plaintext port": (lambda stage: stage.kafka(
        brokers=[f"localhost:{stage.broker.admin_address.split(':')[1]}"]),
        "tls", "SASL_SSL listener in kafka.brokers"),
    "wrong password": (lambda stage: stage.kafka(password="not it"),
                       "login", "kafka.username and kafka.password"),
    "mechanism not offered": (lambda stage: stage.kafka(listener="only512"),
                              "login", "it offers SCRAM-SHA-512"),
    "broker down": (lambda stage: stage.kafka(brokers=[f"127.0.0.1:{free_ports(1)[0]}"]),
                    "tcp", "connection refused by 127.0.0.1"),
    "no such name": (lambda stage: stage.kafka(brokers=["no-such-broker.invalid:9094"]),
                     "dns", "kafka.brokers"),
}


@pytest.mark.parametrize("fault", KAFKA_FAULTS)
def test_kafka_faults(stage, fault):
    wrong, name, told = KAFKA_FAULTS[fault]
    doctor = examine(stage, kafka=wrong(stage))
    assert doctor.code == 1
    assert told in doctor.find("broker", name, "failed"), doctor.text
    assert len(doctor.crosses()) == 1, doctor.text  # one fault, one cross: the rest is skipped
    doctor.find("topic", "permission", "skipped")
    assert AGENT.password not in doctor.text


def test_permission_and_topic(stage):
    doctor = examine(stage, kafka=stage.kafka(user=STRANGER))
    told = doctor.find(f"topic {stage.topic}", "permission", "failed")
    assert "User:stranger may not see the topic" in told and "--operation Write" in told
    doctor.find(f"topic {stage.topic}.status", "permission", "warning")

    stage.admin.grant(STRANGER, AclOperation.DESCRIBE, stage.topic)
    wait_until(lambda: "may not write" in examine(stage, kafka=stage.kafka(user=STRANGER)).find(
        f"topic {stage.topic}", "permission", "failed"), "right to see the topic")

    doctor = examine(stage, kafka=stage.kafka(topic=f"{stage.topic}.absent"))
    told = doctor.find("topic", "permission", "failed")
    assert "does not exist" in told and "message.timestamp.type=LogAppendTime" in told


def test_the_settings_of_the_topic_where_they_may_be_read(stage):
    stage.admin.grant(AGENT, AclOperation.DESCRIBE_CONFIGS, stage.topic)
    wait_until(lambda: any(check["name"] == "settings" and "LogAppendTime, max.message.bytes"
                           in check["found"] for check in examine(stage).checks),
               "right to read the settings")
    assert "min.insync.replicas 1" in examine(stage).find("topic", "replicas", "ok")


def test_a_topic_that_wants_more_copies_than_there_are_and_the_clients_time(stage):
    stage.make_topic(min_insync_replicas="2", message_timestamp_type="CreateTime")
    stage.admin.grant(AGENT, AclOperation.DESCRIBE_CONFIGS, stage.topic)
    wait_until(lambda: any(check["name"] == "replicas" and check["verdict"] == "failed"
                           for check in examine(stage).checks), "right to read the settings")
    doctor = examine(stage)
    assert "lower min.insync.replicas on the topic" in doctor.find("topic", "replicas", "failed")
    assert "set message.timestamp.type=LogAppendTime" in doctor.find("topic", "settings", "warning")


def test_a_broker_that_wants_a_client_certificate(stage):
    doctor = examine(stage, kafka=stage.kafka(listener="mutual"))
    assert doctor.code == 1
    assert "kafka.cert_file" in doctor.text


def test_through_a_proxy(stage):
    with HttpProxy(names={HIDDEN: "127.0.0.1"}) as proxy:
        kafka = stage.kafka(AGENT, "hidden", proxy=proxy.url())
        doctor = examine(stage, kafka=kafka)
        assert doctor.code == 0, doctor.text
        assert "a tunnel through 127.0.0.1" in doctor.find("broker", "proxy", "ok")
        proxy.login = ("someone", "secret")
        told = examine(stage, kafka=kafka).find("broker", "proxy", "failed")
        assert "407" in told and "set user and password in kafka.proxy" in told


def test_a_password_file_for_all_eyes_is_a_warning(stage):
    secret = stage.folder / "password"
    secret.write_text(AGENT.password)
    secret.chmod(0o644)
    kafka = stage.kafka() | {"password_file": str(secret)}
    del kafka["password"]
    doctor = examine(stage, kafka=kafka)
    assert doctor.code == 0, doctor.text
    assert "password" in doctor.find("configuration", "settings", "warning")


def test_a_clock_of_1970(stage):
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
    if library is None:
        pytest.skip("libfaketime is not installed")
    doctor = Doctor(stage.picket("doctor", "--config", agent_config(stage), "--json", seconds=40,
                                 LD_PRELOAD=library, FAKETIME="@1970-01-01 00:01:00",
                                 FAKETIME_DONT_FAKE_MONOTONIC="1", TZ="UTC"))
    assert "never set" in doctor.find("this machine", "clock", "failed")
    assert "clock" in doctor.find("broker", "tls", "failed")


def test_configuration_errors_end_with_78(stage):
    doctor = examine(stage, buffer={"max_bytes": "1KiB"})
    assert doctor.code == 78
    assert "buffer.max_bytes" in doctor.find("configuration", "settings", "failed")
    assert "doctor.yaml:" in doctor.text


def test_a_running_agent_is_no_fault(stage):
    agent = stage.agent().start()
    wait_until(lambda: agent.acknowledged() >= 1, "acknowledged record", alive=[agent.process])
    doctor = Doctor(stage.picket("doctor", "--config", agent.config_path, "--json", seconds=40))
    assert doctor.code == 0, doctor.text
    assert f"process {agent.process.pid}" in doctor.find("buffer", "in use", "ok")
    assert "a picket agent answers" in doctor.find("serve", "listen", "ok")
    # It did not lose its lock to our look.
    before = agent.acknowledged()
    wait_until(lambda: agent.acknowledged() >= before + 3, "more records", alive=[agent.process])


def test_a_taken_port_and_a_ca_file_without_certificates(stage):
    empty = stage.folder / "empty.pem"
    empty.write_text("nothing\n")
    port = stage.broker.admin_address.split(":")[1]
    doctor = examine(stage, serve={"listen": f"127.0.0.1:{port}"},
                     kafka=stage.kafka(ca_file=str(empty)))
    assert "serve.listen" in doctor.find("serve", "listen", "failed")
    assert "holds no PEM certificate" in doctor.find("this machine", "kafka CA", "failed")


def in_namespace(script: str, stage, config: Path) -> Doctor:
    """Runs doctor after `script`, in a mount namespace of its own."""
    allowed = subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False)
    if allowed.returncode != 0:
        pytest.skip("unshare -m is not permitted")
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", f'{script}; exec "$0" doctor --json --config "$1"',
         paths.program("picket"), config],
        env=clean_environment() | {"DIR": str(stage.folder / "disk")}, cwd=stage.folder,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=40, check=False)
    return Doctor(done)


TMPFS = 'mkdir -p "$DIR"; mount -t tmpfs -o size=512k tmpfs "$DIR"'


def test_the_disk_of_the_buffer(stage):
    config = agent_config(stage, buffer={"path": str(stage.folder / "disk" / "buffer.db")})
    doctor = in_namespace(TMPFS, stage, config)
    assert "lost at a reboot" in doctor.find("buffer", "directory", "warning")
    assert "buffer.max_bytes" in doctor.find("buffer", "space", "warning")
    doctor = in_namespace(f'{TMPFS}; cat /dev/zero >"$DIR/full" 2>/dev/null || true', stage, config)
    assert "the disk is full" in doctor.find("buffer", "space", "failed")
    doctor = in_namespace(f'{TMPFS}; mount -o remount,ro "$DIR"', stage, config)
    assert "Read-only file system" in doctor.find("buffer", "directory", "failed")


def test_no_name_server_answers(stage):
    config = agent_config(stage, kafka=stage.kafka(brokers=["kafka.example.org:9094"]))
    doctor = in_namespace('f=$(mktemp); echo "# none" >"$f"; mount --bind "$f" /etc/resolv.conf',
                          stage, config)
    assert "/etc/resolv.conf names none" in doctor.find("broker", "dns", "failed")


def test_a_name_server_that_is_silent(stage):
    config = agent_config(stage, kafka=stage.kafka(brokers=["kafka.example.org:9094"]))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
        try:
            silent.bind(("127.0.0.73", 53))
        except PermissionError:
            pytest.skip("port 53 is not ours")
        doctor = in_namespace("f=$(mktemp); echo nameserver 127.0.0.73 >$f; "
                              "mount --bind $f /etc/resolv.conf",
                              stage, config)
    assert "no answer from the name server 127.0.0.73" in doctor.find("broker", "dns", "failed")


def test_a_site_that_nobody_knows_is_a_warning(stage):
    doctor = examine(stage, sites=[{"name": "gone", "url": "http://no-such-site.invalid/"}])
    assert doctor.code == 0, doctor.text
    assert "NXDOMAIN" in doctor.find("this machine", "site names", "warning")
