"""Where things are. Nothing here is an absolute path of one machine."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FILES = Path(__file__).resolve().parent


def build_dir() -> Path:
    """The build tree: build/ of the checkout, or PICKET_BUILD_DIR."""
    return Path(os.environ.get("PICKET_BUILD_DIR", ROOT / "build")).resolve()


def testbed_dir() -> Path:
    """What the servers need between runs (jars, archives) and the folders of single runs."""
    return build_dir() / "testbed"


def program(name: str) -> Path:
    """`picket`, `picket-consumer` or a program of the tests, as built by the default preset, or from PICKET_BIN_DIR.

    Raises FileNotFoundError that says where it should be.
    """
    folder = os.environ.get("PICKET_BIN_DIR")
    if folder:
        place = Path(folder) / name
    else:
        layer = {"picket": "agent", "picket-consumer": "consumer"}.get(name, "bin")
        place = ROOT / "build" / "default" / layer / name
    if place.is_file() and os.access(place, os.X_OK):
        return place.resolve()
    raise FileNotFoundError(f"{name} is not built: no {place}")
