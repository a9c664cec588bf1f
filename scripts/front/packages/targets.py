"""Which package is made of which build."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Target:
    """One triplet of toolchains/ and what packages call its machine."""

    triplet: str
    deb: str | None = None
    openwrt: tuple[str, ...] = ()
    platform: str = ""  # what the machine says of itself, for people


# armhf is the ARMv6 build: Raspberry Pi OS calls that armhf, and it runs on every ARMv7 as well.
TARGETS = (
    Target("x86_64", deb="amd64", openwrt=("x86_64",), platform="x86-64"),
    Target("aarch64", deb="arm64", openwrt=("aarch64_cortex-a53", "aarch64_generic"),
           platform="64-bit ARM"),
    Target("armv7", openwrt=("arm_cortex-a7_neon-vfpv4",), platform="ARMv7 with hardware floats"),
    Target("armv6", deb="armhf", platform="ARMv6 with VFPv2 (Raspberry Pi Zero)"),
    Target("mipsel", openwrt=("mipsel_24kc",), platform="MIPS 24Kc, little-endian"),
    Target("mips", openwrt=("mips_24kc",), platform="MIPS 24Kc, big-endian"),
)


def find(triplet: str) -> Target:
    """Raises KeyError that lists what there is."""
    for target in TARGETS:
        if triplet == target.triplet:
            return target
    raise KeyError(f"no target '{triplet}'; there are " + ", ".join(t.triplet for t in TARGETS))
