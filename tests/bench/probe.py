"""CPU time of a probe beside bare programs that fetch the same page."""

import re
import ssl
import subprocess
from pathlib import Path

from testbed import paths
from testbed.process import Process
from testbed.programs import clean_environment, write_config
from testbed.wait import wait_until

from .figures import Figure
from .ground import Ground, running
from .measure import Unmeasured, cpu_seconds, in_turn

# All contenders make as many requests a second, evenly spread: what a probe costs depends on how
# cold the caches are when it comes.
_SITES = 50
_INTERVAL_MS = 1000
_APART_US = _INTERVAL_MS * 1000 // _SITES
_WARM_UP = 50
_TARGET = 1.10
_TARGET_OPENSSL = 0.75


def bench(ground: Ground) -> list[Figure]:
    """probe.http.cpu_ms and probe.https.cpu_ms."""
    count = ground.sized(200, 60)
    folder = ground.folder("probe")
    bundle, authorities = _bundle(ground, folder)

    def agent(url: str):
        return lambda: _agent_ms(folder, url, bundle, count)

    def curl(mode: str, url: str):
        return lambda: _bare_ms("bare_curl", mode, bundle, url, count)

    http, https = (ground.servers.sites.url("/good", door) for door in ("http", "https"))
    port = https.split(":")[2].split("/")[0]
    ground.say("probes over HTTP")
    plain = in_turn(ground.rounds, picket=agent(http), curl=curl("shared", http))
    ground.say(f"probes over HTTPS, {authorities} authorities in the CA file")
    secure = in_turn(
        ground.rounds, picket=agent(https), curl=curl("shared", https),
        naive=curl("parsed", https),
        openssl=lambda: _bare_ms("bare_openssl", bundle, "localhost", port, "/good", count))
    note = f"{_SITES * 1000 // _INTERVAL_MS} probes/s, {count} a round"
    return [
        Figure("probe.http.cpu_ms", "ms", plain["picket"], "bare libcurl", plain["curl"], _TARGET,
               note=note),
        Figure("probe.https.cpu_ms", "ms", secure["picket"], "bare libcurl, CAs shared",
               secure["curl"], _TARGET, note=note),
        Figure("probe.https_naive.cpu_ms", "ms", secure["picket"], "bare libcurl, CAs parsed",
               secure["naive"], 1.0, note=f"{note}, {authorities} CAs"),
        Figure("probe.https_openssl.cpu_ms", "ms", secure["picket"], "bare OpenSSL",
               secure["openssl"], _TARGET_OPENSSL, note=note),
    ]


def _bundle(ground: Ground, folder: Path) -> tuple[Path, int]:
    """A CA file as a user has it: the system's authorities (where there are any), then ours."""
    system = Path(ssl.get_default_verify_paths().openssl_cafile or "")
    candidates = (system, Path("/etc/ssl/certs/ca-certificates.crt"))
    text = next((file.read_text() for file in candidates if file.is_file()), "")
    made = folder / "ca.pem"
    made.write_text(text + ground.servers.pki.ca.read_text())
    return made, made.read_text().count("-----BEGIN CERTIFICATE-----")


def _agent_ms(folder: Path, url: str, bundle: Path, count: int) -> float:
    """CPU time a probe of `picket run --stdout`, over `count` probes after a warm-up."""
    sites = [{"name": f"site-{number}", "url": url, "regex": "ok"} for number in range(_SITES)]
    config = write_config(folder / "picket.yaml", {
        "agent": "gw-bench", "sites": sites,
        "defaults": {"interval": f"{_INTERVAL_MS}ms", "ca_file": str(bundle)}})
    output = folder / "records.jsonl"
    output.unlink(missing_ok=True)
    process = Process("picket", [paths.program("picket"), "run", "--stdout", "--config", config],
                      folder / "picket.log", env=clean_environment(), cwd=folder,
                      stdout_path=output)

    def records() -> int:
        return output.read_bytes().count(b"\n")

    def reading(at_least: int) -> tuple[int, float]:
        """Records so far, that many at least, and the CPU time of the same moment."""
        wait_until(lambda: records() >= at_least, f"{at_least} records", 120, alive=[process],
                   every=0.02)
        return records(), cpu_seconds(process.pid)

    with running(process):
        first, begin = reading(_WARM_UP)
        last, end = reading(first + count)
    lines = output.read_text().splitlines()[first:last]
    up = sum('"outcome":"up"' in line.replace(" ", "") for line in lines)
    if up < len(lines) * 0.99:
        raise Unmeasured(f"only {up} of {len(lines)} probes of {url} were up: the machine is too "
                         f"busy, or the site server fails (records: {output})")
    return (end - begin) * 1000 / (last - first)


def _bare_ms(program: str, *words) -> float:
    """CPU time a request of a bare program; `words` end with the count."""
    *before, count = words
    done = subprocess.run(
        [str(word) for word in (paths.program(program), *before, _WARM_UP, count, _APART_US)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False)
    found = re.search(r"cpu_ms=([0-9.]+)", done.stdout)
    if done.returncode != 0 or not found:
        raise Unmeasured(f"{program}: {done.stdout}{done.stderr}"[:500])
    return float(found[1])
