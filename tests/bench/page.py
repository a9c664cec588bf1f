"""The table of figures in docs/performance.md, renewed by ./run bench --docs."""

import datetime
import os
import platform
import re
from collections.abc import Sequence
from pathlib import Path

from testbed import paths

from .figures import Figure, plain

BEGIN = "<!-- begin figures -->"
END = "<!-- end figures -->"
PAGE = paths.ROOT / "docs" / "performance.md"


def renewed(text: str, figures: Sequence[Figure], where: str) -> str:
    """The page's text with these figures between its marks; `where` says on what machine."""
    rows = [f"{where}", "", "| figure | value (min to max) | reference | ratio | target |",
            "|---|---|---|---|---|"]
    for figure in figures:
        value = f"{plain(figure.value)} {figure.unit}".strip()
        if figure.spread:
            value += f" ({figure.spread})"
        reference = ("" if figure.reference is None
                     else f"{figure.reference}: {plain(figure.reference_value)}")
        ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
        bound = figure.bound + (", **missed**" if figure.missed else "")
        rows.append(f"| `{figure.name}` | {value} | {reference} | {ratio} | {bound} |")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return before + "\n".join((BEGIN, *rows, END)) + after


def machine() -> str:
    """This machine and its load, in a sentence."""
    found = re.search(r"^model name\s*: (.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    model = found[1].strip() if found else platform.machine()
    today = datetime.datetime.now(datetime.UTC).date()
    return (f"Measured {today} on {os.cpu_count()} cores of {model}, Linux {platform.release()}; "
            f"load of the last minute before the run: {os.getloadavg()[0]:.1f}.")


def write(figures: Sequence[Figure], where: str) -> None:
    PAGE.write_text(renewed(PAGE.read_text(), figures, where))
