"""./run test: builds everything, runs the unit and the integration tests, counts."""

import argparse
import sys

from testbed import paths

from . import build, results, venv
from .arguments import Parser
from .terminal import Terminal, clock


def main() -> int:
    parser = Parser(prog="./run test")
    parser.add_argument("--yes", action="store_true", help="install what is missing, do not ask")
    parser.add_argument("--unit", action="store_true", help="the unit tests only")
    parser.add_argument("pytest", nargs="*", help="after --: words for pytest, as in -- -k broker")
    options = parser.parse_args()
    terminal = Terminal()
    with build.alone(terminal):
        found = _run(terminal, options)
    for title, names in (("skipped", found.skipped), ("failed", found.failed)):
        if names:
            terminal.heading(title)
            for name in names:
                terminal.line(f"   {name}")
    terminal.line()
    terminal.line(f"finished in {clock(terminal.elapsed())}")
    terminal.line(found.counts())
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
            found.add(_pytest(terminal, options.pytest))
    except build.Failed as failure:
        terminal.line(str(failure))
        found.failed.append("build")
    return found


def _ctest() -> results.Results:
    report = _report("ctest.xml")
    code = build.stream(["ctest", "--preset", "default", "--output-on-failure",
                         "--output-junit", report])
    return results.read("ctest", report, code)


def _pytest(terminal: Terminal, words: list[str]) -> results.Results:
    python = venv.python(terminal)
    report = _report("pytest.xml")
    code = build.stream(
        [python, "-m", "pytest", "-p", "no:cacheprovider", "--junitxml", report,
         paths.ROOT / "tests" / "integration", *words],
        env={"PYTHONPATH": str(paths.ROOT / "tests"), "PYTHONDONTWRITEBYTECODE": "1"})
    return results.read("pytest", report, code)


def _report(name: str):
    report = paths.build_dir() / "reports" / name
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    return report


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
