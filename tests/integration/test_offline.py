"""The agent without its broker, and killed in that state."""

import time

from test_kafka_security import assert_whole_lanes

from stage import row_count, wait_for_rows
from testbed.wait import wait_until


def acknowledged(agent, count: int = 1, seconds: float = 30) -> None:
    """Until that many records are in Kafka and the buffer is empty."""
    wait_until(lambda: agent.acknowledged() >= count
               and agent.metric("picket_buffer_records") == 0,
               f"{count} acknowledged records and an empty buffer", seconds,
               alive=[agent.process])


def buffered(agent, count: int) -> float:
    """Until that many records are in the buffer; how many there are."""
    return wait_until(lambda: (found := agent.metric("picket_buffer_records")) >= count and found,
                      f"{count} records in the buffer", 30, alive=[agent.process])


def test_nothing_is_written_while_the_broker_acknowledges(stage):
    agent = stage.agent().start()
    acknowledged(agent, 5)
    written = agent.buffer.stat().st_mtime_ns, _wal_size(agent)
    before = agent.acknowledged()
    acknowledged(agent, int(before) + 10)
    assert agent.metric("picket_records_spooled_total") == 0
    assert (agent.buffer.stat().st_mtime_ns, _wal_size(agent)) == written


def _wal_size(agent) -> int:
    wal = agent.buffer.with_name(agent.buffer.name + "-wal")
    return wal.stat().st_size if wal.exists() else 0


def test_broker_absent_at_start(stage):
    stage.kill_broker()
    agent = stage.agent().start()
    buffered(agent, 10)
    stage.broker.start()
    acknowledged(agent, 10)
    assert agent.process.stop() == 0
    assert_whole_lanes(stage.values(), lanes=1)


def test_broker_killed_mid_run(stage):
    consumer = stage.consumer().start()
    agent = stage.agent().start()
    acknowledged(agent, 10)
    stage.kill_broker()
    buffered(agent, 20)
    stage.broker.start()
    acknowledged(agent, 30)
    assert agent.process.stop() == 0
    assert_whole_lanes(stage.values(), lanes=1)
    database = stage.connect()
    sent = len({(value["epoch"], value["seq"]) for value in stage.values()})
    wait_for_rows(database, sent, consumer.process)
    wait_until(lambda: f"received {sent}, missing 0, duplicates 0" in consumer.call("audit").stdout,
               "content audit", 10, alive=[consumer.process])


def test_a_frozen_broker_is_survived(stage):
    agent = stage.agent().start()
    acknowledged(agent, 5)
    stage.broker.process.pause()
    buffered(agent, 10)
    stage.broker.process.resume()
    acknowledged(agent, 15, 60)
    assert agent.process.stop() == 0
    assert_whole_lanes(stage.values(), lanes=1)


def test_the_present_comes_before_the_backlog(stage):
    stage.kill_broker()
    agent = stage.agent().start()
    buffered(agent, 30)
    stage.broker.start()
    acknowledged(agent, 30)
    assert agent.process.stop() == 0
    # The first of the new records overtook the last of the old ones in at least one partition.
    order = [value["seq"] for value in stage.values()]
    assert order != sorted(order)


def test_agent_killed_with_a_full_spool_misses_nothing_of_it(stage):
    """What the buffer held at SIGKILL arrives, in whole, after a start without a broker."""
    consumer = stage.consumer().start()
    first = stage.agent().start()
    acknowledged(first, 5)
    stage.kill_broker()
    kept = buffered(first, 20)
    first.process.kill()
    second = stage.agent().start()
    assert buffered(second, int(kept)) >= kept
    stage.broker.start()
    acknowledged(second, int(kept))
    assert second.process.stop() == 0
    database = stage.connect()
    epochs = [value["epoch"] for value in stage.values()]
    sent = len({(value["epoch"], value["seq"]) for value in stage.values()})
    wait_for_rows(database, sent, consumer.process)
    # One of what the buffer held is the fact on the status topic that the first run began.
    assert epochs.count(epochs_of(database)[0]) >= 5 + kept - 1
    assert_whole_lanes(stage.values(), lanes=2)
    assert row_count(database) == sent


