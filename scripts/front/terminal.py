"""Output for people: headings, steps with a live progress line, colours. Plain lines elsewhere.

Colours and live lines only on a terminal; NO_COLOR and TERM=dumb are respected.
"""

import contextlib
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator

_STYLES = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "blue": "34",
           "cyan": "36"}
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_QUIET_REPORT_SECONDS = 30


def clock(seconds: float) -> str:
    """1:05, or 4.2 s when it is short."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class Terminal:
    """One per program; everything is printed through it."""

    def __init__(self, out=sys.stdout):
        self._out = out
        self.live = out.isatty() and os.environ.get("TERM") != "dumb"
        self._colour = self.live and "NO_COLOR" not in os.environ
        self._unicode = (out.encoding or "").lower().replace("-", "") == "utf8"
        self._drawn = 0  # lines of the live region on the screen
        self._lock = threading.Lock()
        self._begin = time.monotonic()

    @property
    def width(self) -> int:
        return min(shutil.get_terminal_size((100, 24)).columns, 120)

    def style(self, text: str, *names: str) -> str:
        if not self._colour or not names:
            return text
        return f"\x1b[{';'.join(_STYLES[name] for name in names)}m{text}\x1b[0m"

    def symbol(self, fancy: str, plain: str) -> str:
        return fancy if self._unicode else plain

    def elapsed(self) -> float:
        return time.monotonic() - self._begin

    def line(self, text: str = "") -> None:
        """A line that stays."""
        with self._lock:
            self._erase()
            self._write(text + "\n")

    def heading(self, text: str, note: str = "") -> None:
        mark = self.symbol("━━", "==")
        when = self.style(f"  {clock(self.elapsed())}", "dim")
        self.line()
        self.line(self.style(f"{mark} {text}", "bold", "cyan") + when)
        if note:
            self.line(self.style(f"   {note}", "dim"))

    def draw(self, lines: list[str]) -> None:
        """Replaces the live region. Only on a terminal; elsewhere nothing is drawn."""
        if not self.live:
            return
        with self._lock:
            self._erase()
            # No line wrap while drawing: a wrapped line could not be erased again.
            self._write("\x1b[?7l" + "".join(f"{line}\n" for line in lines) + "\x1b[?7h")
            self._drawn = len(lines)

    def clear(self) -> None:
        with self._lock:
            self._erase()
            self._out.flush()

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator["Step"]:
        """Something that takes a while: a live line with its time, then a line that it is done."""
        step = Step(self, name)
        ticker = threading.Thread(target=step.tick, daemon=True)
        if not self.live:
            self.line(f"   {name} ...")
        ticker.start()
        try:
            yield step
        except BaseException:
            step.end(ticker)
            self.line(f" {self.style(self.symbol('✗', 'x'), 'red')} {name}"
                      f" {self.style(clock(step.seconds()), 'dim')}")
            raise
        step.end(ticker)
        done = self.style(self.symbol("✓", "+"), "green")
        detail = f" {self.style(step.result, 'dim')}" if step.result else ""
        self.line(f" {done} {name}{detail} {self.style(clock(step.seconds()), 'dim')}")

    def _erase(self) -> None:
        if self._drawn:
            # The carriage return is for a ^C that the terminal itself wrote.
            self._write(f"\x1b[{self._drawn}A\r\x1b[J")
            self._drawn = 0

    def _write(self, text: str) -> None:
        if not self._unicode:
            text = text.encode("ascii", "replace").decode()
        self._out.write(text)
        self._out.flush()


class Step:
    """A running step. `detail` is what it is at now, `result` what its last line says."""

    def __init__(self, terminal: Terminal, name: str):
        self._terminal = terminal
        self._name = name
        self._begin = time.monotonic()
        self._ended = threading.Event()
        self.detail = ""
        self.result = ""

    def seconds(self) -> float:
        return time.monotonic() - self._begin

    def tick(self) -> None:
        """Body of the thread that keeps the live line, or a line now and then, up to date."""
        frame, reported = 0, 0.0
        while not self._ended.wait(0.1):
            frame += 1
            if self._terminal.live:
                self._draw(_SPINNER[frame % len(_SPINNER)])
            elif self.seconds() - reported > _QUIET_REPORT_SECONDS:
                reported = self.seconds()
                self._terminal.line(f"   ... {clock(reported)} {self.detail[:100]}")

    def end(self, ticker: threading.Thread) -> None:
        self._ended.set()
        ticker.join()
        self._terminal.clear()

    def _draw(self, spinner: str) -> None:
        room = self._terminal.width - len(self._name) - 14
        detail = self.detail[:max(room, 0)]
        mark = self._terminal.style(self._terminal.symbol(spinner, "-"), "cyan")
        self._terminal.draw([f" {mark} {self._name} {clock(self.seconds())} "
                             f"{self._terminal.style(detail, 'dim')}"])
