"""A chroot that is OpenWrt's as far as a package can tell: busybox, opkg's rules, OpenWrt's shell functions.

opkg and OpenWrt's own root file system are not to be had from Debian, so the .ipk is unpacked by opkg's documented
rules, and functions.sh, rc.common and procd are stand-ins (openwrt/).
"""

import io
import shutil
import subprocess
import tarfile
from pathlib import Path

import rootfs

_FILES = Path(__file__).resolve().parent / "openwrt"
_APPLETS = ("sh", "cat", "sed", "awk", "mkdir", "mv", "rm", "chown", "chmod", "grep", "printf", "ls", "echo", "tr")
_ARCHITECTURES = {"arm_cortex-a7_neon-vfpv4": "armhf", "aarch64_cortex-a53": "arm64",
                  "aarch64_generic": "arm64", "mipsel_24kc": "mipsel", "x86_64": "amd64"}


def debian_architecture(openwrt: str) -> str:
    """Whose busybox runs there. Raises rootfs.Unavailable."""
    if openwrt not in _ARCHITECTURES:
        raise rootfs.Unavailable(f"Debian has no busybox for {openwrt}")
    return _ARCHITECTURES[openwrt]


class OpenWrtRoot:
    def __init__(self, openwrt: str, folder: Path):
        arch = debian_architecture(openwrt)
        self.root = rootfs.unpack(rootfs.make(arch, ("busybox-static",), variant="extract"), folder)
        for name in ("tmp", "var/run", "proc/sys/kernel/random", "etc/config", "usr/lib/opkg/info", "dev", "lib"):
            (self.root / name).mkdir(parents=True, exist_ok=True)
        busybox = next(path for path in (self.root / "bin/busybox", self.root / "usr/bin/busybox") if path.exists())
        (self.root / "bin").mkdir(exist_ok=True)
        for applet in _APPLETS:
            link = self.root / "bin" / applet
            if not link.exists():
                link.symlink_to("/" + str(busybox.relative_to(self.root)))
        (self.root / "proc/sys/kernel/random/uuid").write_text("6f1b0c1e-0000-4000-8000-000000000001\n")
        (self.root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
        (self.root / "etc/group").write_text("root:x:0:\n")
        (self.root / "etc/hosts").write_text("127.0.0.1 localhost\n::1 localhost\n")
        shutil.copy("/etc/resolv.conf", self.root / "etc/resolv.conf")
        shutil.copy(_FILES / "functions.sh", self.root / "lib/functions.sh")
        shutil.copy(_FILES / "rc.common", self.root / "etc/rc.common")

    def install(self, ipk: Path) -> None:
        """As opkg does: data into the root, control files into its info folder, then postinst."""
        with tarfile.open(ipk, "r:gz") as outer:
            assert outer.extractfile("./debian-binary").read() == b"2.0\n"
            members = {name: outer.extractfile(f"./{name}.tar.gz").read() for name in ("data", "control")}
        with tarfile.open(fileobj=io.BytesIO(members["data"])) as data:
            data.extractall(self.root, filter="fully_trusted")
        with tarfile.open(fileobj=io.BytesIO(members["control"])) as control:
            for entry in control:
                if entry.isfile():
                    path = self.root / "usr/lib/opkg/info" / f"picket.{Path(entry.name).name}"
                    path.write_bytes(control.extractfile(entry).read())
                    path.chmod(entry.mode)
        self.must("/bin/sh", "/usr/lib/opkg/info/picket.postinst", "configure")

    def init(self, action: str) -> subprocess.CompletedProcess:
        return self.run("/bin/sh", "/etc/rc.common", "/etc/init.d/picket", action)

    def procd(self) -> dict[str, list[str]]:
        """What the init script told procd: parameter -> words; empty when it started nothing."""
        said = self.root / "tmp/procd"
        lines = said.read_text().splitlines() if said.exists() else []
        return {words[0]: words[1:] for words in (line.split() for line in lines)}

    def command(self, *words: str, user: str = "root") -> list[str]:
        """The command line, on the host, of a command in there."""
        # chroot looks names up in the host's files; numbers it takes as they are.
        ids = {"root": "0:0", "picket": "65533:65533"}[user]
        return ["chroot", f"--userspec={ids}", str(self.root), *words]

    def run(self, *words: str) -> subprocess.CompletedProcess:
        return subprocess.run(self.command(*words), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=60, check=False, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})

    def must(self, *words: str) -> str:
        done = self.run(*words)
        assert done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout
