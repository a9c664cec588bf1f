"""A broker that is frozen, that forbids, that refuses one record; and three that take turns."""

import json
import secrets
import urllib.request

import pytest

from proof import acknowledges, buffers, busy_agent, many_sites, settle
from testbed.broker import AGENT
from testbed.wait import wait_until


# Fails in some runs: after "new leader -1" records of that partition wait for more than a minute. Nothing is lost, the
# cause is not found yet. A shorter freeze is in every run: integration/test_offline.py.
@pytest.mark.slow
def test_a_broker_frozen_for_ten_seconds(stage):
    consumer = stage.consumer().start()
    agent = busy_agent(stage).start()
    acknowledges(agent)
    stage.broker.process.pause()
    buffers(agent, 450)  # of fifty a second
    stage.broker.process.resume()
    acknowledges(agent, seconds=60)
    settle(stage, agent, consumer)


def test_permission_withdrawn_and_given_back(stage):
    consumer = stage.consumer().start()
    agent = busy_agent(stage).start()
    acknowledges(agent)
    stage.admin.forbid(AGENT, stage.topic)
    wait_until(lambda: "grant Write and Describe" in agent.process.log(), "word of the permission",
               alive=[agent.process])
    buffers(agent, 100)
    stage.admin.permit(AGENT, stage.topic)
    acknowledges(agent, seconds=60)
    settle(stage, agent, consumer)


def test_a_record_that_is_too_large_is_rejected_by_its_number_and_the_others_flow(stage):
    stage.make_topic(max_message_bytes="1400")
    consumer = stage.consumer().start()
    # A text that does not compress: with it a record is larger than the topic takes.
    long = {"name": "long", "url": stage.sites.url("/missing"), "regex": secrets.token_hex(500),
            "interval": "1s"}
    before = hits(stage, "/missing")
    agent = stage.agent([*many_sites(stage, 5), long],
                        defaults={"interval": "200ms", "timeout": "200ms"}).start()
    acknowledges(agent, 30)
    wait_until(lambda: agent.metric("picket_records_rejected_total") >= 3, "rejected records", 60,
               alive=[agent.process])
    acknowledges(agent, 30)
    audit = settle(stage, agent, consumer, loses_some=True)
    assert 3 <= audit["rejected"] <= hits(stage, "/missing") - before
    assert {value["name"] for value in stage.values()} == {f"site-{n}" for n in range(5)}


def hits(stage, path: str) -> int:
    """How often the site server was asked for a path."""
    with urllib.request.urlopen(stage.sites.url("/hits"), timeout=5) as answer:
        return json.load(answer).get(path, 0)
