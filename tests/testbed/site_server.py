"""The site server (sites.py) as a process."""

import json
import sys
from pathlib import Path

from . import paths
from .process import Process
from .wait import wait_until


class SiteServer:
    """Serves until it is stopped. `folder` must hold pki/ (see pki.py)."""

    def __init__(self, folder: Path):
        self._ports_file = folder / "sites.json"
        self.process = Process("sites", [sys.executable, "-m", "testbed.sites", folder],
                               folder / "sites.log", cwd=paths.FILES.parent)
        self._ports: dict[str, int] = {}

    def start(self) -> None:
        self._ports_file.unlink(missing_ok=True)
        self.process.start()
        wait_until(self._ports_file.exists, "running site server", 20, alive=[self.process])
        self._ports = json.loads(self._ports_file.read_text())

    def stop(self) -> None:
        self.process.stop(3)

    def port(self, door: str) -> int:
        return self._ports[door]

    def url(self, path: str, door: str = "http") -> str:
        """`door` is http, https, https_expired, https_wrong_name or https_stranger."""
        scheme = door.split("_")[0]
        return f"{scheme}://localhost:{self._ports[door]}{path}"
