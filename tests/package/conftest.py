"""The packages under test: those in PICKET_DIST, else in dist/."""

import os
from pathlib import Path

import pytest

from testbed import paths

from rootfs import Unavailable


@pytest.fixture(scope="session")
def dist() -> Path:
    folder = Path(os.environ.get("PICKET_DIST", paths.ROOT / "dist"))
    if not folder.is_dir():
        pytest.skip(f"no packages in {folder.name}/: made by ./run package")
    return folder


@pytest.fixture(scope="session")
def package(dist):
    """package("picket_*_amd64.deb"): the one file of that pattern; skips when it was not made."""
    def find(pattern: str) -> Path:
        found = list(dist.glob(pattern))
        if not found:
            pytest.skip(f"{pattern} was not made")
        assert len(found) == 1, f"more than one {pattern}: {found}"
        return found[0]
    return find


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(fixturedef, request):
    """What this machine cannot give is skipped, with its reason."""
    try:
        return (yield)
    except Unavailable as reason:
        pytest.skip(str(reason))
