"""Three brokers, of which two must have a record: they restart one after the other, and the lead moves."""

import re
from collections.abc import Iterator

import pytest

from proof import acknowledges, busy_agent, settle
from stage import Stage
from testbed.admin import Admin
from testbed.cluster import Cluster
from testbed.wait import wait_until


@pytest.fixture(scope="module")
def cluster(servers) -> Iterator[Cluster]:
    with Cluster(servers.folder / "cluster", servers.pki) as running:
        yield running


@pytest.fixture(scope="module")
def cluster_admin(cluster) -> Admin:
    kafka = Admin(cluster)
    kafka.grant_prefix("picket.")
    return kafka


@pytest.fixture
def stage(request, servers, cluster, cluster_admin) -> Iterator[Stage]:
    with Stage.of_test(request, servers, cluster_admin, cluster) as made:
        yield made


def test_brokers_restarted_one_after_the_other_and_the_lead_given_back(stage, cluster):
    consumer = stage.consumer().start()
    agent = busy_agent(stage).start()
    acknowledges(agent)
    made_with = stage.admin.leaders(stage.topic)
    for broker in cluster.brokers:
        broker.stop()
        acknowledges(agent, 50)  # by the other two
        broker.start()
        wait_until(lambda: stage.admin.in_sync(stage.topic), "copies that have caught up", 30)
    assert stage.admin.leaders(stage.topic) != made_with, "no partition moved"
    stage.admin.prefer_leaders(stage.topic)
    wait_until(lambda: stage.admin.leaders(stage.topic) == made_with, "leaders as at first")
    acknowledges(agent, 50)
    settle(stage, agent, consumer)


def test_a_broker_killed_and_another_frozen(stage, cluster):
    """With one of three left nothing is acknowledged; with two it goes on."""
    consumer = stage.consumer().start()
    agent = busy_agent(stage).start()
    acknowledges(agent)
    cluster.brokers[0].kill()
    acknowledges(agent, 50)
    cluster.brokers[1].process.pause()
    wait_until(lambda: agent.metric("picket_buffer_records") >= 50, "buffered records", 30,
               alive=[agent.process])
    cluster.brokers[1].process.resume()
    acknowledges(agent, 50, 60)
    cluster.brokers[0].start()
    settle(stage, agent, consumer)


def test_too_few_copies_in_sync_are_told_until_they_are_back(stage, cluster):
    """librdkafka tries again without a word; that brokers answer gives it away."""
    stage.make_topic(min_insync_replicas="3")
    agent = stage.agent().start()
    acknowledges(agent)
    cluster.brokers[0].kill()
    told = (r"no record is acknowledged for \d+ s though a broker answers: fewer replicas are in sync than the "
            r"topic's min.insync.replicas\? Bring its brokers back, or lower it; results are kept and sent later")
    wait_until(lambda: re.search(told, agent.process.log()), "word of min.insync.replicas", 60,
               alive=[agent.process])
    assert agent.metrics()['picket_kafka_errors_total{kind="unacknowledged"}'] >= 1
    cluster.brokers[0].start()
    acknowledges(agent, 50, 60)
    assert "records are acknowledged again" in agent.process.log()
