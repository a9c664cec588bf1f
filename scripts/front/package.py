"""./run package: what a user installs, into dist/."""

import re
import sys
from email.utils import parsedate_to_datetime
from pathlib import Path

from testbed import paths

from . import build, venv
from .arguments import Parser
from .packages import deb, ipk, manifest, release, sbom, tarball
from .packages.archive import Entry
from .packages.programs import agent, consumer, runtime_licences, runtime_parts
from .packages.targets import TARGETS, Target, find
from .terminal import Terminal

_KINDS = ("deb", "ipk", "tar")


class Release:
    """One call of ./run package."""

    def __init__(self, terminal: Terminal, dist: Path):
        self._terminal = terminal
        self._dist = dist
        self._version = project_version()
        self._epoch = changelog_time()
        self._licences: dict[str, str] = {}

    def make(self, targets: list[Target], kinds: tuple[str, ...]) -> None:
        self._dist.mkdir(parents=True, exist_ok=True)
        venv.zig(self._terminal)
        with self._terminal.step("licence texts of the libraries"):
            self._licences = {"picket": manifest.licence_texts("agent") + runtime_licences(),
                              "picket-consumer": manifest.licence_texts("consumer")}
        for target in targets:
            self._terminal.heading(target.triplet, target.platform)
            self._make_one(target, kinds)
        with self._terminal.step("bills of material"):
            self._write_sboms()

    def finish(self, key: Path | None) -> None:
        sums = release.write_sums(self._dist)
        if key:
            release.sign(sums, key)
        self._terminal.heading("in " + build.shown(self._dist))
        for file in sorted(self._dist.iterdir()):
            self._terminal.line(f"   {file.stat().st_size:>9}  {file.name}")

    def _make_one(self, target: Target, kinds: tuple[str, ...]) -> None:
        binary = agent(self._terminal, target.triplet)
        licences = [Entry("third-party.txt", self._licences["picket"].encode())]
        if "tar" in kinds:
            self._write(tarball.build(target.triplet, self._version, binary, licences, self._epoch))
        if "ipk" in kinds:
            for arch in target.openwrt:
                self._write(ipk.build(arch, self._version, binary, licences, self._epoch))
        if "deb" in kinds and target.deb:
            programs = {"picket": binary}
            server = consumer(self._terminal, target.deb)
            if server:
                programs["picket-consumer"] = server
            with self._terminal.step(f"{target.deb}.deb, by debhelper") as step:
                deb.build(target.deb, self._version, programs, self._licences, self._epoch, self._dist,
                          step)

    def _write(self, package: tuple[str, bytes]) -> None:
        name, content = package
        (self._dist / name).write_bytes(content)
        self._terminal.line(f"   {name}, {len(content) / 1e6:.2f} MB")

    def _write_sboms(self) -> None:
        for program, layer in (("picket", "agent"), ("picket-consumer", "consumer")):
            parts = manifest.libraries(layer) + (runtime_parts() if layer == "agent" else [])
            for kind, text in (("spdx", sbom.spdx), ("cdx", sbom.cyclonedx)):
                document = text(program, self._version, parts, self._epoch)
                (self._dist / f"{program}_{self._version}.{kind}.json").write_text(document)


def project_version() -> str:
    """From the one place that says it."""
    return re.search(r"VERSION (\d+\.\d+\.\d+)", (paths.ROOT / "CMakeLists.txt").read_text())[1]


def changelog_time() -> int:
    """Seconds of the newest entry of debian/changelog: the time stamp of everything that is packed."""
    text = (paths.ROOT / "packaging" / "debian" / "changelog").read_text()
    return int(parsedate_to_datetime(re.search(r"^ -- .*>  (.*)$", text, re.MULTILINE)[1]).timestamp())


def main() -> int:
    parser = Parser(prog="./run package", description=__doc__)
    parser.add_argument("what", nargs="*", default=["all"],
                        help=f"all, {', '.join(_KINDS)} or a triplet: {', '.join(t.triplet for t in TARGETS)}")
    parser.add_argument("--yes", action="store_true", help="install what is missing without asking")
    parser.add_argument("--dist", type=Path, default=paths.ROOT / "dist", help="default: dist/")
    parser.add_argument("--sign", type=Path, metavar="KEY",
                        help="signs SHA256SUMS with this Ed25519 key (PEM)")
    words = parser.parse_args()
    kinds = tuple(kind for kind in _KINDS if kind in words.what) or _KINDS
    try:
        targets = [find(word) for word in words.what if word not in (*_KINDS, "all")] or list(TARGETS)
    except KeyError as error:
        parser.error(error.args[0])
    terminal = Terminal()
    try:
        with build.alone(terminal):
            making = Release(terminal, words.dist)
            making.make(targets, kinds)
            making.finish(words.sign)
    except (build.Failed, OSError, ValueError, RuntimeError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
