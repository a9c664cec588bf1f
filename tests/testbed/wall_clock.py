"""A wall clock of its own for one program, which may step while it runs."""

import struct
from pathlib import Path

from . import paths


class WallClock:
    """`wrap` a program's words, then `step` as often as one likes. See tests/fault/wall_clock.c."""

    def __init__(self, file: Path):
        self._file = file
        file.write_bytes(bytes(8))

    def step(self, seconds: float) -> None:
        """From now on it shows so much more than the true time."""
        with open(self._file, "r+b", buffering=0) as shared:
            shared.write(struct.pack("=q", round(seconds * 1e9)))

    def wrap(self, argv: list[str]) -> list[str]:
        return ["env", f"LD_PRELOAD={paths.program('wall_clock.so')}",
                f"WALL_CLOCK_FILE={self._file}", *argv]
