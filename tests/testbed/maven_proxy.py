"""Maven behind an HTTP proxy: it does not look at http_proxy and https_proxy, so its settings say it."""

import re
import subprocess
import urllib.request
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

_NAMESPACE = "http://maven.apache.org/SETTINGS/1.0.0"


def write_settings(folder: Path) -> Path | None:
    """Global settings (for -gs): Maven's own with the environment's proxies; None without proxies.

    The user's settings, which have proxies or mirrors of their own perhaps, still go before these.
    The file may hold the proxy's password: only this user can read it, and it is to be removed.
    """
    proxies = urllib.request.getproxies_environment()
    wanted = {scheme: proxies[scheme] for scheme in ("http", "https") if proxies.get(scheme)}
    if not wanted:
        return None
    ElementTree.register_namespace("", _NAMESPACE)
    settings = _maven_settings()
    found = settings.find(f"{{{_NAMESPACE}}}proxies")
    if found is None:
        found = ElementTree.SubElement(settings, f"{{{_NAMESPACE}}}proxies")
    for scheme, url in wanted.items():
        found.append(_proxy(scheme, url, proxies.get("no", "")))
    path = folder / "maven-settings.xml"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    ElementTree.ElementTree(settings).write(path, encoding="utf-8", xml_declaration=True)
    return path


def _proxy(scheme: str, url: str, no_proxy: str) -> ElementTree.Element:
    place = urlsplit(url if "://" in url else f"http://{url}")
    values = {"id": f"environment-{scheme}", "active": "true", "protocol": scheme,
              "host": place.hostname or "", "port": str(place.port or 80)}
    if place.username:
        values |= {"username": unquote(place.username), "password": unquote(place.password or "")}
    # "a.example,.b.example" -> "a.example|*.b.example"
    names = filter(None, re.split(r"[,\s]+", no_proxy))
    direct = [f"*{name}" if name.startswith(".") else name for name in names]
    if direct:
        values["nonProxyHosts"] = "|".join(direct)
    element = ElementTree.Element(f"{{{_NAMESPACE}}}proxy")
    for name, value in values.items():
        ElementTree.SubElement(element, f"{{{_NAMESPACE}}}{name}").text = value
    return element


def _maven_settings() -> ElementTree.Element:
    """The global settings of the Maven that is installed; an administrator may have filled them."""
    said = subprocess.run(["mvn", "--version"], capture_output=True, text=True, check=False).stdout
    home = re.search(r"^Maven home: (.+?)(?:\x1b.*)?$", said, re.MULTILINE)
    own = Path(home[1]) / "conf" / "settings.xml" if home else Path("/nonexistent")
    if not own.is_file():
        return ElementTree.Element(f"{{{_NAMESPACE}}}settings")
    settings = ElementTree.parse(own).getroot()
    for element in settings.iter():  # namespaces of other versions, and none, are the same to Maven
        element.tag = f"{{{_NAMESPACE}}}{element.tag.rpartition('}')[2]}"
    return settings
