"""./run test: builds everything, runs the unit and the integration tests, counts."""

import argparse
import sys

from . import build, pytests, results, sanitizers, venv
from .arguments import Parser
from .terminal import Terminal

_FOLDERS = ["language", "integration", "fault"]


def main() -> int:
    parser = Parser(prog="./run test")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--unit", action="store_true", help="the unit tests only")
    size.add_argument("--all", action="store_true", help="the slow ones too, other compilers, and "
                      "builds with sanitizers; up to an hour")
    parser.add_argument("pytest", nargs="*", help="after --: words for pytest, as in -- -k broker")
    options = parser.parse_args()
    terminal = Terminal()
    found = results.Results()
    with build.alone(terminal):
        try:
            _run(terminal, options, found)
        except build.Failed as failure:
            terminal.line(str(failure))
            found.failed.append("build")
    results.show(terminal, found)
    return 1 if found.failed else 0


def _run(terminal: Terminal, options: argparse.Namespace, found: results.Results) -> None:
    terminal.heading("build")
    build.build(terminal)
    if options.all:
        _get_zig(terminal)
    terminal.heading("unit tests")
    report = pytests.report_file("ctest.xml")
    code = build.stream(["ctest", "--preset", "default", "--output-junit", report])
    found.add(results.read("ctest", report, code))
    if options.unit:
        return
    terminal.heading("integration tests", "real Kafka, PostgreSQL and TLS on this machine")
    found.add(pytests.run(terminal, "pytest", _FOLDERS,
                          pytests.ALL if options.all else pytests.USUAL, options.pytest))
    if options.all:
        for preset in sanitizers.PRESETS:
            sanitizers.run(terminal, preset, found)


def _get_zig(terminal: Terminal) -> None:
    try:
        venv.zig(terminal)
    except build.Failed as failure:  # no wheel for this machine, say; its test is skipped
        terminal.line(str(failure))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
