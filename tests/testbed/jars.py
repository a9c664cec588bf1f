"""The broker's jars (Maven Central, checked against kafka/jars.sha256) and a Java for them."""

import functools
import hashlib
import os
import re
import shutil
import subprocess
from pathlib import Path

from . import maven_proxy, paths

_POM = paths.FILES / "kafka" / "pom.xml"
_SUMS = paths.FILES / "kafka" / "jars.sha256"
_OLDEST_JAVA = 17


def fetch() -> list[Path]:
    """The jars, in class path order. Maven runs only when one is missing or not the right one."""
    folder = paths.testbed_dir() / "jars"
    if not _matches(folder):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        _run_maven(folder)
        if not _matches(folder):
            raise RuntimeError(f"the jars in {folder} are not those of {_SUMS.name}")
    return [folder / name for name in sorted(_expected())]


def _expected() -> dict[str, str]:
    """File name -> SHA-256, as `sha256sum` writes it."""
    lines = _SUMS.read_text().splitlines()
    return {name: digest for digest, name in (line.split() for line in lines)}


def _matches(folder: Path) -> bool:
    return folder.is_dir() and _expected() == {
        jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in folder.glob("*.jar")
    }


def _run_maven(folder: Path) -> None:
    log = folder.parent / "maven.log"
    settings = maven_proxy.write_settings(folder.parent)
    try:
        with open(log, "w") as output:
            code = subprocess.run(
                ["mvn", "--batch-mode", "--no-transfer-progress", "--strict-checksums",
                 *(["-gs", settings] if settings else []), "-f", _POM,
                 "dependency:copy-dependencies", f"-DoutputDirectory={folder}",
                 "-DincludeScope=runtime"],
                stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
            ).returncode
    finally:
        if settings:
            settings.unlink()
    if code != 0:
        raise RuntimeError(f"mvn failed, see {log}\n" + "\n".join(
            log.read_text().splitlines()[-15:]))


@functools.cache
def java() -> Path:
    """Any Java from 17 on: JAVA_HOME, the path, or where distributions put them."""
    places = [Path(os.environ.get("JAVA_HOME", "/nonexistent")) / "bin" / "java"]
    on_path = shutil.which("java")
    if on_path:
        places.append(Path(on_path))
    places += sorted(Path("/usr/lib/jvm").glob("*/bin/java"))
    for place in places:
        if place.exists() and _version(place) >= _OLDEST_JAVA:
            return place
    raise RuntimeError(f"no Java {_OLDEST_JAVA} or newer; looked at {', '.join(map(str, places))}")


def _version(program: Path) -> int:
    said = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    found = re.search(r'version "(\d+)', said.stderr)
    return int(found[1]) if found else 0
