"""Runs pytest over tests/integration and tests/fault in the Python environment of the tests."""

from collections.abc import Sequence
from pathlib import Path

from testbed import paths

from . import build, results, venv
from .terminal import Terminal

# Arguments of pytest's -m; tests/pytest.ini has the marks.
USUAL = "not slow"
ALL = ""
TORTURE = "torture"


def run(terminal: Terminal, name: str, folders: list[str], marks: str, words: list[str],
        env: dict[str, str] | None = None, wrapper: Sequence[str] = ()) -> results.Results:
    """The tests of `folders` (in tests/) that fit `marks`, their output in sight.

    `name` is that of the report in build/reports; `words` go to pytest as they are; `wrapper` is a
    command that starts it.
    """
    python = venv.python(terminal)
    report = report_file(f"{name}.xml")
    code = build.stream(
        [*wrapper, python, "-m", "pytest", "--junitxml", report, "-m", marks,
         *(paths.ROOT / "tests" / folder for folder in folders), *words],
        env={"PYTHONDONTWRITEBYTECODE": "1", **(env or {})})
    return results.read(name, report, code)


def report_file(name: str) -> Path:
    """A place in build/reports with nothing there yet."""
    report = paths.build_dir() / "reports" / name
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    return report