def test_agent_killed_with_a_full_window_loses_at_most_that_and_the_ledger_says_so(stage):
    """The broker is frozen, so that records are in flight; nothing is spilled yet."""
    consumer = stage.consumer().start()
    first = stage.agent(buffer={"spill_after": "60s", "window": 100}).start()
    acknowledged(first, 5)
    stage.broker.process.pause()
    wait_until(lambda: first.metric("picket_window_records") >= 20, "records in the window", 20,
               alive=[first.process])
    metrics = first.metrics()
    stamped = metrics['picket_records_stamped_total{stream="probe"}']
    assert metrics["picket_buffer_records"] == 0
    first.process.kill()
    stage.broker.process.resume()
    second = stage.agent().start()
    acknowledged(second, 5, 60)
    assert second.process.stop() == 0
    database = stage.connect()
    sent = len({(value["epoch"], value["seq"]) for value in stage.values()})
    wait_for_rows(database, sent, consumer.process)
    wait_until(lambda: len(lanes(database)) == 2, "both lanes", 10, alive=[consumer.process])
    old = wait_until(lambda: next((lane for lane in lanes(database) if lane["ended"]), None),
                     "how the first run ended", 10, alive=[consumer.process])
    assert old["ended"] == "unclean"
    received = old["received"]
    lost = int(stamped) - received
    assert lost <= old["unaccounted_max"] <= 200
    said = consumer.call("audit").stdout
    assert str(old["unaccounted_max"]) in said and "unaccounted" in said


def test_a_clean_end_and_start_offline_keep_all(stage):
    stage.kill_broker()
    for count in (10, 20):
        agent = stage.agent().start()
        buffered(agent, count)
        assert agent.process.stop() == 0
    last = stage.agent().start()
    stage.broker.start()
    acknowledged(last, 20)
    assert last.process.stop() == 0
    assert_whole_lanes(stage.values(), lanes=3)


def test_second_agent_on_one_buffer_refuses_to_start(stage):
    first = stage.agent().start()
    acknowledged(first, 1)
    second = stage.agent().start()
    assert second.process.wait(10) == 75
    assert str(first.buffer) in second.process.log()
    assert first.process.running
    before = first.acknowledged()
    acknowledged(first, int(before) + 3)


def test_probing_goes_on_at_its_pace_while_offline(stage):
    """The loop never waits for Kafka or for the disk."""
    stage.kill_broker()
    agent = stage.agent().start()
    buffered(agent, 5)
    begin, probes = time.monotonic(), agent.metric("picket_probes_total")
    skipped = agent.metric("picket_probes_skipped_total")
    wait_until(lambda: agent.metric("picket_probes_total") >= probes + 30, "30 probes", 10,
               alive=[agent.process])
    assert time.monotonic() - begin < 6  # 3 s at ten a second
    assert agent.metric("picket_probes_skipped_total") == skipped
    assert agent.metric("picket_loop_stall_seconds_max") < 0.5


LANES = """
SELECT l.epoch, l.ended, l.unaccounted_max,
       coalesce((SELECT sum(hi - lo) FROM lane_range r
                 WHERE r.lane_id = l.id AND r.kind = 'received'), 0) AS received
FROM lane l WHERE l.stream = 'probe' ORDER BY l.id
"""


def lanes(database) -> list[dict]:
    """The ledger of the probe stream, one entry a lane, in the order of their arrival."""
    names = ("epoch", "ended", "unaccounted_max", "received")
    return [dict(zip(names, row)) for row in database.execute(LANES)]


def epochs_of(database) -> list[str]:
    return [str(lane["epoch"]) for lane in lanes(database)]
