"""What a demo probes: five sites of its own, or those of a file of the user's."""

import json
import re
import subprocess
from pathlib import Path

from testbed.paths import program
from testbed.pki import Pki
from testbed.programs import clean_environment, write_config
from testbed.site_server import SiteServer

from .build import Failed

_TOP_KEY = re.compile(r"^([A-Za-z_]+):", re.MULTILINE)


def own_sites(server: SiteServer, pki: Pki) -> str:
    """A site of each kind, as YAML: a good one, a slow one and three that are broken."""
    sites = [
        {"name": "good", "url": server.url("/good", "https"), "regex": "ok"},
        {"name": "slow", "url": server.url("/slow?ms=120", "https"), "regex": "ok"},
        {"name": "failing", "url": server.url("/failing", "https")},
        {"name": "regexp missing", "url": server.url("/missing", "https"), "regex": "ok"},
        {"name": "expired certificate", "url": server.url("/good", "https_expired")},
    ]
    lines = [f"  - {json.dumps(site)}\n" for site in sites]
    return ("defaults: {interval: 250ms, timeout: 250ms, "
            f"ca_file: {json.dumps(str(pki.ca))}}}\nsites:\n{''.join(lines)}")


def users_sites(path: Path) -> str:
    """The sites of a file, as YAML. Raises Failed when it has none.

    The file is a picket.yaml (its defaults and sites are taken, nothing else), a YAML list of
    sites, or has a URL a line; # starts a comment.
    """
    try:
        text = path.read_text()
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from None
    blocks = _top_blocks(text)
    if "sites" in blocks:
        return blocks.get("defaults", "") + blocks["sites"]
    lines = [line for line in text.splitlines() if line.split("#")[0].strip()]
    if not lines:
        raise Failed(f"{path}: no sites in it")
    if not lines[0].startswith("-"):
        urls = [line.split(" #")[0].strip() for line in lines]
        # Named by more than the host, of which there may be several.
        lines = [f"- {json.dumps({'name': url.partition('://')[2][:128] or url, 'url': url})}"
                 for url in dict.fromkeys(urls)]
    sites = "".join(f"  {line}\n" for line in lines)
    return f"defaults: {{interval: 2s, timeout: 2s}}\nsites:\n{sites}"


def check_sites(sites: str, folder: Path) -> None:
    """Asks picket whether it can read them. Raises Failed with its answer."""
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "demo-sites.yaml"
    kafka = {"brokers": ["localhost:9094"], "topic": "t", "username": "u", "password": "p"}
    write_config(config, {"kafka": kafka}, more=sites)
    done = subprocess.run([program("picket"), "check-config", "--config", config],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=clean_environment(), check=False)
    if done.returncode != 0:
        raise Failed(f"picket does not take these sites:\n{done.stderr}")


def _top_blocks(text: str) -> dict[str, str]:
    """Top-level key -> the lines of the file from it to the next one."""
    keys = list(_TOP_KEY.finditer(text))
    ends = [key.start() for key in keys[1:]] + [len(text)]
    return {key[1]: text[key.start():end].rstrip() + "\n"
            for key, end in zip(keys, ends, strict=True)
            if not text[key.start():].startswith(("http://", "https://"))}
