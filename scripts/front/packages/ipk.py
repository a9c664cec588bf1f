"""Packages for opkg: OpenWrt 24.10 and before.

The format is opkg's own: a gzipped tar of debian-binary, data.tar.gz and control.tar.gz, in that order.
"""

from pathlib import Path

from testbed import paths

from .archive import Entry, file_entry, tar_gz, tree

_FILES = paths.ROOT / "packaging" / "openwrt" / "files"


def build(arch: str, version: str, binary: Path, licences: list[Entry], mtime: int) -> tuple[str, bytes]:
    """The package's file name and its bytes."""
    data = [
        file_entry("usr/bin/picket", binary, 0o755),
        file_entry("etc/init.d/picket", _FILES / "picket.init", 0o755),
        file_entry("etc/config/picket", _FILES / "picket.config", 0o600),
        file_entry("lib/upgrade/keep.d/picket", _FILES / "picket.keep"),
        *(Entry(f"usr/share/licenses/picket/{entry.path}", entry.content) for entry in licences),
    ]
    size = sum(len(entry.content or b"") for entry in data)
    control = (_FILES / "control.in").read_text()
    for name, value in (("VERSION", f"{version}-r1"), ("ARCH", arch), ("SIZE", str(size))):
        control = control.replace(f"@{name}@", value)
    scripts = [
        Entry("control", control.encode()),
        Entry("conffiles", b"/etc/config/picket\n"),
        file_entry("postinst", _FILES / "postinst", 0o755),
        file_entry("prerm", _FILES / "prerm", 0o755),
    ]
    # In this order: opkg reads its way through.
    package = tar_gz([
        Entry("debian-binary", b"2.0\n"),
        Entry("data.tar.gz", tar_gz(tree(data), mtime)),
        Entry("control.tar.gz", tar_gz(tree(scripts), mtime)),
    ], mtime)
    return f"picket_{version}-r1_{arch}.ipk", package
