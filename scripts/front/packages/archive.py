"""Tar archives that are the same bytes on every machine: sorted, owned by root, one time stamp."""

import gzip
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Entry:
    """A file, or a folder when `content` is None."""

    path: str  # relative, with slashes: "usr/bin/picket"
    content: bytes | None = None
    mode: int = 0o644


def file_entry(path: str, source: Path, mode: int = 0o644) -> Entry:
    return Entry(path, source.read_bytes(), mode)


def tree(entries: list[Entry]) -> list[Entry]:
    """Sorted, with the folders that the files need."""
    files = {entry.path: entry for entry in entries}
    for path in list(files):
        for parent in Path(path).parents:
            files.setdefault(str(parent), Entry(str(parent), None, 0o755))
    return [files[path] for path in sorted(files)]


def tar_gz(entries: list[Entry], mtime: int, prefix: str = "./") -> bytes:
    """A gzipped tar of the entries in their order, in GNU format: opkg takes a pax archive for an empty one."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for entry in entries:
            content = None if entry.content is None else io.BytesIO(entry.content)
            tar.addfile(_info(entry, prefix, mtime), content)
    return _gzip(out.getvalue())


def _info(entry: Entry, prefix: str, mtime: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(prefix if entry.path == "." else prefix + entry.path)
    info.mtime = mtime
    info.mode = entry.mode
    if entry.content is None:
        info.type = tarfile.DIRTYPE
    else:
        info.size = len(entry.content)
    return info  # uid, gid 0 and no names: numeric owner


def _gzip(data: bytes) -> bytes:
    """No name and no time in the header."""
    out = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=out, compresslevel=9, mtime=0) as file:
        file.write(data)
    return out.getvalue()
