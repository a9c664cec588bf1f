"""Debian file systems to install packages in, made by mmdebstrap from the mirror this machine uses."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from testbed import paths

_FOLDER = paths.build_dir() / "package" / "rootfs"
_MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}
_MINUTES = 30  # a foreign one is unpacked under an emulator


class Unavailable(Exception):
    """It cannot be made here; the message says why."""


def own_architecture() -> str:
    """Of this machine, by Debian's name."""
    return _MACHINES.get(platform.machine(), platform.machine())


def make(arch: str, include: tuple[str, ...], variant: str = "minbase") -> Path:
    """A tar of a minimal Debian with `include`; kept under build/ for the next time.

    With the variant "extract" it is the files of `include` alone, and nothing is run to make it.

    Raises Unavailable.
    """
    tar = _FOLDER / f"{_suite()}-{arch}-{'-'.join(include)}.tar"
    if tar.exists():
        return tar
    if os.geteuid() != 0:
        raise Unavailable("a root file system is made by root")
    if shutil.which("mmdebstrap") is None:
        raise Unavailable("mmdebstrap is not installed")
    if arch != own_architecture() and not _emulated(arch):
        raise Unavailable(f"programs for {arch} do not run here: no qemu-user-static and binfmt_misc")
    _FOLDER.mkdir(parents=True, exist_ok=True)
    made = tar.with_suffix(".new")
    done = subprocess.run(
        ["mmdebstrap", "--mode=root", f"--architectures={arch}", f"--variant={variant}",
         f"--include={','.join(include)}", "--format=tar", _suite(), made, _mirror()],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        timeout=60 * _MINUTES, check=False)
    if done.returncode != 0:
        made.unlink(missing_ok=True)
        raise Unavailable("mmdebstrap: " + " ".join(done.stderr.splitlines()[-3:]))
    made.rename(tar)
    return tar


def unpack(tar: Path, folder: Path) -> Path:
    """The root file system in `folder`, which is made anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    subprocess.run(["tar", "--extract", "--numeric-owner", f"--directory={folder}", f"--file={tar}"],
                   check=True)
    hosts = folder / "etc/hosts"
    if not hosts.exists():  # a minimal Debian has none; the network is this machine's
        hosts.parent.mkdir(exist_ok=True)
        hosts.write_text("127.0.0.1 localhost\n::1 localhost\n")
    return folder


def _suite() -> str:
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.partition("=")[2].strip('"')
    raise Unavailable("not a Debian or Ubuntu system")


def _mirror() -> str:
    """The first archive of this machine's apt."""
    found = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=False).stdout.splitlines()
    if not found:
        raise Unavailable("apt knows no archive; run apt-get update")
    return found[0]


def _emulated(arch: str) -> bool:
    """Whether the kernel starts programs of that machine through an emulator."""
    emulator = {"armhf": "qemu-arm", "arm64": "qemu-aarch64"}.get(arch, f"qemu-{arch}")
    registered = Path("/proc/sys/fs/binfmt_misc")
    if not (registered / "status").exists():  # not mounted: in a fresh container
        subprocess.run(["mount", "-t", "binfmt_misc", "binfmt_misc", registered], check=False,
                       stderr=subprocess.DEVNULL)
    if shutil.which("update-binfmts"):
        subprocess.run(["update-binfmts", "--enable"], check=False, stderr=subprocess.DEVNULL)
    return (registered / emulator).exists()
