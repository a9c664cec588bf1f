"""Every fault the agent can meet, on real parts: one line with cause, cure and what happens meanwhile; and its count."""

import json
import random
import re

import pytest

from kafka_faults import (
    FAULTS,
    NO_SUCH_BROKER,
    PEER_ALERT,
    SILENT_SERVER,
    UNKNOWN_NAME,
    name_server,
    peer_that_wants_a_certificate,
)
from stage import Stage
from testbed import mounts
from testbed.broker import STRANGER
from testbed.programs import Agent
from testbed.wait import wait_until

KEPT = r"; results are kept and sent later"


def tells(agent: Agent, told: str, kind: str | None = None, seconds: float = 30) -> None:
    """Until the log has that line, once, and the counter of that kind counts."""
    wait_until(lambda: re.search(told, agent.process.log()), f"line with {told!r}", seconds,
               alive=[agent.process])
    if kind:
        name = f'picket_kafka_errors_total{{kind="{kind}"}}'
        wait_until(lambda: (agent.metrics() or {}).get(name, 0) >= 1, name, 10, alive=[agent.process])
    assert len(re.findall(told, agent.process.log())) == 1


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_wrong_with_a_broker(stage, name):
    fault = FAULTS[name]
    agent = stage.agent(kafka=stage.kafka(listener=fault.listener) | fault.changes(stage)).start()
    tells(agent, r"warning kafka +" + fault.told + ".*" + KEPT, fault.kind)


def test_a_peer_that_sends_an_alert(stage):
    with peer_that_wants_a_certificate(stage) as address:
        agent = stage.agent(kafka=stage.kafka(brokers=[address])).start()
        tells(agent, PEER_ALERT + ".*" + KEPT, "peer_alert")


def test_no_broker_at_all(stage):
    stage.kill_broker()
    agent = stage.agent().start()
    tells(agent, r"no broker (can be reached|acknowledges): check the network.*" + KEPT, "away")


def test_no_permission_on_the_topic(stage):
    agent = stage.agent(kafka=stage.kafka(user=STRANGER)).start()
    tells(agent, rf"topic '{stage.topic}' is refused \(Broker: Topic authorization failed\): grant Write and "
          "Describe on it to the user of kafka.username" + KEPT, "permission")


def test_an_unknown_topic(stage):
    agent = stage.agent(kafka=stage.kafka() | {"topic": "picket.nowhere"}).start()
    tells(agent, r"topic 'picket.nowhere' is refused \(.*\): create it, or correct kafka.topic" + KEPT,
          "unknown_topic")


def test_a_record_too_large_for_the_topic(stage):
    stage.make_topic(max_message_bytes="1000")
    noise = random.Random(1).randbytes(450).hex()  # does not compress well
    agent = stage.agent([
        {"name": "large", "url": stage.sites.url("/good"), "regex": noise},
        {"name": "small", "url": stage.sites.url("/good")},
    ], kafka=stage.kafka(librdkafka={"compression.type": "none"})).start()
    wait_until(lambda: agent.acknowledged() >= 5, "small records", alive=[agent.process])
    tells(agent, rf"record \d+ of stream probe \(\d+ bytes\) is given up: no broker takes it for topic "
          rf"'{stage.topic}' \(.*\): raise max.message.bytes of the topic; the others are sent, the audit "
          "names it", "too_large")


def test_a_time_that_the_topic_does_not_take(stage):
    """Every record is older than a millisecond when the broker sees it, as if the clock were slow."""
    stage.make_topic(message_timestamp_type="CreateTime", message_timestamp_before_max_ms="1")
    agent = stage.agent().start()
    tells(agent, rf"topic '{stage.topic}' is refused \(Broker: Invalid timestamp\): check this machine's clock "
          r"\(NTP\), or give the topic message.timestamp.type=LogAppendTime" + KEPT, "timestamp")
    assert agent.metric("picket_records_rejected_total") == 0


