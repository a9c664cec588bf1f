"""The demo's live picture: what agent, buffer and database hold, a few times a second."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from testbed.postgres import Postgres
from testbed.programs import Agent, acknowledged, total

from .terminal import Terminal

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-=+*%#"
_DRAW_SECONDS = 0.25
_PLAIN_SECONDS = 3


@dataclass
class Sample:
    """What is true at a moment; None: nobody answers."""

    probes: float | None = None
    sent: float | None = None
    waiting: float | None = None
    buffered: float | None = None
    buffer_bytes: float | None = None
    rows: int | None = None


class Dashboard:
    """Samples and draws. On something that is not a terminal it prints a line now and then."""

    def __init__(self, terminal: Terminal, agent: Agent, postgres: Postgres, database_url: str):
        self._terminal = terminal
        self._agent = agent
        self._postgres = postgres
        self._url = database_url
        self._history: list[float] = []
        self._earlier = Sample(probes=0, sent=0)  # counted by agents that are gone
        self.broker_up = True
        self.last = Sample()

    def sample(self) -> Sample:
        metrics = self._agent.metrics()
        now = Sample(rows=self._rows())
        if metrics is not None:
            now.probes = self._earlier.probes + total(metrics, "picket_probes_total")
            now.sent = self._earlier.sent + acknowledged(metrics)
            now.waiting = total(metrics, "picket_window_records")
            now.buffered = total(metrics, "picket_buffer_records")
            now.buffer_bytes = total(metrics, "picket_buffer_bytes")
        self.last = now
        return now

    def agent_dies(self) -> None:
        """Its counters begin again at its next start; what is shown goes on."""
        self._earlier = Sample(probes=self.last.probes or 0, sent=self.last.sent or 0)

    def watch(self, until: Callable[[Sample], bool], seconds: float, what: str,
              at_least: float = 0) -> Sample:
        """Draws until `until` is true, and for `at_least` seconds. TimeoutError after `seconds`."""
        begin = time.monotonic()
        printed = begin
        while True:
            now = self.sample()
            self._history.append(now.buffered or 0)
            self._terminal.draw(self._picture(now))
            passed = time.monotonic() - begin
            if passed >= at_least and until(now):
                break
            if passed > seconds:
                raise TimeoutError(f"no {what} within {seconds:g} s")
            if not self._terminal.live and time.monotonic() - printed >= _PLAIN_SECONDS:
                printed = time.monotonic()
                self._terminal.line("   " + _plain(now))
            time.sleep(_DRAW_SECONDS)
        self._terminal.clear()
        self._terminal.line("   " + _plain(now))
        return now

    def _rows(self) -> int | None:
        try:
            return int(self._postgres.psql(self._url, "SELECT count(*) FROM metrics"))
        except RuntimeError:
            return None  # not migrated yet

    def _picture(self, now: Sample) -> list[str]:
        style = self._terminal.style
        broker = style("up", "green") if self.broker_up else style("DOWN", "red", "bold")
        agent = style("up", "green") if now.probes is not None else style("DOWN", "red", "bold")
        return [
            f"   broker {broker}   agent {agent}",
            f"   probes      {style(f'{_count(now.probes):>6}', 'bold')}",
            f"   to Kafka    {style(f'{_count(now.sent):>6}', 'bold')} acknowledged, "
            f"{_count(now.waiting)} on their way",
            f"   PostgreSQL  {style(f'{_count(now.rows):>6}', 'bold')} rows",
            f"   buffer      {style(f'{_count(now.buffered):>6}', 'bold')} records in SQLite, "
            f"a file of {(now.buffer_bytes or 0) / 1024:.0f} KiB",
            f"   {style(self._spark(), 'yellow')}",
        ]

    def _spark(self) -> str:
        """The buffer's records over time."""
        bars = self._terminal.symbol(_BARS, _PLAIN_BARS)
        room = max(self._terminal.width - 6, 10)
        recent = self._history[-room:]
        top = max(1, *self._history)
        return "".join(bars[round(value / top * (len(bars) - 1))] for value in recent)


def _count(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def _plain(now: Sample) -> str:
    return (f"probes {_count(now.probes)}, acknowledged by Kafka {_count(now.sent)}, "
            f"in SQLite {_count(now.buffered)}, rows in PostgreSQL {_count(now.rows)}")
