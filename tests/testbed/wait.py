"""Waiting for a condition, always with a deadline. No test sleeps for a fixed time."""

import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from .process import Process

T = TypeVar("T")


def wait_until(
    condition: Callable[[], T],
    what: str,
    seconds: float = 20,
    alive: Iterable[Process] = (),
    every: float = 0.05,
) -> T:
    """Polls `condition` until it returns something true, and returns that.

    `alive` are processes without which waiting makes no sense: when one of them ends, this raises
    RuntimeError with the end of its log. After `seconds` it raises TimeoutError with the last value
    seen and the ends of their logs.
    """
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        for process in alive:
            if not process.running:
                raise RuntimeError(
                    f"{process.name} ended with {process.returncode} while waiting for {what}\n"
                    f"{process.log_tail()}"
                )
        if time.monotonic() > deadline:
            logs = "\n".join(f"--- {p.name}\n{p.log_tail()}" for p in alive)
            raise TimeoutError(f"no {what} within {seconds:g} s (last: {value!r})\n{logs}")
        time.sleep(every)
