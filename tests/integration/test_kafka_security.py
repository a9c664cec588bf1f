"""The agent and a broker that it may or may not trust, that may or may not trust it."""

import re

import pytest
from confluent_kafka.admin import AclOperation

from testbed.broker import AGENT, STRANGER
from testbed.wait import wait_until


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "SCRAM-SHA-512"])
@pytest.mark.parametrize("listener", ["tls12", "tls13"])
def test_mechanisms_and_tls_versions(stage, listener, mechanism):
    agent = stage.agent(
        kafka=stage.kafka(listener=listener, sasl_mechanism=mechanism)).start()
    wait_until(lambda: agent.acknowledged() >= 5,
               "acknowledged records", alive=[agent.process])
    assert agent.process.stop() == 0
    assert len(stage.values()) >= 5


# What is wrong with the kafka section -> what the log says about it.
FAULTS = {
    "wrong password": (lambda stage: stage.kafka(password="not it"),
                       r"refused user 'agent' \(SCRAM-SHA-256\): check .*kafka\.password"),
    "unknown CA": (lambda stage: stage.kafka(ca_file=str(stage.servers.pki.other_ca)),
                   r"set kafka\.ca_file"),
    "wrong host name": (lambda stage: stage.kafka(listener="wrongname"),
                        r"use a name from the certificate"),
    "expired certificate": (lambda stage: stage.kafka(listener="expired"),
                            r"renew the broker's certificate"),
    "mechanism not offered": (lambda stage: stage.kafka(listener="only512"),
                              r"does not offer SCRAM-SHA-256; it offers SCRAM-SHA-512"),
    "no permission": (lambda stage: stage.kafka(user=STRANGER),
                      r"topic '.*' is refused \(Broker: Topic authorization failed\)"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_refusal_is_told_and_what_it_held_up_arrives_after_the_cure(stage, fault):
    wrong, told = FAULTS[fault]
    sick = stage.agent(kafka=wrong(stage)).start()
    wait_until(lambda: sick.metric("picket_buffer_records") >= 5, "records in the buffer",
               alive=[sick.process])
    wait_until(lambda: re.search(told, sick.process.log()), f"log line with {told!r}", 15,
               alive=[sick.process])
    # Said, not shouted: retries do not fill the log.
    assert len(re.findall(told, sick.process.log())) <= 5
    assert AGENT.password not in sick.process.log()
    assert sick.acknowledged() == 0
    assert sick.process.stop() == 0
    assert stage.values() == []
    cured = stage.agent().start()
    wait_until(lambda: cured.acknowledged() >= 1
               and cured.metric("picket_buffer_records") == 0, "empty buffer",
               alive=[cured.process])
    assert cured.process.stop() == 0
    assert_whole_lanes(stage.values(), lanes=2)


def test_permission_granted_later_is_found_without_a_restart(stage):
    agent = stage.agent(kafka=stage.kafka(user=STRANGER)).start()
    wait_until(lambda: agent.metric("picket_buffer_records") >= 5, "records in the buffer",
               alive=[agent.process])
    for operation in (AclOperation.WRITE, AclOperation.DESCRIBE):
        stage.admin.grant(STRANGER, operation, stage.topic)
    wait_until(lambda: agent.acknowledged() >= 5
               and agent.metric("picket_buffer_records") == 0, "empty buffer", 60,
               alive=[agent.process])
    # The status topic is still forbidden to it: results flow all the same.
    assert agent.process.stop() == 0
    assert_whole_lanes(stage.values(), lanes=1)


def assert_whole_lanes(values: list[dict], lanes: int) -> None:
    """Every lane is there from its first record to its last, each once."""
    seqs: dict[str, list[int]] = {}
    for value in values:
        seqs.setdefault(value["epoch"], []).append(value["seq"])
    assert len(seqs) == lanes
    for found in seqs.values():
        assert sorted(found) == list(range(1, len(found) + 1))