@pytest.mark.parametrize(("silent", "told"), [(False, UNKNOWN_NAME), (True, SILENT_SERVER)],
                         ids=["unknown name", "silent name server"])
def test_a_name_that_is_not_found(stage, silent, told):
    agent = stage.agent(kafka=stage.kafka(brokers=[NO_SUCH_BROKER]))
    with name_server(stage, agent.process, silent):
        agent.start()
        tells(agent, told + ".*" + KEPT, "dns", 60)


def own_disk(agent: Agent, stage: Stage, options: str) -> str:
    """The folder of its buffer becomes a tmpfs with these options; the command that mounts it."""
    if not mounts.permitted():
        pytest.skip("no mount namespace: a program cannot have a disk of its own")
    (stage.folder / "disk").mkdir()
    return f"mount -t tmpfs -o {options} none '{stage.folder / 'disk'}'"


def on_its_disk(stage: Stage, **kafka) -> Agent:
    return stage.agent(kafka=stage.kafka(**kafka),
                       buffer={"path": str(stage.folder / "disk" / "buffer.db"), "max_bytes": "1MiB"})


def test_a_disk_that_fills_up(stage):
    """At first the oldest results make room; nothing is said twice."""
    agent = on_its_disk(stage)
    stage.kill_broker()
    mounts.give(agent.process, own_disk(agent, stage, "size=2m"))
    agent.start()
    wait_until(lambda: agent.metric("picket_buffer_records") >= 1, "a record in the buffer", alive=[agent.process])
    disk = stage.folder / "disk"
    mounts.run_inside(agent.process, "sh", "-c", f"cat /dev/zero > '{disk}/filler' || true")
    tells(agent, rf"warning buffer +no space for {disk}/buffer.db to grow beyond \d+ KiB: free space on the file "
          "system of buffer.path, or set buffer.path to another; the oldest results make room for new ones "
          "meanwhile", seconds=60)
    mounts.run_inside(agent.process, "rm", f"{disk}/filler")
    wait_until(lambda: "there is space for" in agent.process.log(), "space", 60, alive=[agent.process])


def test_a_disk_that_is_full_at_the_start(stage):
    agent = on_its_disk(stage)
    disk = stage.folder / "disk"
    mounts.give(agent.process, own_disk(agent, stage, "size=64k"),
                f"(cat /dev/zero > '{disk}/filler' 2>/dev/null || true)")
    agent.start()
    assert agent.process.wait(20) == 74
    assert re.search(rf"buffer.path: {disk}/buffer.db: .*: free space on the file system of buffer.path, or set "
                     "buffer.path to another", agent.process.log()), agent.process.log()


def test_a_disk_that_is_read_only(stage):
    agent = on_its_disk(stage)
    mounts.give(agent.process, own_disk(agent, stage, "ro"))
    agent.start()
    assert agent.process.wait(20) == 77
    assert re.search(r"buffer.path: .*: make the folder of buffer.path writable for the agent \(is its file system "
                     r"mounted read-only\?\), or set buffer.path to another", agent.process.log())


def test_json_lines_are_json_whatever_goes_wrong(stage):
    agent = stage.agent(kafka=stage.kafka(user=STRANGER, password="not \"it\""), log={"format": "json", "level": "debug"})
    agent.start()
    wait_until(lambda: "refused user" in agent.process.log(), "a refusal", alive=[agent.process])
    assert agent.process.stop() == 0
    lines = [json.loads(line) for line in agent.process.log_path.read_bytes().decode("utf-8").splitlines()]
    assert all(line.keys() == {"ts", "level", "component", "msg"} for line in lines)
    refused = next(line for line in lines if "refused user" in line["msg"])
    assert (refused["level"], refused["component"]) == ("warning", "kafka")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", refused["ts"])
    assert "kafka.password" in refused["msg"] and refused["msg"].endswith(KEPT)
