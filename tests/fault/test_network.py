"""A bad line between agent and broker: slow, silent, cut, thin. The consumer's own is good."""

import pytest

from proof import acknowledges, agent_behind_proxy, buffers, busy_agent, drained, settle
from testbed.wait import wait_until

# A connection that went silent is given up after this, instead of librdkafka's minute.
IMPATIENT = {"socket.timeout.ms": "5000", "request.timeout.ms": "4000"}


def test_300_ms_each_way_is_only_slow(stage, proxy):
    consumer = stage.consumer().start()
    proxy.latency = 0.3
    agent = agent_behind_proxy(stage, buffer={"spill_after": "5s"}).start()
    drained(agent)  # of what came before the first connection, whose greeting takes seconds
    before = agent.metric("picket_records_spooled_total")
    acknowledges(agent, 100)
    assert agent.metric("picket_records_spooled_total") == before
    settle(stage, agent, consumer)


def test_a_stalled_line_is_waited_for(stage, proxy):
    consumer = stage.consumer().start()
    agent = agent_behind_proxy(stage).start()
    acknowledges(agent)
    proxy.stalled = True
    buffers(agent, 50)
    proxy.heal()
    acknowledges(agent)
    settle(stage, agent, consumer)


def test_a_half_open_connection_is_given_up_for_a_new_one(stage, proxy):
    consumer = stage.consumer().start()
    agent = agent_behind_proxy(stage, librdkafka=IMPATIENT).start()
    acknowledges(agent)
    proxy.half_open()
    buffers(agent, 50)
    proxy.heal()
    acknowledges(agent, seconds=60)
    settle(stage, agent, consumer)


@pytest.mark.slow
def test_a_half_open_connection_with_the_settings_of_a_user(stage, proxy):
    """librdkafka's own time-outs: a request that is not answered is given up after a minute."""
    consumer = stage.consumer().start()
    agent = agent_behind_proxy(stage).start()
    acknowledges(agent)
    proxy.half_open()
    buffers(agent, 50)
    proxy.heal()
    acknowledges(agent, seconds=120)
    settle(stage, agent, consumer)


@pytest.mark.torture
def test_resets_in_a_row_and_in_the_midst_of_requests(stage, proxy, rounds, dice):
    consumer = stage.consumer().start()
    agent = agent_behind_proxy(stage).start()
    for _ in range(2 * rounds):
        before = proxy.accepted
        proxy.cut_after(dice.randrange(1, 20_000))
        wait_until(lambda: proxy.accepted > before, "connection after a reset", 30,
                   alive=[agent.process])
    proxy.refuse()
    buffers(agent)
    proxy.heal()
    acknowledges(agent)
    settle(stage, agent, consumer)


def test_a_backlog_on_64_kbit_leaves_room_for_the_present(stage, proxy):
    consumer = stage.consumer().start()
    before = agent_behind_proxy(stage).start()
    acknowledges(before)
    proxy.refuse()
    buffers(before, 400)
    assert before.process.stop() == 0
    proxy.heal()
    proxy.bytes_per_second = 8000
    database = stage.connect()
    (start,) = database.execute("SELECT clock_timestamp()").fetchone()
    agent = busy_agent(stage, 5, defaults={"interval": "1s"},
                       kafka=stage.kafka(listener="proxied")).start()
    seconds_behind = []

    def look() -> bool:
        left = agent.metric("picket_buffer_records")
        (behind,) = database.execute(
            "SELECT extract(epoch FROM clock_timestamp() - max(ts))::float FROM result "
            "WHERE ts > %s", (start,)).fetchone()
        if left > 0 and behind is not None:
            seconds_behind.append(behind)
        return left == 0 and behind is not None

    wait_until(look, "end of the backlog", 90, alive=[agent.process], every=0.2)
    assert len(seconds_behind) >= 5, "the backlog was gone before anything could be seen"
    assert max(seconds_behind) < 8, seconds_behind
    settle(stage, agent, consumer)
