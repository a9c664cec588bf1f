"""The end of the demo: what PostgreSQL holds, and what the ledger says about it."""

import json

from testbed.postgres import Postgres
from testbed.programs import Consumer
from testbed.wait import wait_until

from .terminal import Terminal

_TABLE = """
SELECT name,
       count(*),
       count(*) FILTER (WHERE outcome = 'up') * 100.0 / count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY response_ms),
       percentile_cont(0.95) WITHIN GROUP (ORDER BY response_ms),
       coalesce(mode() WITHIN GROUP (ORDER BY error), '')
FROM probe
GROUP BY name ORDER BY min(ts)
"""


def table(terminal: Terminal, postgres: Postgres, url: str) -> None:
    """A line a site: probes, share of up, median and 95th percentile, the usual error."""
    rows = [line.split("|") for line in postgres.psql(url, _TABLE).splitlines()]
    width = max([len(row[0]) for row in rows] + [4])
    terminal.line(terminal.style(
        f"   {'site':<{width}}  {'probes':>7}  {'up':>7}  {'p50 ms':>8}  {'p95 ms':>8}  error",
        "bold"))
    for name, probes, up, p50, p95, error in rows:
        share = float(up)
        colour = "green" if share > 99 else "red" if share < 1 else "yellow"
        terminal.line(f"   {name:<{width}}  {probes:>7}  "
                      f"{terminal.style(f'{share:6.1f}%', colour)}  {_ms(p50)}  {_ms(p95)}  "
                      f"{terminal.style(error, 'dim')}")


def wait_until_complete(consumer: Consumer, lanes: int, seconds: float) -> None:
    """Until that many runs of the agent are in the ledger, with their ends and all records."""

    def complete() -> bool:
        audit = json.loads(consumer.call("audit", "--json").stdout)
        runs = [lane for lane in audit["lanes"] if lane["stream"] == "probe"]
        return len(runs) == lanes and all(
            lane["state"] in ("ended", "killed") and lane["pending"] == 0 for lane in runs)

    wait_until(complete, "complete ledger", seconds, alive=[consumer.process], every=0.5)


def ledger(terminal: Terminal, consumer: Consumer) -> bool:
    """What `picket-consumer audit` says; whether it is content."""
    said = consumer.call("audit")
    for line in (said.stdout + said.stderr).splitlines():
        terminal.line(f"   {line}")
    return said.returncode == 0


def _ms(text: str) -> str:
    return f"{float(text):8.1f}" if text else f"{'-':>8}"
