"""A figure with its reference, and how it is shown: a line of JSON, or a row of a table."""

import json
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """What was measured, in `rounds`, and what it stands beside.

    `reference` names what the ratio is against: another program in the same rounds (medians are
    compared), or a budget, which is one number. `target` bounds the ratio: from above, or from
    below when `more_is_better`. None: there is no such thing.
    """

    name: str
    unit: str
    rounds: tuple[float, ...]
    reference: str | None = None
    reference_rounds: tuple[float, ...] = ()
    target: float | None = None
    more_is_better: bool = False
    note: str = ""

    def __post_init__(self):
        if not self.rounds:
            raise ValueError(f"{self.name}: nothing was measured")
        if (self.reference is None) != (not self.reference_rounds):
            raise ValueError(f"{self.name}: a reference needs a name and a value")

    @property
    def value(self) -> float:
        return statistics.median(self.rounds)

    @property
    def reference_value(self) -> float | None:
        return statistics.median(self.reference_rounds) if self.reference_rounds else None

    @property
    def ratio(self) -> float | None:
        return self.value / self.reference_value if self.reference_value else None

    @property
    def spread(self) -> str:
        """`min to max`; empty for a single round."""
        if len(self.rounds) == 1:
            return ""
        return f"{plain(min(self.rounds))} to {plain(max(self.rounds))}"

    @property
    def bound(self) -> str:
        """The target with its direction; empty when there is none."""
        if self.target is None:
            return ""
        return f"{'>=' if self.more_is_better else '<='} {self.target:.2f}"

    @property
    def missed(self) -> bool:
        """Whether there is a target and the ratio is on its wrong side."""
        if self.target is None or self.ratio is None:
            return False
        return self.ratio < self.target if self.more_is_better else self.ratio > self.target

    def as_json(self) -> str:
        """One line; what there is not is left out. Numbers have four significant digits."""
        members = {
            "figure": self.name, "value": _short(self.value), "unit": self.unit,
            "min": _short(min(self.rounds)), "max": _short(max(self.rounds)),
            "rounds": len(self.rounds), "reference": self.reference,
            "reference_value": _short(self.reference_value),
            "reference_min": _short(min(self.reference_rounds, default=None)),
            "reference_max": _short(max(self.reference_rounds, default=None)),
            "ratio": _short(self.ratio), "target": self.target,
            "better": "more" if self.more_is_better else "less",
            "missed": self.missed if self.target is not None else None, "note": self.note or None,
        }
        return json.dumps({name: value for name, value in members.items() if value is not None})


_TITLES = ("figure", "value", "min to max", "unit", "reference", "its value", "ratio", "target", "")
_NUMBERS = {1, 2, 5, 6, 7}


def table(figures: Sequence[Figure]) -> list[str]:
    """Lines of a table: titles, a row a figure; a missed target is marked at the row's end."""
    rows = [_TITLES, *(_row(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_TITLES))]
    lines = []
    for row in rows:
        cells = (cell.rjust(width) if column in _NUMBERS else cell.ljust(width)
                 for column, (cell, width) in enumerate(zip(row, widths, strict=True)))
        lines.append("  ".join(cells).rstrip())
    return lines


def _row(figure: Figure) -> tuple[str, ...]:
    verdict = "MISSED" if figure.missed else "ok" if figure.target is not None else ""
    return (figure.name, plain(figure.value), figure.spread, figure.unit, figure.reference or "",
            plain(figure.reference_value), "" if figure.ratio is None else f"{figure.ratio:.2f}",
            figure.bound, verdict)


def _short(number: float | None) -> float | int | None:
    """Whole numbers as they are, others to four significant digits."""
    if number is None or number == int(number):
        return None if number is None else int(number)
    return float(f"{number:.4g}")


def plain(number: float | None) -> str:
    """For people: four significant digits, thousands grouped; empty for None."""
    short = _short(number)
    if short is None:
        return ""
    return f"{short:,.0f}" if abs(short) >= 1000 else f"{short:g}"
