"""Which machine a program is for, and how it is linked: from its ELF header."""

import struct
from pathlib import Path

_EM_MIPS, _EM_ARM, _EM_X86_64, _EM_AARCH64, _EM_RISCV = 8, 40, 62, 183, 243
_PT_INTERP = 3


def describe(program: Path) -> tuple[str, str]:
    """The machine's name, as in `x86_64`, and the kind of program, as in `glibc, dynamic`."""
    data = program.read_bytes()
    if data[:4] != b"\x7fELF":
        raise ValueError(f"{program} is no ELF file")
    order = "<" if data[5] == 1 else ">"
    wide = data[4] == 2
    (machine,) = struct.unpack_from(f"{order}H", data, 18)
    name = {_EM_X86_64: "x86_64", _EM_AARCH64: "aarch64", _EM_ARM: "armv7", _EM_RISCV: "riscv64",
            _EM_MIPS: "mipsel" if order == "<" else "mips"}.get(machine, f"machine_{machine}")
    return name, _linkage(data, order, wide)


def _linkage(data: bytes, order: str, wide: bool) -> str:
    """By its interpreter: the dynamic loader that it names."""
    if wide:
        (table,) = struct.unpack_from(f"{order}Q", data, 32)
        size, count = struct.unpack_from(f"{order}HH", data, 54)
        offset_at, length_at, word = 8, 32, "Q"
    else:
        (table,) = struct.unpack_from(f"{order}I", data, 28)
        size, count = struct.unpack_from(f"{order}HH", data, 42)
        offset_at, length_at, word = 4, 16, "I"
    for entry in range(table, table + size * count, size):
        (kind,) = struct.unpack_from(f"{order}I", data, entry)
        if kind == _PT_INTERP:
            (begin,) = struct.unpack_from(f"{order}{word}", data, entry + offset_at)
            (length,) = struct.unpack_from(f"{order}{word}", data, entry + length_at)
            return "musl, dynamic" if b"musl" in data[begin:begin + length] else "glibc, dynamic"
    return "static"
