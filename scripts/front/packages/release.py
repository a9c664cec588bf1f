"""What stands beside the packages in dist/: checksums and their signature."""

import hashlib
import subprocess
from pathlib import Path

SUMS = "SHA256SUMS"


def write_sums(dist: Path) -> Path:
    """dist/SHA256SUMS, as sha256sum --check reads it."""
    files = sorted(file for file in dist.iterdir() if file.is_file() and not file.name.startswith(SUMS))
    sums = dist / SUMS
    sums.write_text("".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n"
                            for file in files))
    return sums


def sign(sums: Path, key: Path) -> Path:
    """SHA256SUMS.sig, by a private key of the caller's: PEM, Ed25519 (openssl genpkey -algorithm ed25519).

    It is checked with: openssl pkeyutl -verify -pubin -inkey KEY.pub -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig
    Raises RuntimeError with openssl's words.
    """
    signature = sums.with_name(f"{SUMS}.sig")
    done = subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", sums,
                           "-out", signature], check=False, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        signature.unlink(missing_ok=True)
        raise RuntimeError(f"{key}: no Ed25519 key that openssl can sign with: {done.stderr.strip()}")
    return signature
