"""third_party/manifest as data: what picket is made of."""

import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from testbed import paths

_MANIFEST = paths.ROOT / "third_party" / "manifest"


@dataclass(frozen=True)
class Library:
    name: str
    version: str
    license: str  # SPDX expression
    purl: str
    sha256: str  # of upstream's file
    url: str
    used_by: tuple[str, ...]


def libraries(program: str) -> list[Library]:
    """Those in one program: "agent" or "consumer"."""
    return [library for library in _all() if program in library.used_by]


def licence_texts(program: str) -> str:
    """The licence files of every library in a program, one behind the other."""
    archives = _archives()
    parts = []
    for library in libraries(program):
        head = f"{library.name} {library.version} ({library.license})"
        parts.append(f"{'=' * 80}\n{head}\n{'=' * 80}\n\n{_licence_of(archives[library.name])}")
    return "\n\n".join(parts)


def _all() -> list[Library]:
    found = []
    for stanza in _MANIFEST.read_text().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines()
                      if line and not line.startswith("#"))
        if "name" in fields:
            sha256, _, *urls = fields["upstream"].split()
            found.append(Library(fields["name"], fields["version"], fields["license"],
                                 fields["purl"], sha256, urls[0],
                                 tuple(fields["used-by"].split())))
    return found


def _archives() -> dict[str, Path]:
    """Where the verified sources are; fetched when they are not here."""
    lines = subprocess.run([paths.ROOT / "third_party" / "fetch", "all"], check=True, text=True,
                           stdout=subprocess.PIPE).stdout.splitlines()
    return {name: Path(path) for name, _, path in (line.split(" ", 2) for line in lines)}


def _licence_of(archive: Path) -> str:
    """The licence files at the top of an archive. Raises LookupError when there is none."""
    with tarfile.open(archive) as tar:
        names = {PurePosixPath(name).name: name for name in tar.getnames()
                 if len(PurePosixPath(name).parts) == 2}
        wanted = sorted(name for name in names
                        if name.upper().startswith(("LICENSE", "LICENCE", "COPYING")))
        if "LICENSES.txt" in wanted:  # librdkafka: all its parts in one
            wanted = ["LICENSES.txt"]
        if not wanted:
            raise LookupError(f"no licence file in {archive.name}")
        return "\n".join(tar.extractfile(names[name]).read().decode() for name in wanted)
