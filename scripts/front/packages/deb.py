"""Debian packages, by debhelper from packaging/debian.

The programs are built before; debhelper packs. A source tree is laid out under build/package/deb/ARCH.
"""

import os
import re
import shutil
from pathlib import Path

from testbed import paths

from ..build import run
from ..terminal import Step

_PACKAGING = paths.ROOT / "packaging"
_SYSTEMD = ("service", "sysusers")


def build(arch: str, version: str, programs: dict[str, Path], licences: dict[str, str],
          mtime: int, out: Path, step: Step) -> list[Path]:
    """Packs `programs` (package name -> binary) for a Debian architecture; the .deb files in `out`.

    `licences` has the third-party licence texts of each. Raises build.Failed with debhelper's last words.
    """
    folder = paths.build_dir() / "package" / "deb" / arch
    shutil.rmtree(folder, ignore_errors=True)
    tree = folder / f"picket-{version}"
    _lay_out(tree, version, programs, licences, mtime)
    # -d: what the build would depend on for a foreign machine is not needed for packing.
    run(["dpkg-buildpackage", "--build=binary", "--unsigned-source", "--unsigned-changes",
         "--no-check-builddeps", f"--host-arch={arch}"], folder / "build.log", step,
        env={"LC_ALL": "C", "DEB_BUILD_OPTIONS": "nocheck"}, cwd=tree)
    made = []
    for name in programs:
        package = folder / f"{name}_{version}_{arch}.deb"
        made.append(Path(shutil.copy(package, out)))
    return made


def _lay_out(tree: Path, version: str, programs: dict[str, Path], licences: dict[str, str],
             mtime: int) -> None:
    shutil.copytree(_PACKAGING / "debian", tree / "debian")
    said = re.match(r"picket \(([^)]*)\)", (tree / "debian" / "changelog").read_text())
    if said is None or said[1] != version:
        raise ValueError(f"packaging/debian/changelog begins with {said and said[1]}, but this is {version}")
    _keep_stanzas(tree / "debian" / "control", programs)
    prebuilt = tree / "prebuilt"
    prebuilt.mkdir()
    for name, binary in programs.items():
        for kind in _SYSTEMD:
            shutil.copy(_PACKAGING / "systemd" / f"{name}.{kind}", tree / "debian" / f"{name}.{kind}")
        shutil.copy(binary, prebuilt / name)
        (prebuilt / f"{name}-licences").mkdir()
        (prebuilt / f"{name}-licences" / "third-party.txt").write_text(licences[name])
    for name in ("README.md", "picket.example.yaml", "consumer.example.yaml"):
        shutil.copy(paths.ROOT / name, tree)
    shutil.copytree(paths.ROOT / "docs", tree / "docs")
    for file in tree.rglob("*"):  # debhelper keeps the times of what is older than the changelog
        os.utime(file, (0, mtime))


def _keep_stanzas(control: Path, names: dict[str, Path]) -> None:
    """Leaves the source's stanza and those of the packages that are made."""
    stanzas = control.read_text().strip().split("\n\n")
    kept = [stanza for stanza in stanzas
            if not stanza.startswith("Package:") or stanza.split()[1] in names]
    control.write_text("\n\n".join(kept) + "\n")
