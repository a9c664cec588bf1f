"""The plain archive: for Yocto, Alpine, OpenWrt 25.12 and whoever packs differently."""

from pathlib import Path

from testbed import paths

from .archive import Entry, file_entry, tar_gz, tree

_FILES = paths.ROOT / "packaging"


def build(triplet: str, version: str, binary: Path, licences: list[Entry], mtime: int) -> tuple[str, bytes]:
    """The archive's file name and its bytes."""
    root = f"picket-{version}-{triplet}"
    entries = [
        file_entry("bin/picket", binary, 0o755),
        file_entry("etc/picket.example.yaml", paths.ROOT / "picket.example.yaml"),
        file_entry("init/picket.service", _FILES / "systemd" / "picket.service"),
        file_entry("init/openwrt/picket.init", _FILES / "openwrt" / "files" / "picket.init", 0o755),
        file_entry("init/openwrt/picket.config", _FILES / "openwrt" / "files" / "picket.config"),
        file_entry("README.md", paths.ROOT / "README.md"),
        file_entry("LICENSE", paths.ROOT / "LICENSE"),
        *(Entry(f"third-party/{entry.path}", entry.content) for entry in licences),
        *(file_entry(f"docs/{page.name}", page) for page in sorted((paths.ROOT / "docs").glob("*.md"))),
    ]
    moved = [Entry(f"{root}/{entry.path}", entry.content, entry.mode) for entry in entries]
    return f"{root}.tar.gz", tar_gz([entry for entry in tree(moved) if entry.path != "."], mtime, prefix="")
