"""Measures and prints. ./run bench calls this in the Python environment of the tests.

    python -m bench [--json] [--smoke] [--docs] [NAME...]

NAME is the begin of figures' names, as in `probe` or `kafka.drain`; none: all. Exit: 0 measured,
whatever came out; 1 something could not be measured; 64 wrong words.
"""

import argparse
import os
import signal
import subprocess
import sys
import time

from testbed import paths

from . import consumer, drain, figures, footprint, kafka, page, probe
from .ground import Ground
from .measure import Unmeasured

# Bench -> the figures that it makes begin so.
_BENCHES = {
    "footprint": footprint.bench,
    "probe": probe.bench,
    "kafka.drain": drain.bench,
    "kafka.cpu": kafka.bench,
    "consumer": consumer.bench,
}


def chosen(names: list[str]) -> list[str]:
    """The benches that `names` ask for: a bench's own name, a begin of it, or a figure of it.

    Raises ValueError for a name that asks for none.
    """
    found = []
    for name in names or [""]:
        fitting = [bench for bench in _BENCHES
                   if bench.startswith(name) or name.startswith(f"{bench}.")
                   or name.startswith(f"{bench}_")]
        if not fitting:
            raise ValueError(f"no figure is called {name}; there are {', '.join(_BENCHES)}")
        found += [bench for bench in fitting if bench not in found]
    return found


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--smoke", action="store_true", help="little of everything: does it work?")
    parser.add_argument("--docs", action="store_true", help="renew docs/performance.md")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    if options.docs and (options.names or options.smoke):
        print("./run bench: --docs is for all figures, measured in full", file=sys.stderr)
        return os.EX_USAGE
    where = page.machine()
    try:
        benches = chosen(options.names)
    except ValueError as error:
        print(f"./run bench: {error}", file=sys.stderr)
        return os.EX_USAGE
    # Ended from outside, the servers are stopped as well.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(143))
    found, failures = _measure(benches, options)
    if not options.json:
        print()
        print("\n".join(figures.table(found)))
    if options.docs and not failures:
        page.write(found, where)
    for failure in failures:
        print(f"not measured: {failure}", file=sys.stderr)
    return 1 if failures else 0


def _measure(benches: list[str], options: argparse.Namespace) -> tuple[list[figures.Figure],
                                                                       list[str]]:
    begin = time.monotonic()

    def say(text: str) -> None:
        print(f"   {time.monotonic() - begin:5.0f} s  {text}", file=sys.stderr, flush=True)

    found, failures = [], []
    with Ground(paths.testbed_dir() / "bench", options.smoke, say) as ground:
        for name in benches:
            try:
                made = _BENCHES[name](ground)
            except (Unmeasured, OSError, RuntimeError, TimeoutError,
                    subprocess.SubprocessError) as error:
                failures.append(f"{name}: {error}")
                continue
            found += made
            if options.json:
                print("\n".join(figure.as_json() for figure in made), flush=True)
        say("stopping the servers")
    return found, failures


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
