"""What a program weighs."""

import gzip
from pathlib import Path


def sizes(program: Path) -> tuple[int, int]:
    """Bytes of a stripped program, and of the same after gzip -9 (as .ipk and .tar.gz hold it)."""
    content = program.read_bytes()
    return len(content), len(gzip.compress(content, compresslevel=9, mtime=0))
