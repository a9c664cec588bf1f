"""What must hold after every fault, asked of the agent, of Kafka, of PostgreSQL and of the ledger."""

import json

from stage import Stage
from testbed.programs import Agent, Consumer, total
from testbed.wait import wait_until

_STAMPED = 'picket_records_stamped_total{stream="probe"}'


def many_sites(stage: Stage, count: int = 10) -> list[dict]:
    return [{"name": f"site-{number}", "url": stage.sites.url(f"/good?site={number}"),
             "regex": "ok"} for number in range(count)]


def busy_agent(stage: Stage, count: int = 10, **sections) -> Agent:
    """An agent (not started) with `count` sites, each probed five times a second."""
    return stage.agent(many_sites(stage, count), **{
        "defaults": {"interval": "200ms", "timeout": "200ms"}, **sections})


def agent_behind_proxy(stage: Stage, buffer: dict | None = None, **kafka) -> Agent:
    """The same, to whom the broker is what the fixture `proxy` lets through."""
    return busy_agent(stage, kafka=stage.kafka(listener="proxied", **kafka), buffer=buffer or {})


def stamped(agent: Agent) -> int:
    """How many results this process has numbered; 0 when it does not answer."""
    return int((agent.metrics() or {}).get(_STAMPED, 0))


def acknowledges(agent: Agent, more: int = 30, seconds: float = 30) -> None:
    """Until Kafka has taken `more` results than now."""
    before = max(agent.acknowledged(), 0)
    wait_until(lambda: agent.acknowledged() >= before + more, f"{more} acknowledged results",
               seconds, alive=[agent.process])


def buffers(agent: Agent, more: int = 20, seconds: float = 30) -> None:
    """Until the buffer holds `more` records than now."""
    before = max(agent.metric("picket_buffer_records"), 0)
    wait_until(lambda: agent.metric("picket_buffer_records") >= before + more,
               f"{more} records in the buffer", seconds, alive=[agent.process])


def drained(agent: Agent, seconds: float = 60) -> None:
    """Until nothing is left in the buffer of an agent that is at work."""
    wait_until(lambda: (seen := agent.metrics()) and total(seen, "picket_buffer_records") == 0
               and seen['picket_records_acknowledged_total{stream="probe"}'] > 0,
               "empty buffer", seconds, alive=[agent.process])


def settle(stage: Stage, agent: Agent, consumer: Consumer, *, loses_some: bool = False,
           seconds: float = 60) -> dict:
    """Ends the agent once its buffer is empty, and proves that nothing is lost or double.

    Missing is 0; of a lane that ended in order no number is open; the rows in PostgreSQL are the
    records in Kafka are the ledger's sum, each once; what was stamped is stored; with `loses_some` the
    rest is named as rejected. Returns the audit.
    """
    drained(agent, seconds)
    at_least = stamped(agent)
    assert agent.process.stop() == 0, agent.process.log_tail()
    audit = wait_until(lambda: _settled(consumer), "audit with nothing missing or open", seconds,
                       alive=[consumer.process])
    assert (audit["missing"], audit["duplicates"], audit["evicted"]) == (0, 0, 0), audit
    assert audit["dead_letters"] == 0 and (loses_some or audit["rejected"] == 0), audit

    in_kafka = {(value["epoch"], value["seq"]) for value in stage.values()}
    database = stage.connect()
    in_tables = [(str(epoch), seq) for epoch, seq in database.execute(
        "SELECT l.epoch, r.seq FROM result r JOIN lane l ON l.id = r.lane_id").fetchall()]
    assert len(set(in_tables)) == len(in_tables) == audit["received"]
    assert set(in_tables) == in_kafka
    for epoch, high, received, named in database.execute(_ENDED).fetchall():
        assert received + named == high, f"lane {epoch}: {received} + {named} of {high}"
    ((last,),) = database.execute(_LAST).fetchall()
    assert last >= at_least > 0
    return audit


# Lanes of results that ended in order: how many were stamped, stored, and lost by name.
_ENDED = """
SELECT epoch, high,
       coalesce(sum(hi - lo) FILTER (WHERE kind = 'received'), 0),
       coalesce(sum(hi - lo) FILTER (WHERE kind <> 'received'), 0)
FROM lane LEFT JOIN lane_range ON lane_id = id
WHERE stream = 'probe' AND ended = 'clean' GROUP BY epoch, high
"""


# How many were stamped in the lane that no later one names as the one before it.
_LAST = """
SELECT high FROM lane WHERE stream = 'probe' AND epoch NOT IN (
  SELECT previous_epoch FROM lane WHERE stream = 'probe' AND previous_epoch IS NOT NULL)
"""


def _settled(consumer: Consumer) -> dict | None:
    """The audit once every lane has ended and all that may come has come."""
    said = consumer.call("audit", "--json")
    if not said.stdout:
        return None
    audit = json.loads(said.stdout)
    lanes = [lane for lane in audit["lanes"] if lane["stream"] == "probe"]
    over = all(lane["state"] in ("ended", "killed") for lane in lanes)
    return audit if lanes and over and audit["ok"] and audit["pending"] == 0 else None
