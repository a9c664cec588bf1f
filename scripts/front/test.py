"""./run test: builds everything, runs the unit and the integration tests, counts."""

import argparse
import sys

from . import build, pytests, results
from .arguments import Parser
from .terminal import Terminal


def main() -> int:
    parser = Parser(prog="./run test")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    parser.add_argument("--unit", action="store_true", help="the unit tests only")
    parser.add_argument("pytest", nargs="*", help="after --: words for pytest, as in -- -k broker")
    options = parser.parse_args()
    terminal = Terminal()
    with build.alone(terminal):
        found = _run(terminal, options)
    results.show(terminal, found)
    return 1 if found.failed else 0


def _run(terminal: Terminal, options: argparse.Namespace) -> results.Results:
    found = results.Results()
    try:
        terminal.heading("build")
        build.build(terminal)
        terminal.heading("unit tests")
        found.add(_ctest())
        if not options.unit:
            terminal.heading("integration tests", "real Kafka, PostgreSQL and TLS on this machine")
            found.add(pytests.run(terminal, "pytest", ["integration", "fault"], pytests.USUAL,
                                  options.pytest))
    except build.Failed as failure:
        terminal.line(str(failure))
        found.failed.append("build")
    return found


def _ctest() -> results.Results:
    report = pytests.report_file("ctest.xml")
    code = build.stream(["ctest", "--preset", "default", "--output-on-failure",
                         "--output-junit", report])
    return results.read("ctest", report, code)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
