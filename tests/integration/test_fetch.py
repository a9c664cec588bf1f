"""third_party/fetch: what it accepts, refuses and says. A local HTTP server stands for upstream."""

import hashlib
import http.server
import os
import re
import subprocess
import threading
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FETCH = REPOSITORY / "third_party" / "fetch"
GOOD = b"the archive as released"
GOOD_SHA256 = hashlib.sha256(GOOD).hexdigest()
BAD = b"not the archive"
BAD_SHA256 = hashlib.sha256(BAD).hexdigest()
NOBODY_LISTENS = "http://127.0.0.1:1"


@pytest.fixture
def upstream():
    """An HTTP server with `files` (path -> bytes) that notes every path asked for in `asked`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            body = self.server.files.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.files, server.asked = {}, []
    server.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def fetch(tmp_path):
    """Runs fetch on a manifest of {name: [url, ...]}; each library's file is NAME.tar.gz with GOOD's hash."""

    def run(libraries, *names):
        manifest = tmp_path / "manifest"
        manifest.write_text(
            "\n".join(
                f"name: {name}\nversion: 1\nupstream: {GOOD_SHA256} {name}.tar.gz {' '.join(urls)}\n"
                for name, urls in libraries.items()
            )
        )
        return subprocess.run(
            [FETCH, "--manifest", manifest, *(names or ["all"])],
            env={**os.environ, "PICKET_DEPS_CACHE": str(tmp_path / "cache"), "no_proxy": "*"},
            capture_output=True,
            text=True,
            timeout=30,
        )

    run.cache = tmp_path / "cache"
    return run


def test_downloads_once_and_prints_name_hash_and_path(fetch, upstream):
    upstream.files["/demo.tar.gz"] = GOOD
    libraries = {"demo": [f"{upstream.url}/demo.tar.gz"]}

    first, second = fetch(libraries), fetch(libraries)

    assert first.returncode == second.returncode == 0, first.stderr + second.stderr
    assert first.stdout == second.stdout == f"demo {GOOD_SHA256} {fetch.cache}/demo.tar.gz\n"
    assert (fetch.cache / "demo.tar.gz").read_bytes() == GOOD
    assert upstream.asked == ["/demo.tar.gz"]


def test_refuses_a_wrong_hash_and_names_file_expected_and_got(fetch, upstream):
    upstream.files["/demo.tar.gz"] = BAD
    result = fetch({"demo": [f"{upstream.url}/demo.tar.gz"]})

    assert result.returncode == 69
    assert result.stdout == ""
    assert f"demo.tar.gz: wrong SHA-256 from {upstream.url}/demo.tar.gz" in result.stderr
    assert re.search(rf"expected +{GOOD_SHA256}", result.stderr)
    assert re.search(rf"got +{BAD_SHA256}", result.stderr)
    assert not (fetch.cache / "demo.tar.gz").exists()


def test_a_wrong_file_at_one_url_does_not_hide_the_right_one_at_the_next(fetch, upstream):
    upstream.files |= {"/mirror/demo.tar.gz": BAD, "/demo.tar.gz": GOOD}
    result = fetch({"demo": [f"{upstream.url}/mirror/demo.tar.gz", f"{upstream.url}/demo.tar.gz"]})

    assert result.returncode == 0, result.stderr
    assert (fetch.cache / "demo.tar.gz").read_bytes() == GOOD


def test_a_damaged_cache_entry_is_reported_and_fetched_again(fetch, upstream):
    upstream.files["/demo.tar.gz"] = GOOD
    fetch.cache.mkdir()
    (fetch.cache / "demo.tar.gz").write_bytes(BAD)
    result = fetch({"demo": [f"{upstream.url}/demo.tar.gz"]})

    assert result.returncode == 0, result.stderr
    assert "demo.tar.gz: the copy in" in result.stderr and "is damaged" in result.stderr
    assert (fetch.cache / "demo.tar.gz").read_bytes() == GOOD


def test_a_damaged_cache_entry_is_not_used_when_nothing_replaces_it(fetch):
    fetch.cache.mkdir()
    (fetch.cache / "demo.tar.gz").write_bytes(BAD)
    result = fetch({"demo": [f"{NOBODY_LISTENS}/demo.tar.gz"]})

    assert result.returncode == 69
    assert result.stdout == ""


def test_a_cached_file_needs_no_network(fetch):
    fetch.cache.mkdir()
    (fetch.cache / "demo.tar.gz").write_bytes(GOOD)
    result = fetch({"demo": [f"{NOBODY_LISTENS}/demo.tar.gz"]})

    assert result.returncode == 0, result.stderr
    assert "not reachable" not in result.stderr


def test_an_unreachable_host_is_tried_once_a_run(fetch):
    result = fetch({"one": [f"{NOBODY_LISTENS}/one"], "two": [f"{NOBODY_LISTENS}/two"]})

    assert result.returncode == 69
    assert result.stderr.count("not reachable") == 1


def test_what_is_missing_is_listed_with_url_and_hash_and_the_rest_is_fetched(fetch, upstream):
    upstream.files["/one"] = GOOD
    result = fetch({"one": [f"{upstream.url}/one"], "two": [f"{upstream.url}/two"]})

    assert result.returncode == 69
    assert result.stdout.startswith("one ")
    assert "could not get: two" in result.stderr
    assert re.search(rf"two\.tar\.gz +{upstream.url}/two +\(SHA-256 {GOOD_SHA256}\)", result.stderr)
    assert str(fetch.cache) in result.stderr


def test_leaves_no_temporary_files(fetch, upstream):
    upstream.files |= {"/one": GOOD, "/two": BAD}
    fetch({"one": [f"{upstream.url}/one"], "two": [f"{upstream.url}/two"]})

    assert [path.name for path in fetch.cache.iterdir()] == ["one.tar.gz"]


@pytest.mark.parametrize("arguments", [["nosuch"], ["demo", "nosuch"], ["--unknown"]])
def test_unknown_names_and_options_are_usage_errors(fetch, arguments):
    assert fetch({"demo": []}, *arguments).returncode == 64


def read_manifest():
    text = re.sub(r"^#.*\n", "", (REPOSITORY / "third_party" / "manifest").read_text(), flags=re.MULTILINE)
    stanzas = [stanza for stanza in text.strip().split("\n\n") if stanza.strip()]
    return [dict(line.split(": ", 1) for line in stanza.strip().splitlines()) for stanza in stanzas]


@pytest.mark.parametrize("library", read_manifest(), ids=lambda library: library["name"])
def test_every_manifest_entry_is_complete(library):
    assert library.keys() == {
        "name", "version", "license", "purl", "upstream", "debian", "used-by", "why", "upkeep",
    }  # fmt: skip
    for key in ("upstream", "debian"):
        sha256, file, *places = library[key].split()
        assert re.fullmatch("[0-9a-f]{64}", sha256)
        assert file.startswith(library["name"][:6])
        assert places
    assert all(url.startswith("https://") for url in library["upstream"].split()[2:])


@pytest.mark.parametrize("library", read_manifest(), ids=lambda library: library["name"])
def test_the_page_of_libraries_agrees_with_the_manifest(library):
    page = (REPOSITORY / "docs" / "third_party.md").read_text()
    row = " | ".join(library[key] for key in ("name", "version", "license", "used-by"))
    assert f"\n| {row} | " in page
    assert f"\n- **{library['name']}**: " in page
