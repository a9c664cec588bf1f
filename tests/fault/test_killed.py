"""Agent, consumer and database killed at random moments.

The moments come from PICKET_SEED and the test's name: those of a failure can be had again.
"""

import random
import threading

import pytest

import records
from proof import agent_behind_proxy, buffers, busy_agent, settle, stamped
from stage import wait_for_rows
from testbed.programs import Agent, acknowledged
from testbed.wait import wait_until

pytestmark = pytest.mark.torture

# Of a consumer that is killed: the group gives its partitions to the next one sooner.
QUICK_GROUP = {"session.timeout.ms": "2000", "heartbeat.interval.ms": "500"}


def pass_time(dice: random.Random, most: float) -> None:
    """The random moment, up to `most` seconds from now, at which something is killed."""
    threading.Event().wait(dice.uniform(0, most))


def last_words(agent: Agent) -> tuple[int, int]:
    """Kills it; how many results it had acknowledged and stamped just before, at least."""
    metrics = agent.metrics()
    seen = stamped(agent)
    agent.process.kill()
    return int(max(acknowledged(metrics), 0)), seen


def test_agent_killed_on_and_off_line(stage, proxy, rounds, dice):
    """Nothing acknowledged or buffered is lost, and the rest is within what the ledger allows."""
    consumer = stage.consumer().start()
    agent = agent_behind_proxy(stage)
    heard = []
    for _ in range(rounds):
        agent.start()
        pass_time(dice, 1.5)
        if dice.random() < 0.5:
            proxy.refuse()
            pass_time(dice, 2)
        if dice.random() < 0.5:
            proxy.heal()
        pass_time(dice, 1)
        heard.append(last_words(agent))
    proxy.heal()
    agent.start()
    audit = settle(stage, agent, consumer)
    assert audit["received"] >= sum(done for done, _ in heard)
    assert sum(seen for _, seen in heard) - audit["received"] <= audit["unaccounted_max"]


def test_agent_killed_while_every_record_is_written_first(stage, proxy, rounds, dice):
    """buffer.mode always: what the buffer holds at the kill arrives, whatever the broker knew."""
    consumer = stage.consumer().start()
    agent = agent_behind_proxy(stage, buffer={"mode": "always"})
    for _ in range(rounds):
        agent.start()
        wait_until(agent.metrics, "agent that answers", alive=[agent.process])
        proxy.refuse()
        buffers(agent, 10)
        pass_time(dice, 1)
        kept = agent.metric("picket_buffer_records")
        agent.process.kill()
        agent.start()
        assert wait_until(lambda: max(agent.metric("picket_buffer_records"), 0), "buffer",
                          alive=[agent.process]) >= kept
        proxy.heal()
        pass_time(dice, 1)
        agent.process.kill()
    # In that mode the buffer is never empty for long: the last one is an agent of the usual kind.
    settle(stage, agent_behind_proxy(stage).start(), consumer)


def test_consumer_killed_at_work(stage, rounds, dice):
    """It is fed 5,000 records a round, and dies somewhere between the first and the last."""
    consumer = stage.consumer(kafka=stage.sink_kafka(librdkafka=QUICK_GROUP))
    assert consumer.call("migrate").returncode == 0
    database = stage.connect()
    epoch = records.new_epoch()
    for number in range(rounds):
        stage.admin.write(stage.topic, records.run("gw", epoch, number * 5000 + 1,
                                                   (number + 1) * 5000, number % 3))
        consumer.start()
        wait_until(lambda: "reading" in consumer.process.log(), "partitions", 30,
                   alive=[consumer.process])
        pass_time(dice, 1)
        consumer.process.kill()
    consumer.start()
    wait_for_rows(database, rounds * 5000, consumer.process, 60)
    assert database.execute("SELECT count(*), count(DISTINCT seq), min(seq), max(seq) FROM result"
                            ).fetchone() == (rounds * 5000, rounds * 5000, 1, rounds * 5000)
    assert consumer.call("audit").returncode == 0


def test_database_crashes(stage, rounds, dice):
    consumer = stage.consumer().start()
    agent = busy_agent(stage).start()
    for _ in range(rounds):
        pass_time(dice, 2)
        stage.postgres.crash()
        pass_time(dice, 1)
        stage.postgres.start()
    assert consumer.process.running  # it waits, it does not end
    settle(stage, agent, consumer)


def test_all_three_killed_at_once(stage, proxy, rounds, dice):
    consumer = stage.consumer(kafka=stage.sink_kafka(librdkafka=QUICK_GROUP)).start()
    agent = agent_behind_proxy(stage).start()
    heard = []
    for _ in range(rounds):
        pass_time(dice, 2)
        consumer.process.kill()
        stage.postgres.crash()
        heard.append(last_words(agent))
        agent.start()
        pass_time(dice, 1)
        stage.postgres.start()
        consumer.start()
    audit = settle(stage, agent, consumer, seconds=90)
    assert audit["received"] >= sum(done for done, _ in heard)
