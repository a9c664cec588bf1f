"""Test results, read from the JUnit files of ctest and pytest."""

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from .terminal import Terminal, clock


@dataclass
class Results:
    """Names of tests by what became of them; behind the name of a skipped one is why."""

    passed: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)

    def add(self, other: "Results") -> None:
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def named(self, prefix: str) -> "Results":
        """The same, each name with "PREFIX: " before it."""
        return Results(*([f"{prefix}: {name}" for name in names]
                         for names in (self.passed, self.failed, self.skipped)))

    def counts(self) -> str:
        return (f"{len(self.passed)} passed, {len(self.failed)} failed, "
                f"{len(self.skipped)} skipped")


def read(suite: str, report: Path, exit_code: int) -> Results:
    """What `suite` reported. That nothing ran or something else went wrong is a failure too."""
    results = Results()
    if report.exists():
        for case in ElementTree.parse(report).iter("testcase"):
            _sort(case, results)
    if exit_code != 0 and not results.failed:
        results.failed.append(f"{suite} (exit code {exit_code})")
    elif not results.passed and not results.failed:
        results.failed.append(f"{suite} (no test ran)")
    return results


def show(terminal: Terminal, found: Results) -> None:
    """The names of what was skipped and of what failed, then the counts, as the last lines."""
    for title, names in (("skipped", found.skipped), ("failed", found.failed)):
        if names:
            terminal.heading(title)
            for name in names:
                terminal.line(f"   {name}")
    terminal.line()
    terminal.line(f"finished in {clock(terminal.elapsed())}")
    terminal.line(found.counts())


def _sort(case: ElementTree.Element, results: Results) -> None:
    # ctest repeats the name as the class.
    prefix = case.get("classname", "")
    name = case.get("name", "?")
    full = name if prefix in ("", name) else f"{prefix}.{name}"
    if case.find("failure") is not None or case.find("error") is not None:
        results.failed.append(full)
    elif (skipped := case.find("skipped")) is not None:
        why = skipped.get("message") or "it said so itself"
        results.skipped.append(f"{full}: {why}")
    else:
        results.passed.append(full)
