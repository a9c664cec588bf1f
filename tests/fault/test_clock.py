"""A wall clock that is wrong at the start, or steps: NTP on a gateway without a battery."""

import datetime

from proof import acknowledges, buffers, busy_agent, settle
from stage import Stage
from testbed.wall_clock import WallClock
from testbed.programs import Agent
from testbed.wait import wait_until


def agent_with_clock(stage: Stage, **sections) -> tuple[Agent, WallClock]:
    clock = WallClock(stage.folder / "clock")
    agent = busy_agent(stage, **sections)
    agent.process.argv = clock.wrap(agent.process.argv)
    return agent, clock


def times(stage: Stage) -> dict[int, tuple[datetime.datetime, str]]:
    """Number -> when the probe began, as the record says, and the state of the clock."""
    return {value["seq"]: (datetime.datetime.fromisoformat(value["timestamp"]), value["clock"])
            for value in stage.values()}


def test_1970_at_the_start_and_a_step_to_now(stage):
    """Nothing can be sent (no certificate is valid yet); then all is, with its true time."""
    begin = datetime.datetime.now(datetime.UTC)
    consumer = stage.consumer().start()
    agent, clock = agent_with_clock(stage)
    clock.step(-begin.timestamp() + 60)  # a minute after the start of 1970
    agent.start()
    wait_until(lambda: agent.metric("picket_buffer_records") >= 50, "buffered records",
               alive=[agent.process])
    assert agent.acknowledged() == 0
    assert "1970" in agent.process.log()
    clock.step(0)
    acknowledges(agent, 100, 60)
    settle(stage, agent, consumer)
    end = datetime.datetime.now(datetime.UTC)
    said = times(stage)
    assert {"corrected", "ok"} == {clock for _, clock in said.values()}
    assert said[1][1] == "corrected"
    assert all(begin < when < end for when, _ in said.values())


def test_a_clock_set_back_an_hour(stage, proxy):
    consumer = stage.consumer().start()
    agent, clock = agent_with_clock(stage, kafka=stage.kafka(listener="proxied"))
    clock.step(7200)  # so that it never shows a time before the certificates were made
    agent.start()
    acknowledges(agent)
    clock.step(3600)
    acknowledges(agent, 50)
    # And while no broker can be reached: nobody may sleep an hour longer before the next attempt.
    proxy.refuse()
    buffers(agent, 50)
    clock.step(0)
    buffers(agent, 50)
    proxy.heal()
    acknowledges(agent, 50)
    settle(stage, agent, consumer)
    hours = {round((datetime.datetime.now(datetime.UTC) - when).total_seconds() / 3600)
             for when, _ in times(stage).values()}
    assert hours == {-2, -1, 0}
